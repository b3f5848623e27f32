"""Say what is too urgent to be rendered first: the chime sounds while the first sentence is rendered."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from firmware_agent.voices.sentences import EDGE_S, ENDS
from speaker_node.arrangement import PAUSE_S, REPEAT_PAUSE_S
from speaker_node.chime import RATE_HZ, chime
from speaker_node.sounding.reel import Put
from speaker_node.speech import SAID_MAX, speak
from speaker_node.voice import UnspeakableError, Voice

SENTENCE_MIN = 40
"""Shorter sentences are said together with the next one: each costs a start of the engine."""

SENTENCE_MAX = 300
"""Longer ones are broken at a space: the village shall not wait for them."""

BREATH_S = 0.25
"""Longest pause where a part ends within a sentence."""

_ENDS = re.compile(r"(?<=[.?!;:])\s+")


def sentences(said: str) -> list[str]:
    """Return `said` in parts that are rendered one by one, each with something to read."""
    parts: list[str] = []
    for sentence in _ENDS.split(said):
        for part in _broken(sentence):
            if parts and len(parts[-1]) < SENTENCE_MIN:
                parts[-1] = f"{parts[-1]} {part}"
            else:
                parts.append(part)
    return [part for part in parts if any(letter.isalpha() for letter in part)]


def saying(said: str, voice: Voice, pause_ms: int, *, chimes: bool, repeats: int) -> Callable[[Put], None]:
    """Return what brings the words to a reel, as they are rendered; raises UnspeakableError there.

    `pause_ms` is between sentences, as in what is rendered whole.
    """

    def bring(put: Put) -> None:
        if len(said) > SAID_MAX or not any(letter.isalpha() for letter in said):
            raise UnspeakableError(f"{len(said)} characters without words, or more than {SAID_MAX}")
        if chimes and not (put(chime()) and put(_silence(PAUSE_S))):
            return
        body = []
        for sentence in sentences(said):
            body.append(np.concatenate([speak(sentence, voice), _silence(_pause_s(sentence, pause_ms))]))
            if not put(body[-1]):
                return
        for _ in range(repeats - 1):
            if not (put(_silence(REPEAT_PAUSE_S)) and all(map(put, body))):
                return

    return bring


def _pause_s(part: str, pause_ms: int) -> float:
    """Return the silence after a part; what the voice left at its ends is a part of the pause."""
    pause_s = pause_ms / 1000 if part.endswith(ENDS) else min(BREATH_S, pause_ms / 1000)
    return max(0.0, pause_s - 2 * EDGE_S)


def _broken(sentence: str) -> list[str]:
    parts = []
    while len(sentence) > SENTENCE_MAX:
        at = sentence.rfind(" ", 1, SENTENCE_MAX)
        at = at if at > 0 else SENTENCE_MAX
        parts.append(sentence[:at])
        sentence = sentence[at:].lstrip()
    return [*parts, sentence]


def _silence(length_s: float) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.zeros(round(length_s * RATE_HZ), np.int16)
