"""A virtual sound card: keeps time like a real one, and writes all that it sounded to `heard.wav`.

Sample n of `heard.wav` sounded `t0 + n / rate` seconds after the start of the run; `heard.json` holds both. A
node that was restarted continues the same file, and the pause is silence in it, so the time line stays true.
"""

from __future__ import annotations

import json
import logging
import os
import struct
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from firmware_agent.hardware import FillBlock, HardwareError, OutputStream

if TYPE_CHECKING:
    from numpy.typing import NDArray

LATENCY_S = 0.1
"""Sound is asked for this long before it is heard, as with PortAudio's larger latency on ALSA."""

HEARD_MAX_BYTES = 2**32 - 64
"""A WAV's sizes are 32 bits: 27 hours at 22,050 Hz. What sounds after that is not kept."""

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_FRAME_BYTES = 2

log = logging.getLogger(__name__)


@dataclass
class _BlockTime:
    """What PortAudio tells the callback, in seconds of the stream's clock."""

    currentTime: float
    outputBufferDacTime: float


class HeardFile:
    """A growing mono 16-bit WAV on a time line. Its header is right at any moment, also after SIGKILL.

    heard = HeardFile(Path("heard.wav"), rate_hz=22_050, now_s=3.2)
    heard.write(heard.frame_at(3.5), samples)     # whatever lies between is silence
    """

    def __init__(self, path: Path, rate_hz: int, now_s: float) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        about = path.with_suffix(".json")
        if not (path.exists() and about.exists()):
            _replace(about, json.dumps({"t0": round(now_s, 6), "rate": rate_hz}).encode())
            _replace(path, _header(rate_hz, 0))
        told = json.loads(about.read_text(encoding="utf-8"))
        self.t0_s: float = told["t0"]
        self.rate_hz: int = told["rate"]
        if self.rate_hz != rate_hz:
            raise HardwareError(f"card âm thanh chạy ở (this sound card runs at) {self.rate_hz} Hz")
        self._file = os.open(path, os.O_RDWR)
        # Sound may stand behind what the header names: the process was killed between the two writes.
        self._frames = (os.fstat(self._file).st_size - _HEADER.size) // _FRAME_BYTES

    def frame_at(self, now_s: float) -> int:
        """Return the first frame that sounds at or after `now_s`."""
        return int(np.ceil((now_s - self.t0_s) * self.rate_hz - 1e-6))

    def second_of(self, frame: int) -> float:
        """Return when `frame` sounds, in seconds since the start of the run."""
        return self.t0_s + frame / self.rate_hz

    def write(self, frame: int, samples: NDArray[np.int16]) -> None:
        """Put `samples` at `frame`; raises ValueError for a frame that has sounded already."""
        if frame < self._frames:
            raise ValueError(f"frame {frame} has sounded; the file is at {self._frames}")
        at = _HEADER.size + frame * _FRAME_BYTES
        if at + samples.nbytes > HEARD_MAX_BYTES:
            return
        os.pwrite(self._file, samples.astype("<i2").tobytes(), at)
        self._extend(frame + len(samples))

    def pad(self, now_s: float) -> None:
        """Fill with silence up to `now_s`; costs nothing, since the file system keeps no zeros."""
        frame = self.frame_at(now_s)
        if frame > self._frames and _HEADER.size + frame * _FRAME_BYTES <= HEARD_MAX_BYTES:
            os.ftruncate(self._file, _HEADER.size + frame * _FRAME_BYTES)
            self._extend(frame)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _extend(self, frames: int) -> None:
        """Name `frames` in the header, after they are in the file."""
        self._frames = frames
        os.pwrite(self._file, _header(self.rate_hz, frames * _FRAME_BYTES), 0)


class SimSoundCard:
    """A sound card with one output (`firmware_agent.hardware.SoundCard`).

        card = SimSoundCard(directory / "heard.wav", since_s)
        stream = card.open_output(22_050, 512, fill)
        stream.start()
        stream.close()
        card.unplugged = True     # no output opens, and one that runs stops asking for sound

    `since_s` returns the seconds since the start of the run, from a monotonic clock.
    """

    def __init__(self, heard: Path, since_s: Callable[[], float]) -> None:
        self._heard = heard
        self._since_s = since_s
        self._stream: _SimStream | None = None
        self.unplugged = False
        """Whether the card is gone."""

    def open_output(self, rate_hz: int, block_frames: int, fill: FillBlock) -> OutputStream:
        """Open the output; raises HardwareError when the card is gone, busy, or runs at another rate."""
        if self.unplugged:
            raise HardwareError("không thấy card âm thanh (no sound card)")
        if self._stream is not None and not self._stream.closed:
            raise HardwareError("card âm thanh đang bận (the sound card is busy)")
        heard = HeardFile(self._heard, rate_hz, self._since_s())
        heard.pad(self._since_s())
        self._stream = _SimStream(self, heard, block_frames, fill, self._since_s)
        return self._stream


class _SimStream:
    """A running output: asks for each block `LATENCY_S` before it is heard, writes it when it was heard."""

    def __init__(
        self,
        card: SimSoundCard,
        heard: HeardFile,
        block_frames: int,
        fill: FillBlock,
        since_s: Callable[[], float],
    ) -> None:
        self._card = card
        self._heard = heard
        self._block_frames = block_frames
        self._fill = fill
        self._since_s = since_s
        self._buffered: deque[tuple[int, NDArray[np.int16]]] = deque()
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
        self._heard.pad(self._since_s())
        self._heard.close()

    def _run(self) -> None:
        try:
            self._pace()
        except Exception:
            log.exception("the sound callback failed; the stream stands still, as PortAudio's would")

    def _pace(self) -> None:
        frame = self._heard.frame_at(self._since_s() + LATENCY_S)
        while not self._stop.wait(self._heard.second_of(frame) - LATENCY_S - self._since_s()):
            if self._card.unplugged:
                return
            now_s = self._since_s()
            late = now_s > self._heard.second_of(frame)
            if late:  # an underrun: the gap is silence, the sound goes on after it
                frame = self._heard.frame_at(now_s + LATENCY_S)
            block = np.zeros((self._block_frames, 1), np.int16)
            self._fill(block, self._block_frames, _BlockTime(now_s, self._heard.second_of(frame)), late)
            self._buffered.append((frame, block[:, 0]))
            frame += self._block_frames
            self._sound_until(now_s)

    def _sound_until(self, now_s: float, *, cut: bool = False) -> None:
        """Write the blocks that were heard by `now_s`, and with `cut` the heard part of the last one."""
        heard_to = self._heard.frame_at(now_s)
        while self._buffered and self._buffered[0][0] + self._block_frames <= heard_to:
            self._heard.write(*self._buffered.popleft())
        if cut and self._buffered and self._buffered[0][0] < heard_to:
            frame, block = self._buffered[0]
            self._heard.write(frame, block[: heard_to - frame])


def _header(rate_hz: int, data_bytes: int) -> bytes:
    """Return the 44 bytes before the samples of a mono 16-bit WAV."""
    rest = _HEADER.size - 8
    sizes = (b"RIFF", rest + data_bytes, b"WAVE", b"fmt ", 16)
    form = (1, 1, rate_hz, rate_hz * _FRAME_BYTES, _FRAME_BYTES, 16)
    return _HEADER.pack(*sizes, *form, b"data", data_bytes)


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(content)
    temporary.replace(path)
