"""Voices: what turns text into speech. The one that ships is pyttsx3 on espeak-ng, in a child process."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE_HZ = 22_050
"""The rate of all speech: what espeak-ng renders at."""

DEFAULT_VOICE = "aav/vi"
"""espeak-ng's voice of northern Vietnamese."""

DEFAULT_WORDS_PER_MINUTE = 150

SPEECH_MAX_S = 30 * 60
"""Longest speech that is taken from a voice; 8,000 letters take about ten minutes."""

TIMEOUT_S = 20.0
TIMEOUT_S_PER_CHARACTER = 0.03
"""Patience with a child: a server rendered 3.7 s of speech in 0.1 s; a Pi is some ten times slower."""


class UnspeakableError(Exception):
    """Text that no sound could be made of; the text says what the voice said."""


class Voice(Protocol):
    """Anything that speaks. Put another engine behind this to change the voice."""

    @property
    def name(self) -> str:
        """Engine, voice and rate in one line; renderings are kept under it, so it differs where they do."""

    def speak(self, text: str) -> NDArray[np.int16]:
        """Return `text` spoken, mono int16 at `RATE_HZ`; raises UnspeakableError."""


class ChildVoice:
    """A voice that runs as a child process, since speech engines hang and crash.

    The command gets the text on standard input and the path of the WAV to write as its last argument. It is
    killed, with all that it started, when it takes longer than the text's length allows.
    """

    def __init__(self, name: str, command: Sequence[str], timeout_s: float = TIMEOUT_S) -> None:
        self._name = name
        self._command = list(command)
        self._timeout_s = timeout_s

    @property
    def name(self) -> str:
        """Engine, voice and rate in one line."""
        return self._name

    def speak(self, text: str) -> NDArray[np.int16]:
        """Return `text` spoken; raises UnspeakableError for a child that fails, hangs or writes no sound."""
        with tempfile.TemporaryDirectory(prefix="speech-") as directory:
            path = Path(directory) / "speech.wav"
            self._run(text, path)
            try:
                return read_speech(path.read_bytes())
            except OSError as error:
                raise UnspeakableError(f"{self._name}: no sound was written ({error.strerror})") from None

    def _run(self, text: str, path: Path) -> None:
        timeout_s = self._timeout_s + TIMEOUT_S_PER_CHARACTER * len(text)
        with subprocess.Popen(
            [*self._command, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as child:
            try:
                _, said = child.communicate(text.encode(), timeout_s)
            except subprocess.TimeoutExpired:
                raise UnspeakableError(f"{self._name}: no answer within {timeout_s:.0f} s") from None
            finally:
                _kill_session(child)
        if child.returncode != 0:
            last = said.decode(errors="replace").strip().splitlines()[-1:] or [f"exit {child.returncode}"]
            raise UnspeakableError(f"{self._name}: {last[0][:120]}")


def _kill_session(child: subprocess.Popen[bytes]) -> None:
    """End a child that still runs, and what it started: it leads a session of its own."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)


def espeak_voice(voice: str = DEFAULT_VOICE, words_per_minute: int = DEFAULT_WORDS_PER_MINUTE) -> ChildVoice:
    """Return espeak-ng's `voice` through pyttsx3."""
    command = [sys.executable, "-m", "firmware_agent.voice_child", voice, str(words_per_minute)]
    return ChildVoice(f"espeak-ng {voice} {words_per_minute}", command)


def read_speech(wav: bytes) -> NDArray[np.int16]:
    """Read a WAV that a voice wrote as mono int16 at `RATE_HZ`; raises UnspeakableError."""
    import numpy as np
    import soundfile

    try:
        samples, rate_hz = soundfile.read(io.BytesIO(wav), dtype="int16", always_2d=True)
    except soundfile.SoundFileError as error:
        raise UnspeakableError(f"not a sound file: {error}") from None
    speech: NDArray[np.int16] = samples[:, 0]
    if not rate_hz // 10 <= len(speech) <= SPEECH_MAX_S * rate_hz:
        raise UnspeakableError(f"{len(speech) / rate_hz:.1f} s of speech, 0.1 to {SPEECH_MAX_S} are taken")
    if not speech.any():
        raise UnspeakableError("the voice wrote silence")
    if rate_hz == RATE_HZ:
        return speech
    at = np.arange(0, len(speech) - 1, rate_hz / RATE_HZ)
    return np.interp(at, np.arange(len(speech)), speech).astype(np.int16)
