"""Listen to what a virtual loudspeaker sounded: when it sounded and when it was silent.

Independent of the player: it knows only the wave file and when its first sample was heard.
"""

from __future__ import annotations

import json
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WINDOW_S = 0.01
LOUD_RMS = 120.0
"""Root mean square of 16-bit samples from which a window counts as sound; silence is all zeros."""
PAUSE_S = 1.5
"""Silence within speech up to this long does not end it."""
SHORTEST_S = 0.1
"""Shorter sound is still sound where silence is due, but no bulletin."""


@dataclass(frozen=True)
class Sounding:
    """A stretch of sound, in seconds since the run's start."""

    start_s: float
    end_s: float

    @property
    def lasts_s(self) -> float:
        """How long it lasts."""
        return self.end_s - self.start_s


def soundings(samples: NDArray[np.int16], rate_hz: int, t0_s: float) -> list[Sounding]:
    """Return the stretches of sound in `samples`, of which the first was heard at `t0_s`."""
    window = max(1, round(WINDOW_S * rate_hz))
    whole = samples[: len(samples) // window * window].reshape(-1, window).astype(np.float64)
    loud = np.flatnonzero(np.sqrt((whole**2).mean(axis=1)) > LOUD_RMS)
    if not len(loud):
        return []
    breaks = np.flatnonzero(np.diff(loud) > PAUSE_S / WINDOW_S)
    starts = loud[np.concatenate(([0], breaks + 1))]
    ends = loud[np.concatenate((breaks, [len(loud) - 1]))]
    step_s = window / rate_hz
    return [
        Sounding(t0_s + float(start) * step_s, t0_s + float(end + 1) * step_s)
        for start, end in zip(starts, ends, strict=True)
    ]


def listen(directory: Path) -> list[Sounding]:
    """Return the stretches of sound in `heard.wav` of a loudspeaker's directory; none when it never sounded.

    Raises ValueError for files that are not what they should be.
    """
    path = directory / "heard.wav"
    if not path.exists():
        return []
    try:
        about = json.loads((directory / "heard.json").read_text(encoding="utf-8"))
        samples, rate_hz = read_wave(path)
        return soundings(samples, rate_hz, float(about["t0"]))
    except (OSError, EOFError, KeyError, TypeError, wave.Error) as error:
        raise ValueError(f"{path}: {error}") from None


def read_wave(path: Path) -> tuple[NDArray[np.int16], int]:
    """Return the samples of a mono 16-bit file and its rate in Hz; raises wave.Error, OSError."""
    with wave.open(str(path), "rb") as file:
        if file.getnchannels() != 1 or file.getsampwidth() != 2:
            raise wave.Error("not mono 16 bit")
        return np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16), file.getframerate()
