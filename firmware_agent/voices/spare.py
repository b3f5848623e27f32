"""A voice with another one behind it: what the first cannot say, espeak-ng does, and staff are told."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from firmware_agent.voices.voice import UnspeakableError, Voice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REST_S = 600.0
"""A voice that failed is asked again after so long: one that hangs must not hold up every text."""

T = TypeVar("T")

log = logging.getLogger(__name__)


class SpareVoice:
    """Speaks with `first`, and with `spare` what that one fails at and for ten minutes after.

        voice = SpareVoice(piper, espeak)
        voice.speak("kính mời bà con")
        voice.problem       # what the first one said when it failed; empty: it works

    A text that neither can say is the text's own fault. Whoever keeps renderings by the voice's name goes by
    `with_voice`, to know who spoke.
    """

    def __init__(self, first: Voice, spare: Voice, mono_s: Callable[[], float] = time.monotonic) -> None:
        self.spare = spare
        self.problem = ""
        self._first = first
        self._mono_s = mono_s
        self._again_s = 0.0

    @property
    def name(self) -> str:
        """That of the first."""
        return self._first.name

    def speak(self, text: str) -> NDArray[np.int16]:
        """Return `text` spoken by whichever can; raises UnspeakableError."""
        return self.using(lambda voice: voice.speak(text))

    def using(self, act: Callable[[Voice], T]) -> T:
        """Return what `act` makes with the first voice, or else with the spare; raises its error."""
        if self._mono_s() < self._again_s:
            return act(self.spare)
        try:
            made = act(self._first)
        except UnspeakableError as error:
            made = act(self.spare)
            self.problem = str(error)
            self._again_s = self._mono_s() + REST_S
            log.warning("giọng đọc hỏng, đọc tạm bằng %s (the voice failed): %s", self.spare.name, error)
        else:
            self.problem = ""
        return made


def with_voice(voice: Voice, act: Callable[[Voice], T]) -> T:
    """Return what `act` makes with `voice`, or with its spare where it has one; raises its error."""
    return voice.using(act) if isinstance(voice, SpareVoice) else act(voice)


def prompt_voice(voice: Voice) -> Voice:
    """Return the voice for what cannot wait for a model to be loaded: the spare where there is one."""
    return voice.spare if isinstance(voice, SpareVoice) else voice
