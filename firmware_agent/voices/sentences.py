"""Sentences of a spoken text: said one by one, and put together again with pauses of a set length.

espeak-ng takes a full stop before a small letter for none, and what is read aloud here stands in small
letters: rendered in one piece, 0.07 s lie between two sentences (measured, espeak-ng 1.51).

Without numpy, whose loading would take as long as a sentence.
"""

from __future__ import annotations

import re
import wave
from collections.abc import Sequence

ENDS = (".", "?", "!", "…")
"""What a sentence ends with, before a space."""

QUIET = 250
"""Samples up to this (of 32,767) at the ends of what a voice renders are silence."""

EDGE_S = 0.03
"""So much silence stays, or is put, at the ends of a sentence."""

_BETWEEN = re.compile(r"(?<=[.?!…])\s+")
_BYTES = 2


def sentences(text: str) -> list[str]:
    """Return the sentences of `text` that have something to say; at least one: the text itself."""
    said = [each for each in _BETWEEN.split(text.strip()) if any(map(str.isalnum, each))]
    return said or [text]


def joined(parts: Sequence[memoryview], rate_hz: int, pause_ms: int) -> bytes:
    """Return sentences (int16) one after the other, `pause_ms` of silence between the sounds of two."""
    edge = bytes(_BYTES * round(EDGE_S * rate_hz))
    pause = bytes(_BYTES * round(max(0.0, pause_ms / 1000 - 2 * EDGE_S) * rate_hz))
    return pause.join(edge + part[slice(*loud_span(part))].tobytes() + edge for part in parts)


def loud_span(samples: memoryview) -> tuple[int, int]:
    """Return where the sound begins and ends between the silences around it; all where there is none."""
    places = range(len(samples))
    begin = next((place for place in places if abs(samples[place]) > QUIET), None)
    if begin is None:
        return 0, len(samples)
    return begin, next(place for place in reversed(places) if abs(samples[place]) > QUIET) + 1


def write_wav(path: str, samples: bytes, rate_hz: int) -> None:
    """Write mono int16 samples as a WAV file."""
    with wave.open(path, "wb") as file:
        file.setparams((1, _BYTES, rate_hz, 0, "NONE", "not compressed"))
        file.writeframes(samples)


def read_wav(path: str) -> tuple[memoryview, int]:
    """Return the samples of a mono int16 WAV file, and their rate."""
    with wave.open(path, "rb") as file:
        return memoryview(file.readframes(file.getnframes())).cast("h"), file.getframerate()
