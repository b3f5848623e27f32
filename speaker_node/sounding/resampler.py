"""Read a sound between its samples: what lets a card follow the clock instead of its own crystal.

Each output sample is a weighted sum of its neighbours, by a windowed sinc (J. O. Smith, Digital Audio
Resampling). Ratios stay within a fraction of a percent of one, so nothing folds and no filter is needed.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

TAPS = 24
"""Neighbours that each sample is made of."""

PHASES = 1_024
"""Places between two samples that weights are kept for; between them weights are interpolated."""

KAISER_BETA = 9.0
"""Side lobes some 90 dB down: below the noise of 16 bits."""


@cache
def _weights() -> NDArray[np.float32]:
    """Return (PHASES + 1) × TAPS weights; row p is for a place p / PHASES after a sample."""
    place = np.arange(PHASES + 1)[:, None] / PHASES
    distance = np.arange(TAPS)[None, :] - (TAPS // 2 - 1) - place
    window = np.i0(KAISER_BETA * np.sqrt(np.maximum(0.0, 1 - (distance / (TAPS / 2)) ** 2)))
    weights = np.sinc(distance) * window
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def read_between(samples: NDArray[np.int16], positions: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the sound at `positions` (samples, fractions allowed); before and after it is silence."""
    if not len(samples):
        return np.zeros(len(positions), np.float32)
    whole = np.floor(positions).astype(np.int64)
    phase = (positions - whole) * PHASES
    row = np.minimum(phase.astype(np.int64), PHASES - 1)
    between = (phase - row).astype(np.float32)[:, None]
    table = _weights()
    weights = table[row] * (1 - between) + table[row + 1] * between
    near = whole[:, None] + np.arange(TAPS) - (TAPS // 2 - 1)
    inside = (near >= 0) & (near < len(samples))
    taken = samples[np.clip(near, 0, len(samples) - 1)] * inside
    return np.asarray(np.einsum("ij,ij->i", taken, weights), np.float32)
