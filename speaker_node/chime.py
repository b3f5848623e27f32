"""The chimes: two falling bell tones before a bulletin, two quick rising ones before a call."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from firmware_agent.voices import voice

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE_HZ = voice.RATE_HZ
"""The rate of every bulletin."""

FULL_SCALE = 32_767

_NOTES_HZ = (783.99, 622.25)
"""G5 and E♭5."""
_NOTE_EVERY_S = 0.45
_RING_S = 1.2
_CALL_NOTES_HZ = (659.26, 783.99)
"""E5 and G5: rising, so that nobody takes it for a bulletin."""
_CALL_NOTE_EVERY_S = 0.16
_CALL_RING_S = 0.5
_ATTACK_S = 0.004
_PARTIALS = ((1.0, 1.0, 0.45), (2.0, 0.5, 0.28), (2.76, 0.25, 0.16), (5.4, 0.08, 0.07))
"""Ratio to the note, loudness, decay in seconds. 2.76 and 5.4 are the second and third mode of a free bar
(Fletcher and Rossing, The Physics of Musical Instruments): they make a struck sound of it."""
_PEAK = 0.6


@cache
def chime() -> NDArray[np.int16]:
    """Return the chime: mono, int16, `RATE_HZ`, about 1.7 s; the same samples each time."""
    return _struck(_NOTES_HZ, _NOTE_EVERY_S, _RING_S)


@cache
def call_chime() -> NDArray[np.int16]:
    """Return the short chime before a number is called, about 0.7 s: heard all day, it must not tire."""
    return _struck(_CALL_NOTES_HZ, _CALL_NOTE_EVERY_S, _CALL_RING_S)


def _struck(notes_hz: tuple[float, ...], every_s: float, ring_s: float) -> NDArray[np.int16]:
    total = np.zeros(round(((len(notes_hz) - 1) * every_s + ring_s) * RATE_HZ))
    for index, note_hz in enumerate(notes_hz):
        bell = _bell(note_hz, ring_s)
        begin = round(index * every_s * RATE_HZ)
        total[begin : begin + len(bell)] += bell
    samples: NDArray[np.int16] = (total / np.abs(total).max() * _PEAK * FULL_SCALE).astype(np.int16)
    samples.setflags(write=False)
    return samples


def _bell(note_hz: float, ring_s: float) -> NDArray[np.float64]:
    at_s = np.arange(round(ring_s * RATE_HZ)) / RATE_HZ
    tone = np.zeros_like(at_s)
    for ratio, loudness, decay_s in _PARTIALS:
        tone += loudness * np.exp(-at_s / decay_s) * np.sin(2 * np.pi * note_hz * ratio * at_s)
    tone *= np.minimum(1.0, at_s / _ATTACK_S)
    tone *= np.minimum(1.0, (ring_s - at_s) / 0.05)
    return tone
