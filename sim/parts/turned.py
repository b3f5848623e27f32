"""A loudspeaker's clock and sound card whose time is turned by hand: a week of it passes in a minute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from firmware_agent.hardware import FillBlock, HardwareError, OutputStream
from sim.parts.crystal import Crystal

APART_MS = 3_000.0
"""Silence that is longer ends a sounding: a bulletin pauses for a second between one time and the next."""


class TurnedClock:
    """A device's clock (`firmware_agent.clock.Clock`), synchronised, that stands until it is turned."""

    boot = "turned"

    def __init__(self, wall_ms: int) -> None:
        self._wall_at_boot_ms = wall_ms
        self._mono_ms = 0.0

    def wall_ms(self) -> int:
        """Return UTC milliseconds."""
        return int(self._wall_at_boot_ms + self._mono_ms)

    def mono_ms(self) -> int:
        """Return milliseconds since boot."""
        return int(self._mono_ms)

    def exact_mono_ms(self) -> float:
        """Return milliseconds since boot, in fractions."""
        return self._mono_ms

    def wall_ahead_ms(self) -> float:
        """Return how far wall time is ahead of the time since boot."""
        return float(self._wall_at_boot_ms)

    def synced(self) -> bool:
        """Always."""
        return True

    def held_over_ms(self) -> int:
        """Its time service never falls silent."""
        return 0

    def turn_to(self, mono_ms: float) -> None:
        """Let time pass up to `mono_ms`; it never goes back."""
        self._mono_ms = max(self._mono_ms, mono_ms)


@dataclass
class Heard:
    """A stretch of sound, in UTC milliseconds."""

    start_ms: float
    end_ms: float


@dataclass
class _BlockTime:
    currentTime: float
    outputBufferDacTime: float


class TurnedCard:
    """A sound card (`firmware_agent.hardware.SoundCard`) that asks for its blocks while time is turned.

        card = TurnedCard(clock, Crystal(skew_ppm=40), seed=1, ready=lambda frames: …)
        card.turn_to(mono_ms)       # turns the clock, block by block where an output is open
        card.heard                  # every stretch of sound, by true time

    `ready(frames)` is called before each block with how many were asked for of this output, and returns when
    what brings the sound, in real time, is so far.
    """

    def __init__(self, clock: TurnedClock, crystal: Crystal, seed: int, ready: Callable[[int], None]) -> None:
        self.heard: list[Heard] = []
        self._clock = clock
        self._crystal = crystal
        self._chance = np.random.default_rng(seed)
        self._ready = ready
        self._fill: FillBlock | None = None
        self._frame_ms = 0.0
        self._block_frames = 0
        self._heard_ms = 0.0
        self._asked = 0

    def open_output(self, rate_hz: int, block_frames: int, fill: FillBlock) -> OutputStream:
        """Open the output; raises HardwareError while another is open."""
        if self._fill is not None:
            raise HardwareError("card âm thanh đang bận (the sound card is busy)")
        self._frame_ms = 1000 / rate_hz * (1 + self._crystal.skew_ppm * 1e-6)
        self._block_frames = block_frames
        self._fill = fill
        return self

    def start(self) -> None:
        """Begin: what is asked for now is heard after the card's latency."""
        self._asked = 0
        self._heard_ms = self._clock.exact_mono_ms() + self._crystal.latency_ms

    def close(self) -> None:
        """End the stream; what was asked for and is not heard yet never is."""
        self._fill = None
        now_ms = self._clock.wall_ahead_ms() + self._clock.exact_mono_ms()
        if self.heard:
            self.heard[-1].end_ms = min(self.heard[-1].end_ms, now_ms)
            if self.heard[-1].start_ms >= now_ms:
                self.heard.pop()

    def turn_to(self, mono_ms: float) -> None:
        """Let time pass up to `mono_ms`."""
        while self._fill is not None and self._heard_ms - self._crystal.latency_ms <= mono_ms:
            self._clock.turn_to(self._heard_ms - self._crystal.latency_ms)
            self._ask(self._fill)
        self._clock.turn_to(mono_ms)

    def _ask(self, fill: FillBlock) -> None:
        self._ready(self._asked)
        block = np.zeros((self._block_frames, 1), np.int16)
        off_ms = self._chance.uniform(-1, 1) * self._crystal.jitter_ms
        told = _BlockTime(0.0, (self._crystal.latency_ms + off_ms) / 1000)
        fill(block, self._block_frames, told, False)
        sounding = np.flatnonzero(block[:, 0])
        if len(sounding):
            at_ms = self._clock.wall_ahead_ms() + self._heard_ms + sounding[[0, -1]] * self._frame_ms
            self._hear(float(at_ms[0]), float(at_ms[1]))
        self._heard_ms += self._block_frames * self._frame_ms
        self._asked += self._block_frames

    def _hear(self, start_ms: float, end_ms: float) -> None:
        if self.heard and start_ms - self.heard[-1].end_ms < APART_MS:
            self.heard[-1].end_ms = end_ms
        else:
            self.heard.append(Heard(start_ms, end_ms))
