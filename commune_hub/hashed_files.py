"""Files that are kept under their own SHA-256 in a directory, so many at most: pictures, sounds."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from commune_hub.errors import FullError, MissingError
from firmware_agent.files import write_durably

UNUSED_KEPT_S = 86_400
"""What nobody names stays a day: the notice or bulletin that will may be being written."""

SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class HashedFiles:
    """A directory of `SHA256.suffix`. Keeping is for one thread at a time.

    sha256 = files.keep(content, used={…})     # FullError
    files.path(sha256)                         # MissingError
    """

    directory: Path
    suffix: str
    kept_max: int
    missing: str
    """What somebody reads who asks for a file that is not here."""
    full: str
    """What somebody reads for whose file there is no room."""

    def __post_init__(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    def keep(self, content: bytes, used: Collection[str]) -> str:
        """Keep a file and return its hash; `used` are the hashes of those that must not make room for it."""
        sha256 = hashlib.sha256(content).hexdigest()
        if self.has(sha256):
            self._file(sha256).touch()
        else:
            self._make_room(used)
            write_durably(self._file(sha256), content)
        return sha256

    def has(self, sha256: str) -> bool:
        """Tell whether this file is here."""
        return SHA256.fullmatch(sha256) is not None and self._file(sha256).is_file()

    def path(self, sha256: str) -> Path:
        """Return where a file lies; raises MissingError."""
        if not self.has(sha256):
            raise MissingError(self.missing)
        return self._file(sha256)

    def _make_room(self, used: Collection[str]) -> None:
        for path in self.directory.glob(f"*{self.suffix}"):
            if path.stem not in used and time.time() - path.stat().st_mtime > UNUSED_KEPT_S:
                path.unlink(missing_ok=True)
        if len(list(self.directory.glob(f"*{self.suffix}"))) >= self.kept_max:
            raise FullError(self.full)

    def _file(self, sha256: str) -> Path:
        return self.directory / f"{sha256}{self.suffix}"
