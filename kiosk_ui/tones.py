"""Short sounds of a kiosk, made of sine tones: an answer was taken, or it was not."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

from firmware_agent.voices import voice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE_HZ = voice.RATE_HZ
"""As speech, so that one stream plays both."""

Tone = Literal["taken", "failed"]
TONES: tuple[Tone, ...] = ("taken", "failed")

_NOTES_HZ: dict[Tone, tuple[float, ...]] = {"taken": (659.26, 987.77), "failed": (220.0, 196.0)}
"""E5 and B5, rising; A3 and G3, falling. The same for every answer: nobody beside hears what was pressed."""
_NOTE_S = 0.14
_FADE_S = 0.008
_PEAK = 0.5


@cache
def tone(name: Tone) -> NDArray[np.int16]:
    """Return the sound: mono int16 at `RATE_HZ`, about 0.3 s."""
    import numpy as np

    at_s = np.arange(round(_NOTE_S * RATE_HZ)) / RATE_HZ
    swell = np.minimum(1.0, np.minimum(at_s, _NOTE_S - at_s) / _FADE_S)
    notes = [np.sin(2 * np.pi * note_hz * at_s) * swell for note_hz in _NOTES_HZ[name]]
    samples: NDArray[np.int16] = (np.concatenate(notes) * _PEAK * 32_767).astype(np.int16)
    return samples
