"""Room on the disk that is put by for the moment when there is none left.

A database needs room even to delete. A node gives its reserve away when the disk is full, makes room with it,
and puts it by again once others have left some.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
from pathlib import Path
from typing import Protocol

RESERVE_BYTES = 1024 * 1024
"""As much as a database can grow by what stands in its journal (delivery.outbox.JOURNAL_PAGES)."""

AT_EASE = 4
"""The reserve is put by again when so many times its size is free, so that it does not come and go."""

log = logging.getLogger(__name__)


class Room(Protocol):
    """Where a database finds room when the disk is full."""

    def give(self) -> bool:
        """Let go of the room; return whether there was any."""

    def left_bytes(self) -> int:
        """Return how much is left."""


class NoReserve:
    """For whoever has put nothing by."""

    def give(self) -> bool:
        """Return that there is nothing."""
        return False

    def left_bytes(self) -> int:
        """Return that nobody knows of an end."""
        return sys.maxsize


class Reserve:
    """A file that stands for room: `give` deletes it, `keep` makes it again when there is plenty."""

    def __init__(self, path: Path, size_bytes: int = RESERVE_BYTES) -> None:
        self._path = path
        self._size_bytes = size_bytes

    def give(self) -> bool:
        """Let go of the room; return whether there was any."""
        try:
            self._path.unlink()
        except OSError:
            return False
        log.warning("đĩa đầy, dùng phần dự trữ (disk full, the reserve is given away): %s", self._path)
        return True

    def left_bytes(self) -> int:
        """Return how much is left on the disk, at least the reserve's own size while it is there."""
        return self._size_bytes if self.keep() else free_bytes(self._path.parent)

    def keep(self) -> bool:
        """Put the room by unless it is there; return whether it is there now."""
        try:
            if self._path.exists():
                return True
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if free_bytes(self._path.parent) < AT_EASE * self._size_bytes:
                return False
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self._size_bytes)
        except OSError as error:
            log.info("chưa lập được phần dự trữ (no reserve yet): %s", error)
            self._path.unlink(missing_ok=True)
            return False
        return True


def free_bytes(directory: Path) -> int:
    """Return how much room the disk of `directory` has."""
    return shutil.disk_usage(directory).free
