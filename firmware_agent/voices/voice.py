"""Voices: what turns text into speech, in a child process: espeak-ng, or a model of Piper.

`firmware_agent.voices.settings` chooses.
"""

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

    from firmware_agent.voices.piper_files import PiperFiles

RATE_HZ = 22_050
"""The rate of all speech: what espeak-ng renders at."""

DEFAULT_VOICE = "aav/vi"
"""espeak-ng's voice of northern Vietnamese."""

DEFAULT_WORDS_PER_MINUTE = 150

DEFAULT_PAUSE_MS = 400
"""Silence between two sentences: what a listener outdoors needs to follow."""

SPEECH_MAX_S = 30 * 60
"""Longest speech that is taken from a voice; 8,000 letters take about ten minutes."""

TIMEOUT_S = 20.0
TIMEOUT_S_PER_CHARACTER = 0.03
"""Patience with a child: a server rendered 3.7 s of speech in 0.1 s; a Pi is some ten times slower."""

MODEL_TIMEOUT_S_PER_CHARACTER = 0.15
"""Patience with a model: twice as long as what it says, at some 15 characters a second."""


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

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        timeout_s: float = TIMEOUT_S,
        timeout_s_per_character: float = TIMEOUT_S_PER_CHARACTER,
    ) -> None:
        self._name = name
        self._command = list(command)
        self._timeout_s = timeout_s
        self._timeout_s_per_character = timeout_s_per_character

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
        timeout_s = self._timeout_s + self._timeout_s_per_character * len(text)
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


def espeak_voice(
    voice: str = DEFAULT_VOICE,
    words_per_minute: int = DEFAULT_WORDS_PER_MINUTE,
    pause_ms: int = DEFAULT_PAUSE_MS,
) -> ChildVoice:
    """Return espeak-ng's `voice`, with `pause_ms` of silence between sentences."""
    how = [voice, str(words_per_minute), str(pause_ms)]
    command = [sys.executable, "-m", "firmware_agent.voices.espeak_child", *how]
    return ChildVoice(f"espeak-ng {' '.join(how)}", command)


def piper_voice(
    files: PiperFiles,
    words_per_minute: int = DEFAULT_WORDS_PER_MINUTE,
    pause_ms: int = DEFAULT_PAUSE_MS,
) -> ChildVoice:
    """Return a voice of Piper; as fast as it learnt to speak at `DEFAULT_WORDS_PER_MINUTE`."""
    scale = files.config.inference.length_scale * DEFAULT_WORDS_PER_MINUTE / words_per_minute
    how = [str(files.model), f"{scale:.3f}", str(pause_ms)]
    return ChildVoice(
        f"piper {files.model.stem} {files.digest[:12]} {words_per_minute} {pause_ms}",
        [sys.executable, "-m", "firmware_agent.voices.piper_child", *how],
        timeout_s_per_character=MODEL_TIMEOUT_S_PER_CHARACTER,
    )


def read_speech(wav: bytes) -> NDArray[np.int16]:
    """Read a WAV that a voice wrote as mono int16 at `RATE_HZ`; raises UnspeakableError."""
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
    return speech if rate_hz == RATE_HZ else _at_our_rate(speech, rate_hz)


def _at_our_rate(speech: NDArray[np.int16], rate_hz: int) -> NDArray[np.int16]:
    import av
    import numpy as np

    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(speech)[None, :], format="s16", layout="mono")
    frame.sample_rate = rate_hz
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
    blocks = [each.to_ndarray()[0] for each in (*resampler.resample(frame), *resampler.resample(None))]
    return np.concatenate(blocks).astype(np.int16)
