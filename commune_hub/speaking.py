"""What the loudspeakers say for a text: read with the commune's own abbreviations, alike at every device."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from firmware_agent.settings import SettingsError
from provisioning.plan import HubConfig
from speaker_node.reading.abbreviations import AbbreviationsError, load_own
from speaker_node.vietnamese import Vietnamese
from wire.intents import SPOKEN_MAX

SAID_KEPT_MAX = 256
"""Most texts whose words are remembered: those of four full programmes."""


def open_vietnamese(config: HubConfig) -> Vietnamese:
    """Return the reader with the commune's own abbreviations; raises SettingsError naming every mistake."""
    own = config.speech.abbreviations
    if own is None:
        return Vietnamese()
    try:
        return Vietnamese(load_own(config.root / own))
    except AbbreviationsError as error:
        raise SettingsError("hub.toml: speech.abbreviations", [str(error)]) from None


def programme_words(vietnamese: Vietnamese) -> Callable[[str], str]:
    """Return what says texts for programmes; empty for more words than a bulletin holds.

    What was said is remembered, since programmes are composed all day.
    """

    @lru_cache(maxsize=SAID_KEPT_MAX)
    def say(text: str) -> str:
        words = vietnamese.spoken(text)
        return words if len(words) <= SPOKEN_MAX else ""

    return say
