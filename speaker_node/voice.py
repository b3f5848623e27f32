"""Voices, as the loudspeakers use them: the machinery is the agent's, since kiosks speak too."""

from __future__ import annotations

from firmware_agent.voices.voice import (
    DEFAULT_PAUSE_MS,
    DEFAULT_VOICE,
    DEFAULT_WORDS_PER_MINUTE,
    ChildVoice,
    UnspeakableError,
    Voice,
    espeak_voice,
    read_speech,
)

__all__ = [
    "DEFAULT_PAUSE_MS",
    "DEFAULT_VOICE",
    "DEFAULT_WORDS_PER_MINUTE",
    "ChildVoice",
    "UnspeakableError",
    "Voice",
    "espeak_voice",
    "read_speech",
]
