"""Sounds for bulletins: levelled when they come in, kept under their hash, fetched by the loudspeakers."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Collection
from pathlib import Path

from commune_hub.errors import InvalidError
from commune_hub.hashed_files import HashedFiles
from commune_hub.sounds.decode import FILE_MAX_BYTES
from commune_hub.sounds.intake import take_in
from firmware_agent.files import write_durably
from speaker_node.chime import RATE_HZ
from wire.intents import Sound

KEPT_MAX = 300
"""Sounds of bulletins and drafts; at five minutes each some 500 MB."""

_one_at_a_time = threading.Lock()


class Sounds:
    """Keep sounds under their hash in a directory.

    sound = sounds.keep(uploaded, used={…})     # InvalidError, FullError
    sounds.path(sound.sha256)                   # MissingError; an Ogg Vorbis file
    """

    def __init__(self, directory: Path) -> None:
        self._files = HashedFiles(
            directory,
            ".ogg",
            KEPT_MAX,
            "Không có tệp âm thanh này. (No such sound.)",
            f"Đã có {KEPT_MAX} tệp âm thanh; hãy thu hồi bớt bản tin cũ. (Too many sounds are kept.)",
        )
        for leftover in directory.glob("*.part"):
            leftover.unlink(missing_ok=True)

    def keep(self, content: bytes, used: Collection[str]) -> Sound:
        """Check and level a sound file, and keep it; `used` are the hashes that bulletins name."""
        if len(content) > FILE_MAX_BYTES:
            raise InvalidError(f"tệp âm thanh: quá {FILE_MAX_BYTES >> 20} MB (the file is too large)")
        brought = self._files.directory / f"{secrets.token_hex(8)}.brought.part"
        levelled = brought.with_suffix(".levelled.part")
        with _one_at_a_time:
            try:
                write_durably(brought, content)
                duration_s = take_in(brought, levelled, RATE_HZ)
                return self._place(levelled, round(duration_s * 1000), used)
            finally:
                brought.unlink(missing_ok=True)
                levelled.unlink(missing_ok=True)

    def _place(self, levelled: Path, duration_ms: int, used: Collection[str]) -> Sound:
        made = levelled.read_bytes()
        sha256 = self._files.keep(made, used)
        return Sound(sha256=sha256, size_bytes=len(made), duration_ms=max(1, duration_ms))

    def has(self, sha256: str) -> bool:
        """Tell whether this sound is here."""
        return self._files.has(sha256)

    def path(self, sha256: str) -> Path:
        """Return the file of a sound; raises MissingError."""
        return self._files.path(sha256)

    def get(self, sha256: str) -> Sound:
        """Return a sound that is kept, as a bulletin names it; raises MissingError."""
        import soundfile

        path = self.path(sha256)
        info = soundfile.info(path)
        duration_ms = max(1, round(info.frames * 1000 / info.samplerate))
        return Sound(sha256=sha256, size_bytes=path.stat().st_size, duration_ms=duration_ms)
