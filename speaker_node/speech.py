"""From a bulletin's text to speech: rendered once, kept on disk; `speaker_node.arrangement` makes the rest.

    rendered = render_speech(spoken("Kính mời bà con …"), Path("previews"))
    rendered.path            # a WAV file
    rendered.duration_s

What is given here is said as it stands; `speaker_node.vietnamese` makes it of what people write. The hub
calls the same functions so that staff hear a bulletin before they approve it.
"""

from __future__ import annotations

import hashlib
import io
import json
import threading
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from firmware_agent.files import write_durably
from firmware_agent.voices.spare import with_voice
from speaker_node.arrangement import whole_ms
from speaker_node.chime import FULL_SCALE, RATE_HZ
from speaker_node.voice import DEFAULT_WORDS_PER_MINUTE, UnspeakableError, Voice, espeak_voice
from wire.intents import SPOKEN_MAX

if TYPE_CHECKING:
    from numpy.typing import NDArray

RENDERING = 4
"""Number of this way to render; count it up when the same text shall sound different."""

SAID_MAX = SPOKEN_MAX
"""Most characters that are rendered, as on the wire."""

KEPT_MAX = 64
"""Most renderings that a directory keeps unless the caller says otherwise."""

_PEAK = 0.9
_GAIN_MAX = 4.0
_CHARACTERS_PER_WORD = 6.0
"""Measured: espeak-ng's Vietnamese voice reads some 15 characters a second when set to 150 words a minute."""

_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Rendered:
    """A text as speech: a mono 16-bit WAV at 22,050 Hz."""

    path: Path
    duration_s: float


def speak(said: str, voice: Voice) -> NDArray[np.int16]:
    """Return `said` as speech, mono int16 at `RATE_HZ`, its peak below full scale.

    Raises UnspeakableError where there is no word, too many of them, or a voice that fails.
    """
    check_sayable(said)
    return levelled(voice.speak(said))


def check_sayable(said: str) -> None:
    """Raise UnspeakableError for what no voice can be asked: no word, or too many."""
    if not any(letter.isalpha() for letter in said):
        raise UnspeakableError("there is nothing to read aloud in the text")
    if len(said) > SAID_MAX:
        raise UnspeakableError(f"{len(said)} characters, at most {SAID_MAX} are allowed")


def render_speech(said: str, directory: Path, voice: Voice | None = None) -> Rendered:
    """Render `said` into `directory`, or find the rendering that is there already.

    One is rendered at a time: a tenth of a second for a sentence, some seconds for 8,000 characters on a
    server, some ten times that on a Pi. The file is written durably.
    Call `keep_only` or `keep_newest` on the directory to bound it. Raises UnspeakableError, OSError.
    """
    check_sayable(said)
    return with_voice(voice or espeak_voice(), lambda each: _render(said, directory, each))


def _render(said: str, directory: Path, voice: Voice) -> Rendered:
    path = directory / rendering_name(said, voice)
    with _one_at_a_time:
        found = _find(path)
        if found is not None:
            return found
        samples = speak(said, voice)
        write_durably(path, to_wav(samples))
    return Rendered(path, len(samples) / RATE_HZ)


def rendering_name(said: str, voice: Voice) -> str:
    """Return the name of the file that holds `said` spoken by `voice`."""
    what = json.dumps([RENDERING, voice.name, said])
    return f"{hashlib.sha256(what.encode()).hexdigest()[:32]}.wav"


def estimate_duration_s(
    said: str, words_per_minute: int = DEFAULT_WORDS_PER_MINUTE, *, chimes: bool = True, repeats: int = 1
) -> float:
    """Return about how long a bulletin will sound, without rendering it; within some 30 %."""
    words = len(said) / _CHARACTERS_PER_WORD
    return whole_ms(words * 60_000 / words_per_minute, chimes=chimes, repeats=repeats) / 1000


def to_wav(samples: NDArray[np.int16]) -> bytes:
    """Return `samples` (mono at `RATE_HZ`) as a WAV file."""
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, samples, RATE_HZ, format="WAV", subtype="PCM_16")
    return file.getvalue()


def keep_only(directory: Path, names: Collection[str]) -> None:
    """Remove every rendering from `directory` that is not one of `names`."""
    for path in directory.glob("*.wav"):
        if path.name not in names:
            path.unlink(missing_ok=True)


def clear_unfinished(directory: Path) -> None:
    """Remove what a power cut left half written; only while nothing is being rendered there."""
    for path in directory.glob(".*.new"):
        path.unlink(missing_ok=True)


def keep_newest(directory: Path, most: int = KEPT_MAX) -> None:
    """Remove the oldest renderings from `directory` until at most `most` are left."""
    paths = sorted(directory.glob("*.wav"), key=lambda path: path.stat().st_mtime_ns)
    for path in paths[: max(0, len(paths) - most)]:
        path.unlink(missing_ok=True)


def _find(path: Path) -> Rendered | None:
    import soundfile

    try:
        info = soundfile.info(path)
    except (OSError, soundfile.SoundFileError):
        return None
    return Rendered(path, info.frames / RATE_HZ) if info.samplerate == RATE_HZ and info.frames else None


def levelled(speech: NDArray[np.int16]) -> NDArray[np.int16]:
    """Bring speech to one loudness: its peak to 0.9 of full scale, quiet voices by at most four times."""
    peak = max(1, int(np.abs(speech.astype(np.int32)).max()))
    gain = min(_GAIN_MAX, _PEAK * FULL_SCALE / peak)
    return (speech * gain).astype(np.int16)
