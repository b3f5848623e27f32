"""Let staff hear a bulletin before anybody else does, by the code that the loudspeakers run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commune_hub.bulletin_draft import How
from commune_hub.preview import hear
from speaker_node.speech import to_wav

if TYPE_CHECKING:
    from commune_hub.hub import Capabilities


def hear_bulletin(capabilities: Capabilities, text: str, how: How) -> bytes:
    """Return the sound of a bulletin as WAV: its sound file, or else its text, spoken.

    Raises InvalidError for a text that cannot be spoken, MissingError for a sound that is gone.
    """
    if how.sound is None:
        return hear(capabilities.config.root, capabilities.vietnamese, text)
    import soundfile

    samples, _ = soundfile.read(capabilities.sounds.path(how.sound.sha256), dtype="int16")
    return to_wav(samples)
