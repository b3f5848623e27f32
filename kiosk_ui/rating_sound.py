"""What a rating node lets be heard: tones, the answer, the choices read out. Silent where sound is off."""

from __future__ import annotations

from collections.abc import Mapping

from firmware_agent.node import Context
from kiosk_ui.catalogue import Catalogue
from kiosk_ui.prompts import prompt_texts
from kiosk_ui.rating_settings import RatingSettings
from kiosk_ui.spoken import Spoken


class RatingSound:
    """The node's loudspeaker, if it has one; no sound ever keeps an answer waiting.

    sound.answered("vi", level=2)
    sound.read_out("vi", "ask")
    sound.look(now_s)               # as often as the node looks at anything
    """

    def __init__(self, settings: RatingSettings, texts: Mapping[str, Catalogue], context: Context) -> None:
        self._says_answers = settings.voice
        self._spoken = Spoken(
            context,
            texts,
            settings.volume if settings.sound else None,
            lambda catalogue: prompt_texts(catalogue, settings.rated, settings.reasons),
        )

    def speaks(self, language: str) -> bool:
        """Tell whether the choices can be read out in this language."""
        return self._spoken.has(language, "ask")

    def answered(self, language: str, level: int) -> None:
        """An answer is on disk: a tone, and where it is wanted the answer in words."""
        self._spoken.play(language, f"level-{level}" if self._says_answers else "", after="taken")

    def failed(self) -> None:
        """A press could not be kept."""
        self._spoken.play("", after="failed")

    def read_out(self, language: str, name: str) -> None:
        """Say a prompt (see `prompts.prompt_texts`)."""
        self._spoken.play(language, name)

    def look(self, now_s: float) -> None:
        """Report a loudspeaker that is not heard, and save what a silent one costs."""
        self._spoken.look(now_s)

    def close(self) -> None:
        """Be silent."""
        self._spoken.close()
