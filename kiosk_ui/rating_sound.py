"""What a rating node lets be heard: tones, the answer, the choices read out. Silent where sound is off."""

from __future__ import annotations

from collections.abc import Mapping

from firmware_agent.hardware import HardwareError
from firmware_agent.node import Context
from firmware_agent.voice import espeak_voice
from kiosk_ui.catalogue import Catalogue
from kiosk_ui.prompts import Prompts, prompt_texts
from kiosk_ui.rating_settings import RatingSettings
from kiosk_ui.sounder import Sounder
from kiosk_ui.tones import TONES, tone


class RatingSound:
    """The node's loudspeaker, if it has one; no sound ever keeps an answer waiting.

    sound.answered("vi", level=2)
    sound.read_out("vi", "ask")
    sound.look(now_s)               # as often as the node looks at anything
    """

    def __init__(self, settings: RatingSettings, texts: Mapping[str, Catalogue], context: Context) -> None:
        self._context = context
        self._says_answers = settings.voice
        self._sounder: Sounder | None = None
        self._prompts: Prompts | None = None
        if not settings.sound:
            return
        try:
            for name in TONES:
                tone(name)  # made now: the first answer must not wait for it
            self._sounder = Sounder(context.hardware.sound_card(), settings.volume)
        except (HardwareError, ImportError) as error:
            context.problems.report("sound", f"Loa: {error}")
            return
        voices = {
            language: espeak_voice(catalogue.language.voice)
            for language, catalogue in texts.items()
            if catalogue.language.voice
        }
        said = {each: prompt_texts(texts[each], settings.rated, settings.reasons) for each in voices}
        self._prompts = Prompts(context.directory / "prompts", voices, said, context.changed.set)

    def speaks(self, language: str) -> bool:
        """Tell whether the choices can be read out in this language."""
        return self._prompts is not None and self._prompts.sound(language, "ask") is not None

    def answered(self, language: str, level: int) -> None:
        """An answer is on disk: a tone, and where it is wanted the answer in words."""
        if self._sounder is not None and self._prompts is not None:
            said = self._prompts.sound(language, f"level-{level}") if self._says_answers else None
            self._sounder.play(tone("taken"), *([] if said is None else [said]))

    def failed(self) -> None:
        """A press could not be kept."""
        if self._sounder is not None:
            self._sounder.play(tone("failed"))

    def read_out(self, language: str, name: str) -> None:
        """Say a prompt (see `prompts.prompt_texts`)."""
        said = self._prompts.sound(language, name) if self._prompts is not None else None
        if self._sounder is not None and said is not None:
            self._sounder.play(said)

    def look(self, now_s: float) -> None:
        """Report a loudspeaker that is not heard, and save what a silent one costs."""
        if self._sounder is None or self._prompts is None:
            return
        self._sounder.look(now_s)
        problem = self._sounder.problem or self._prompts.problem
        if problem:
            self._context.problems.report("sound", f"Loa: {problem}")
        else:
            self._context.problems.clear("sound")

    def close(self) -> None:
        """Be silent."""
        if self._prompts is not None:
            self._prompts.close()
        if self._sounder is not None:
            self._sounder.close()
