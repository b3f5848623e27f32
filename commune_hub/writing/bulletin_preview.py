"""Let staff hear a bulletin before anybody else does, by the code that the loudspeakers run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from commune_hub.errors import InvalidError
from commune_hub.writing.bulletin_draft import How, check_said
from speaker_node.arrangement import BrokenSoundError, FileSound, arranged, to_hear
from speaker_node.speech import keep_newest, render_speech, to_wav
from speaker_node.voice import UnspeakableError

if TYPE_CHECKING:
    from commune_hub.hub import Capabilities

CACHE = "heard"
"""Directory of the latest renderings, in the hub's."""

HEARD_MAX_S = 15 * 60.0
"""Of what lasts longer only the beginning is heard: 40 MB of sound."""


def hear_bulletin(capabilities: Capabilities, text: str, how: How) -> bytes:
    """Return the sound of a bulletin as WAV, as the village hears it: its sound file, or else its text.

    A relay is heard as the words that stand for it. Raises InvalidError for what cannot be spoken or played,
    MissingError for a sound that is gone.
    """
    try:
        body = FileSound(_body(capabilities, text, how))
        whole = arranged(body, chimes=how.chime, repeats=how.repeats)
        return to_wav(to_hear(whole, how.volume, HEARD_MAX_S))
    except BrokenSoundError as error:
        raise InvalidError(f"âm thanh (sound): không phát được (cannot be played): {error}") from None
    except UnspeakableError as error:
        raise InvalidError(
            f"nội dung (text): không đọc được thành tiếng (cannot be spoken): {error}"
        ) from None


def _body(capabilities: Capabilities, text: str, how: How) -> Path:
    if how.sound is not None:
        return capabilities.sounds.path(how.sound.sha256)
    cache = capabilities.config.root / CACHE
    said = capabilities.vietnamese.spoken(text)
    check_said(said)
    rendered = render_speech(said, cache, capabilities.voice)
    keep_newest(cache)
    return rendered.path
