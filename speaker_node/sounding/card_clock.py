"""The clock of a sound card, as seen from the device's clock: when each frame is heard, and how fast it runs.

A card's crystal is off by some ±100 ppm, and what PortAudio says about the time of a block is jittery: the
callback comes late, the driver counts in periods. Neighbouring loudspeakers must agree to a millisecond for
an hour, so the readings are filtered, by a Kalman filter of two states: when the next frame is heard, and
how much longer than nominal a frame takes.
"""

from __future__ import annotations

import math

import numpy as np

SKEW_MAX = 300e-6
"""Largest deviation of a card's rate from nominal that is believed; crystals are sold at ±100 ppm."""

SKEW_SIGMA = 100e-6
"""What is known of a card's rate at first."""

WANDER_PER_SQRT_S = 5e-8
"""How a crystal's rate wanders (temperature): 0.4 ppm in a minute."""

JITTER_MS = 1.0
"""The readings' jitter (standard deviation) at first, and the least that is ever believed: PulseAudio's, for
one, move in saw teeth of half a millisecond and two seconds, which must not be taken for a crystal."""

FAR_MS = 20.0
"""Readings that differ by more, several times running, tell of a gap (an underrun, a stream begun anew)."""

FAR_AFTER = 3
OUTLIER_SIGMAS = 3.0
_FORGET = 0.02
"""Weight of the newest reading in the jitter that is learnt: some 50 blocks, a second."""


class CardClock:
    """Tells when the next block is heard, in milliseconds of the clock that the readings are of.

        card = CardClock(rate_hz=22_050)
        heard_ms = card.read(reading_ms, frames)    # at each block, with what PortAudio said of it
        card.frame_ms                               # how long a frame really takes

    The first reading is believed; later ones move the estimate as much as their jitter allows.
    """

    def __init__(self, rate_hz: int) -> None:
        self._nominal_ms = 1000.0 / rate_hz
        self._skew = 0.0
        self._next_ms: float | None = None
        self._spread = np.zeros((2, 2))
        self._jitter_ms2 = JITTER_MS**2
        self._far = 0
        self._gap = False

    @property
    def frame_ms(self) -> float:
        """How long a frame takes by the reader's clock."""
        return self._nominal_ms * (1.0 + self._skew)

    @property
    def skew_ppm(self) -> float:
        """How much slower than nominal the card runs, parts per million."""
        return self._skew * 1e6

    @property
    def sigma_ms(self) -> float:
        """How sure it is when a frame is heard (standard deviation), as far as the readings can tell."""
        return math.sqrt(self._spread[0, 0])

    def read(self, reading_ms: float, frames: int) -> float:
        """Take the reading of a block that is asked for now; return when its first frame is heard."""
        heard_ms = self._heard_ms(reading_ms)
        self._predict(heard_ms, frames)
        return heard_ms

    def _heard_ms(self, reading_ms: float) -> float:
        if self._next_ms is None:
            self._spread = np.diag([self._jitter_ms2, SKEW_SIGMA**2])
            return reading_ms
        off_ms = reading_ms - self._next_ms
        self._far = self._far + 1 if abs(off_ms) > FAR_MS else 0
        if self._gap or self._far >= FAR_AFTER:
            return self._elsewhere(reading_ms)
        return self._next_ms if self._far else self._corrected(self._next_ms, off_ms)

    def gap(self) -> None:
        """Take note that frames were lost: the next reading says anew where the card stands."""
        self._gap = True

    def _elsewhere(self, reading_ms: float) -> float:
        """After a gap the card stands elsewhere, but its crystal is the same."""
        self._far = 0
        self._gap = False
        self._spread = np.diag([self._jitter_ms2, self._spread[1, 1]])
        return reading_ms

    def _corrected(self, next_ms: float, off_ms: float) -> float:
        expected_ms2 = self._spread[0, 0] + self._jitter_ms2
        bound_ms = OUTLIER_SIGMAS * math.sqrt(expected_ms2)
        off_ms = min(max(off_ms, -bound_ms), bound_ms)
        gain = self._spread[:, 0] / expected_ms2
        self._skew = min(max(self._skew + float(gain[1]) * off_ms, -SKEW_MAX), SKEW_MAX)
        self._jitter_ms2 = max(JITTER_MS**2, self._jitter_ms2 + _FORGET * (off_ms**2 - self._jitter_ms2))
        self._spread = self._spread - np.outer(gain, self._spread[0])
        return next_ms + float(gain[0]) * off_ms

    def _predict(self, heard_ms: float, frames: int) -> None:
        """Expect the next block when this one has sounded."""
        self._next_ms = heard_ms + frames * self.frame_ms
        span_ms = frames * self._nominal_ms
        move = np.array([[1.0, span_ms], [0.0, 1.0]])
        self._spread = move @ self._spread @ move.T
        self._spread[1, 1] += WANDER_PER_SQRT_S**2 * span_ms / 1000.0
