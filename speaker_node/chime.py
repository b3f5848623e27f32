"""The chime before a bulletin: two falling bell tones, made from sine partials."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE_HZ = 22_050
"""The rate of every bulletin: what espeak-ng renders at."""

FULL_SCALE = 32_767

_NOTES_HZ = (783.99, 622.25)
"""G5 and E♭5."""
_NOTE_EVERY_S = 0.45
_RING_S = 1.2
_ATTACK_S = 0.004
_PARTIALS = ((1.0, 1.0, 0.45), (2.0, 0.5, 0.28), (2.76, 0.25, 0.16), (5.4, 0.08, 0.07))
"""Ratio to the note, loudness, decay in seconds. 2.76 and 5.4 are the second and third mode of a free bar
(Fletcher and Rossing, The Physics of Musical Instruments): they make a struck sound of it."""
_PEAK = 0.6


@cache
def chime() -> NDArray[np.int16]:
    """Return the chime: mono, int16, `RATE_HZ`, about 1.7 s; the same samples each time."""
    total = np.zeros(round(((len(_NOTES_HZ) - 1) * _NOTE_EVERY_S + _RING_S) * RATE_HZ))
    for index, note_hz in enumerate(_NOTES_HZ):
        bell = _bell(note_hz)
        begin = round(index * _NOTE_EVERY_S * RATE_HZ)
        total[begin : begin + len(bell)] += bell
    samples: NDArray[np.int16] = (total / np.abs(total).max() * _PEAK * FULL_SCALE).astype(np.int16)
    samples.setflags(write=False)
    return samples


def _bell(note_hz: float) -> NDArray[np.float64]:
    at_s = np.arange(round(_RING_S * RATE_HZ)) / RATE_HZ
    tone = np.zeros_like(at_s)
    for ratio, loudness, decay_s in _PARTIALS:
        tone += loudness * np.exp(-at_s / decay_s) * np.sin(2 * np.pi * note_hz * ratio * at_s)
    tone *= np.minimum(1.0, at_s / _ATTACK_S)
    tone *= np.minimum(1.0, (_RING_S - at_s) / 0.05)
    return tone
