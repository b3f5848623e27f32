"""A kiosk's voice: tones, and prompts in each language, rendered ahead. Silent where sound is off."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from firmware_agent.hardware import HardwareError
from firmware_agent.node import Context
from firmware_agent.voices.voice import espeak_voice
from kiosk_ui.catalogue import Catalogue
from kiosk_ui.prompts import Prompts
from kiosk_ui.sounder import Sounder
from kiosk_ui.tones import TONES, Tone, tone


class Spoken:
    """The loudspeaker of a screen, if it has one; no sound ever keeps anybody waiting.

    spoken = Spoken(context, texts, volume=0.6, said=lambda texts: {"ask": texts("rating.question")})
    spoken.play("vi", "ask", after="taken")
    spoken.look(now_s)              # as often as the node looks at anything
    """

    def __init__(
        self,
        context: Context,
        texts: Mapping[str, Catalogue],
        volume: float | None,
        said: Callable[[Catalogue], Mapping[str, str]],
    ) -> None:
        """`said` makes the prompts of a language, by name; `volume` is None where sound is off."""
        self._context = context
        self._sounder: Sounder | None = None
        self._prompts: Prompts | None = None
        if volume is None:
            return
        try:
            for name in TONES:
                tone(name)  # made now: the first answer must not wait for it
            self._sounder = Sounder(context.hardware.sound_card(), volume)
        except (HardwareError, ImportError) as error:
            context.problems.report("sound", f"Loa: {error}")
            return
        voices = {
            language: espeak_voice(catalogue.language.voice)
            for language, catalogue in texts.items()
            if catalogue.language.voice
        }
        prompts = {each: said(texts[each]) for each in voices}
        self._prompts = Prompts(context.directory / "prompts", voices, prompts, context.changed.set)

    def has(self, language: str, name: str) -> bool:
        """Tell whether this prompt can be heard."""
        return self._prompts is not None and self._prompts.sound(language, name) is not None

    def play(self, language: str, name: str = "", *, after: Tone | None = None) -> None:
        """Say a prompt, after a tone where one is named, instead of what sounds now."""
        said = self._prompts.sound(language, name) if self._prompts is not None else None
        sounds = [*([tone(after)] if after is not None else []), *([said] if said is not None else [])]
        if self._sounder is not None and sounds:
            self._sounder.play(*sounds)

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
