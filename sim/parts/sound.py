"""A virtual sound card: runs at its own pace like a real one, and writes all that it sounded to `heard.wav`.

Its crystal is off, it tells the time of a block with jitter, it loses blocks, it is pulled out and comes
back, its amplifier dies or is turned up too far. `heard.wav` is what an ear with a true clock hears of that
(`sim.parts.heard`): what a slow card draws out is drawn out there.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from firmware_agent.hardware import FillBlock, HardwareError, OutputStream
from sim.parts.crystal import STEADY, Crystal
from sim.parts.heard import HeardFile
from speaker_node.sounding.resampler import TAPS, read_between

if TYPE_CHECKING:
    from numpy.typing import NDArray

FULL_SCALE = 32_767

log = logging.getLogger(__name__)


@dataclass
class _BlockTime:
    """What PortAudio tells the callback, in seconds of the stream's clock."""

    currentTime: float
    outputBufferDacTime: float


@dataclass(frozen=True)
class _Block:
    """A block that was asked for: when its first frame is heard, in seconds of the run, and what."""

    heard_s: float
    frames: NDArray[np.int16]
    gain: float
    """What the amplifier makes of it: 0 when it is dead, above 1 when it is turned up."""
    horn: bool
    """Whether what the amplifier makes reaches the air."""


class SimSoundCard:
    """A sound card with one output (`firmware_agent.hardware.SoundCard`).

        card = SimSoundCard(directory / "heard.wav", since_s, Crystal(skew_ppm=80))
        stream = card.open_output(22_050, 512, fill)
        stream.start()
        stream.close()
        card.unplugged = True     # no output opens, and one that runs stops asking for sound
        card.gain = 0.0           # the amplifier is dead; the card knows nothing of it
        card.horn = False         # the horn is gone: the voltage stands at its clamps, and nothing sounds
        card.lose(0.3)            # an underrun: so many seconds of silence

    `since_s` returns the seconds since the start of the run, from a monotonic clock. `clamps`, if given, is
    another file like `heard`: the voltage that the amplifier puts out, for a sense line.
    """

    def __init__(
        self,
        heard: Path,
        since_s: Callable[[], float],
        crystal: Crystal = STEADY,
        seed: int = 0,
        clamps: Path | None = None,
    ) -> None:
        self._heard = heard
        self._clamps = clamps
        self._since_s = since_s
        self._stream: _SimStream | None = None
        self._lost_s = 0.0
        self.crystal = crystal
        self.chance = np.random.default_rng(seed)
        self.unplugged = False
        """Whether the card is gone."""
        self.gain = 1.0
        """What comes out of the loudspeaker of what goes in; it clips at full scale."""
        self.horn = True
        """Whether the horn hangs on its wire."""

    def open_output(self, rate_hz: int, block_frames: int, fill: FillBlock) -> OutputStream:
        """Open the output; raises HardwareError when the card is gone, busy, or runs at another rate."""
        if self.unplugged:
            raise HardwareError("không thấy card âm thanh (no sound card)")
        if self._stream is not None and not self._stream.closed:
            raise HardwareError("card âm thanh đang bận (the sound card is busy)")
        self._stream = _SimStream(self, self._lines(rate_hz), block_frames, fill, self._since_s)
        return self._stream

    def _lines(self, rate_hz: int) -> list[HeardFile]:
        """Open what is written down: what sounds in the air, then the clamps' voltage, if asked for."""
        now_s = self._since_s()
        lines = [HeardFile(each, rate_hz, now_s) for each in (self._heard, self._clamps) if each is not None]
        for line in lines:
            line.pad(now_s)
        return lines

    def lose(self, lost_s: float) -> None:
        """Let the stream that runs underrun once: the next block is heard so many seconds later."""
        self._lost_s += lost_s

    def take_lost_s(self) -> float:
        """Return what is to be lost now, once."""
        lost_s, self._lost_s = self._lost_s, 0.0
        return lost_s


