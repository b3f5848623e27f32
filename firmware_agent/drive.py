"""The seam to the disk under a database: where files lie, and who opens them."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from firmware_agent.files import sync_directory


class Drive:
    """The machine's own disk. The simulator speaks the same few words over one that loses power."""

    def connect(self, path: Path) -> sqlite3.Connection:
        """Open or make the database at `path`; threads may share the connection, behind a lock."""
        path.parent.mkdir(parents=True, exist_ok=True)
        return sqlite3.connect(path, check_same_thread=False, timeout=10)

    def exists(self, path: Path) -> bool:
        """Tell whether there is a file at `path`."""
        return path.exists()

    def remove(self, path: Path) -> None:
        """Delete the file at `path`, if there is one."""
        path.unlink(missing_ok=True)

    def rename(self, path: Path, target: Path) -> None:
        """Give a file another name, on the medium when this returns."""
        path.rename(target)
        sync_directory(target.parent)

    def size(self, path: Path) -> int:
        """Return how many bytes a file has; 0 where there is none."""
        return path.stat().st_size if path.exists() else 0

    def read(self, path: Path, at: int, size: int) -> bytes:
        """Return up to `size` bytes of a file; fewer at its end. Raises OSError."""
        with path.open("rb") as file:
            file.seek(at)
            return file.read(size)

    def write(self, path: Path, at: int, content: bytes) -> None:
        """Change bytes within a file, on the medium when this returns. Raises OSError."""
        with path.open("r+b") as file:
            file.seek(at)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


DRIVE = Drive()
"""What everything uses unless it is told otherwise."""
