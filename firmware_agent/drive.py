"""The seam to the disk under a database: where files lie, and who opens them."""

from __future__ import annotations

import sqlite3
from pathlib import Path


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
        """Give a file another name."""
        path.rename(target)


DRIVE = Drive()
"""What everything uses unless it is told otherwise."""
