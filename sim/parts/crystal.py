"""A sound card in virtual time: its own crystal, latency and jittery clock; an hour of it passes in seconds.

It stands where PortAudio stands and is called by hand, block by block, so that the same playback that ships
can be followed over an hour of several loudspeakers, and each sample's true instant is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firmware_agent.hardware import FillBlock, OutputStream

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Crystal:
    """How one card differs from a perfect one.

    `skew_ppm`: how much longer its frames take; `latency_ms`: from asking to hearing; `jitter_ms`: its
    readings are uniformly off by at most this; `late_ms`: mean of what one call in a hundred comes late by;
    `clock_ms`: standard deviation of the device's wall clock from the truth, as chrony holds it.
    """

    skew_ppm: float = 0.0
    latency_ms: float = 100.0
    jitter_ms: float = 0.5
    late_ms: float = 4.0
    clock_ms: float = 0.1


STEADY = Crystal(jitter_ms=0.0, late_ms=0.0, clock_ms=0.0)
"""A card that runs and tells as it should."""


@dataclass
class _BlockTime:
    currentTime: float
    outputBufferDacTime: float


class VirtualCard:
    """A sound card (`firmware_agent.hardware.SoundCard`) whose blocks are asked for by `next_block`.

    card = VirtualCard(Crystal(skew_ppm=80), seed=1)
    playback = Playback(card, samples, 1.0, card.mono_ms)
    truth_ms, block = card.next_block()      # when its first frame is truly heard, and what
    """

    def __init__(self, crystal: Crystal, seed: int) -> None:
        self._crystal = crystal
        self._chance = np.random.default_rng(seed)
        self._clock_off_ms = self._chance.normal(0.0, crystal.clock_ms)
        self._asked_ms = 0.0
        """True time of the last asking."""
        self._heard_ms = crystal.latency_ms
        self._frames = 0
        self._frame_ms = 0.0
        self._fill: FillBlock | None = None

    def open_output(self, rate_hz: int, block_frames: int, fill: FillBlock) -> OutputStream:
        """Take what fills the blocks; nothing is called before `next_block`."""
        self._fill = fill
        self._frames = block_frames
        self._frame_ms = 1000 / rate_hz * (1 + self._crystal.skew_ppm * 1e-6)
        return self

    def start(self) -> None:
        """Begin: the first block is asked for at time 0."""
        self._asked_ms = 0.0

    def close(self) -> None:
        """End: no block is asked for any more."""
        self._fill = None

    def mono_ms(self) -> float:
        """Return the device's clock at the moment of the last asking."""
        return self._asked_ms + self._clock_off_ms

    def next_block(self) -> tuple[float, NDArray[np.int16]]:
        """Ask for the next block; return when its first frame is truly heard (ms), and the block."""
        if self._fill is None:
            raise RuntimeError("the output is not open")
        heard_ms = self._heard_ms
        self._asked_ms = heard_ms - self._crystal.latency_ms + self._late_ms()
        self._clock_off_ms += self._slew_ms()
        told_ms = self._crystal.latency_ms + self._chance.uniform(-1, 1) * self._crystal.jitter_ms
        out = np.zeros((self._frames, 1), np.int16)
        self._fill(out, self._frames, _BlockTime(0.0, told_ms / 1000), False)
        self._heard_ms += self._frames * self._frame_ms
        return heard_ms, out[:, 0]

    def _late_ms(self) -> float:
        return float(self._chance.exponential(self._crystal.late_ms)) if self._chance.random() < 0.01 else 0.0

    def _slew_ms(self) -> float:
        """The wall clock wanders around the truth, and is drawn back over half a minute."""
        block_s = self._frames * self._frame_ms / 1000
        pull = block_s / 30.0
        noise_ms = self._crystal.clock_ms * (2 * pull) ** 0.5
        return float(-self._clock_off_ms * pull + self._chance.normal(0.0, noise_ms))