class _SimStream:
    """A running output: asks for each block a latency before it is heard, writes it when it was heard."""

    def __init__(
        self,
        card: SimSoundCard,
        lines: list[HeardFile],
        block_frames: int,
        fill: FillBlock,
        since_s: Callable[[], float],
    ) -> None:
        self._card = card
        self._lines = lines
        self._heard = lines[0]
        self._block_frames = block_frames
        self._frame_s = (1 + card.crystal.skew_ppm * 1e-6) / self._heard.rate_hz
        self._latency_s = card.crystal.latency_ms / 1000
        self._fill = fill
        self._since_s = since_s
        self._buffered: deque[_Block] = deque()
        self._before = np.zeros(TAPS, np.int16)
        """The last frames that were heard: they ring on in the first of the next."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sim-sound", daemon=True)
        self.closed = False

    def start(self) -> None:
        """Begin to call for blocks."""
        self._thread.start()

    def close(self) -> None:
        """End the stream at once: what was not heard yet never is."""
        if self.closed:
            return
        self.closed = True
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._sound_until(self._since_s(), cut=True)
        for line in self._lines:
            line.pad(self._since_s())
            line.close()

    def _run(self) -> None:
        try:
            self._pace()
        except Exception:
            log.exception("the sound callback failed; the stream stands still, as PortAudio's would")

    def _pace(self) -> None:
        heard_s = self._from_now()
        while not self._stop.wait(heard_s - self._latency_s + self._late_s() - self._since_s()):
            now_s = self._since_s()
            if self._card.unplugged:
                self._sound_until(now_s, cut=True)
                return
            lost_s = self._card.take_lost_s()
            late = now_s > heard_s
            if late:  # an underrun: the gap is silence, the sound goes on after it
                heard_s = self._from_now()
            heard_s += lost_s
            block = np.zeros((self._block_frames, 1), np.int16)
            told = _BlockTime(now_s, heard_s + self._off_s())
            self._fill(block, self._block_frames, told, late or lost_s > 0)
            self._buffered.append(_Block(heard_s, block[:, 0], self._card.gain, self._card.horn))
            heard_s += self._block_frames * self._frame_s
            self._sound_until(now_s)

    def _from_now(self) -> float:
        """Return when a block that is asked for now will be heard: on a sample of the time line."""
        return self._heard.second_of(self._heard.frame_at(self._since_s() + self._latency_s))

    def _late_s(self) -> float:
        """How late this callback comes, as a busy machine's do now and then."""
        chance, late_ms = self._card.chance, self._card.crystal.late_ms
        return float(chance.exponential(late_ms)) / 1000 if late_ms and chance.random() < 0.01 else 0.0

    def _off_s(self) -> float:
        jitter_ms = self._card.crystal.jitter_ms
        return float(self._card.chance.uniform(-jitter_ms, jitter_ms)) / 1000 if jitter_ms else 0.0

    def _sound_until(self, now_s: float, *, cut: bool = False) -> None:
        """Write the blocks that were heard by `now_s`, and with `cut` the heard part of the last one."""
        lasts_s = self._block_frames * self._frame_s
        while self._buffered and self._buffered[0].heard_s + lasts_s <= now_s:
            self._write(self._buffered.popleft(), np.inf)
        if cut and self._buffered and self._buffered[0].heard_s < now_s:
            self._write(self._buffered[0], now_s)
        if cut:
            self._buffered.clear()

    def _write(self, block: _Block, until_s: float) -> None:
        """Put what was heard of a block by `until_s` onto the true time line."""
        first = self._heard.frame_at(block.heard_s)
        end = self._heard.frame_at(min(block.heard_s + self._block_frames * self._frame_s, until_s))
        samples = block.frames
        if self._card.crystal.skew_ppm:
            near = np.concatenate([self._before, samples, self._after(block)])
            at_s = self._heard.second_of(first) - block.heard_s
            step = 1 / (self._heard.rate_hz * self._frame_s)
            positions = TAPS + at_s / self._frame_s + step * np.arange(max(0, end - first), dtype=np.float64)
            samples = np.rint(read_between(near, positions)).astype(np.int16)
        self._before = block.frames[-TAPS:]
        loud = np.clip(samples[: max(0, end - first)] * block.gain, -FULL_SCALE - 1, FULL_SCALE)
        voltage = loud.astype(np.int16)
        self._heard.write(first, voltage if block.horn else np.zeros_like(voltage))
        for line in self._lines[1:]:
            line.write(line.frame_at(self._heard.second_of(first)), voltage)

    def _after(self, block: _Block) -> NDArray[np.int16]:
        """The first frames of the next block, where it follows without a gap."""
        coming = self._buffered[0] if self._buffered else None
        if (
            coming is None
            or coming is block
            or coming.heard_s - block.heard_s > 1.5 * self._block_frames * self._frame_s
        ):
            return np.zeros(TAPS, np.int16)
        return coming.frames[:TAPS]
