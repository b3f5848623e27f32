"""espeak-ng through pyttsx3's binding: sentences as sound, and as phonemes. For children: it may crash.

Asked synchronously, below pyttsx3's own loop. That asks it to work on a thread, sets the speed there while
the voice is being changed, and on a busy machine three renderings of 240 came out at its own 200 words a
minute instead of those that were set (pyttsx3 2.99, espeak-ng 1.51); it also returns before the sound is
written.
"""

from __future__ import annotations

import ctypes
import importlib
from typing import Any

BINDING = "pyttsx3.drivers._espeak"

_DONT_EXIT = 0x8000
"""Without its data espeak-ng would end the process (espeak-ng's speak_lib.h)."""
_IPA = 2


class EspeakError(Exception):
    """espeak-ng cannot be had, has no such voice, or says nothing."""


class Espeak:
    """One voice; one a process, since the library keeps its voice to itself.

    espeak = Espeak("aav/vi", words_per_minute=150)
    espeak.speak("kính mời bà con.")        # int16 samples at espeak.rate_hz
    espeak.phonemes("kính mời bà con.")     # "kˈiɜɲ mˈəː2j bˈaː2 kˌɔn"
    """

    def __init__(self, voice: str, words_per_minute: int = 150) -> None:
        self._library = _library()
        self.rate_hz = int(
            self._library.Initialize(self._library.AUDIO_OUTPUT_SYNCHRONOUS, option=_DONT_EXIT)
        )
        if self.rate_hz <= 0:
            raise EspeakError("espeak-ng does not start")
        # A voice that does not exist would leave English in its place.
        if self._library.SetVoiceByName(voice.encode()):
            raise EspeakError(f"espeak-ng has no voice {voice!r}")
        self._library.SetParameter(self._library.RATE, words_per_minute, 0)
        self._heard: list[bytes] = []
        self._library.SetSynthCallback(self._take_sound)

    def speak(self, text: str) -> memoryview:
        """Return `text` spoken, mono int16 at `rate_hz`; raises EspeakError."""
        self._heard.clear()
        failed = self._library.Synth(text, flags=self._library.CHARS_UTF8)
        if failed or not self._heard:
            raise EspeakError(f"espeak-ng says nothing (error {failed})")
        return memoryview(b"".join(self._heard)).cast("h")

    def phonemes(self, text: str) -> str:
        """Return `text` in IPA, without punctuation."""
        to_phonemes = self._library.dll.espeak_TextToPhonemes
        to_phonemes.restype = ctypes.c_char_p
        kept = ctypes.create_string_buffer(text.encode())
        at = ctypes.c_void_p(ctypes.addressof(kept))
        said = ""
        while at.value:  # what is too long for it comes in parts
            said += (to_phonemes(ctypes.byref(at), self._library.CHARS_UTF8, _IPA) or b"").decode()
        return said

    def _take_sound(self, samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            self._heard.append(ctypes.string_at(samples, 2 * count))
        return 0


def _library() -> Any:
    """Return the binding; to import it is to load the system's library."""
    try:
        return importlib.import_module(BINDING)
    except (ImportError, OSError, RuntimeError) as error:
        raise EspeakError(f"espeak-ng: {error}") from None
