"""Let staff hear a bulletin before anybody else does, as the loudspeakers will sound it."""

from __future__ import annotations

from pathlib import Path

from commune_hub.errors import InvalidError
from speaker_node.speech import keep_newest, render_bulletin
from speaker_node.vietnamese import Vietnamese
from speaker_node.voice import UnspeakableError

CACHE = "heard"


def hear(root: Path, vietnamese: Vietnamese, text: str) -> bytes:
    """Return the sound of a bulletin as WAV; raises InvalidError when it cannot be spoken.

    `root` is the hub's directory; the latest renderings are kept under it. `vietnamese` reads the text.
    """
    try:
        sound = render_bulletin(vietnamese.spoken(text), root / CACHE).path.read_bytes()
    except UnspeakableError as error:
        raise InvalidError(f"text: không đọc được thành tiếng (cannot be spoken): {error}") from None
    keep_newest(root / CACHE)
    return sound
