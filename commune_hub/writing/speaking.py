"""What the loudspeakers say for a text, and in what voice: alike in the office and at every device."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from firmware_agent.settings import SettingsError
from firmware_agent.voices.settings import open_voice
from firmware_agent.voices.spare import SpareVoice
from firmware_agent.voices.voice import Voice
from provisioning.plan import HubConfig
from speaker_node.reading.abbreviations import AbbreviationsError, load_own
from speaker_node.vietnamese import Vietnamese
from wire.intents import SPOKEN_MAX

SAID_KEPT_MAX = 256
"""Most texts whose words are remembered: those of four full programmes."""

OTHERS_SHOWN = 8
"""Most loudspeakers that a note names."""


def open_vietnamese(config: HubConfig) -> Vietnamese:
    """Return the reader with the commune's own abbreviations; raises SettingsError naming every mistake."""
    own = config.speech.abbreviations
    if own is None:
        return Vietnamese()
    try:
        return Vietnamese(load_own(config.root / own))
    except AbbreviationsError as error:
        raise SettingsError("hub.toml: speech.abbreviations", [str(error)]) from None


def open_speech(config: HubConfig) -> Voice:
    """Return the voice that staff hear; raises SettingsError naming all that is wrong with its file."""
    try:
        return open_voice(config.speech, config.root)
    except SettingsError as error:
        raise SettingsError("hub.toml: speech.voice_file", error.mistakes) from None


def voice_notes(voice: Voice, speakers: Mapping[str, str]) -> list[str]:
    """Return what staff should know of what they hear, in lines: who sounds other than `voice` does.

    `speakers`: the name of the voice that each loudspeaker told of.
    """
    notes = []
    if isinstance(voice, SpareVoice) and voice.problem:
        notes.append(f"Giọng riêng của xã hỏng, nghe thử bằng espeak-ng: {voice.problem}")
    others = [device for device, name in sorted(speakers.items()) if name not in ("", voice.name)]
    if others:
        more = f" và {len(others) - OTHERS_SHOWN} cụm khác" if len(others) > OTHERS_SHOWN else ""
        told = ", ".join(others[:OTHERS_SHOWN])
        notes.append(f"Đọc bằng giọng khác giọng nghe thử (other voice than heard here): {told}{more}")
    return notes


def programme_words(vietnamese: Vietnamese) -> Callable[[str], str]:
    """Return what says texts for programmes; empty for more words than a bulletin holds.

    What was said is remembered, since programmes are composed all day.
    """

    @lru_cache(maxsize=SAID_KEPT_MAX)
    def say(text: str) -> str:
        words = vietnamese.spoken(text)
        return words if len(words) <= SPOKEN_MAX else ""

    return say
