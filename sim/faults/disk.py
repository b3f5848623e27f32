"""A disk that forgets: what was not synced may vanish, whole, in part, or in another order, with the power.

Files live in memory, each as it looks now and as the medium holds it. `sync` brings one to the other;
a power cut throws a die for every sector that was written since.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Literal

SECTOR_BYTES = 512
"""What a medium writes whole or not at all."""

Trouble = Literal["full", "read", "write"]


class DiskError(Exception):
    """What the disk answers instead of doing what it was asked: `kind` is full, read, write or gone."""

    def __init__(self, kind: Trouble | Literal["gone"]) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass
class File:
    """A file as it looks, as the medium holds it, and what lies between."""

    now: bytearray = field(default_factory=bytearray)
    safe: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)
    """Writes since the last sync: (offset, bytes); None for a truncation to `offset`."""
    named: bool = False
    """Whether the file's name is on the medium."""

    def write(self, offset: int, content: bytes) -> None:
        """Change the file as it looks."""
        self.pending.append((offset, content))
        _write(self.now, offset, content)

    def truncate(self, size: int) -> None:
        """Shorten the file as it looks."""
        self.pending.append((size, None))
        del self.now[size:]

    def sync(self) -> None:
        """Bring everything to the medium."""
        for offset, content in self.pending:
            _apply(self.safe, offset, content)
        self.pending.clear()

    def lose_power(self, chance: random.Random) -> None:
        """Keep of what was not synced whatever sectors happened to be written, in whatever order."""
        for offset, content in self.pending:
            if content is None:
                if chance.random() < 0.5:
                    _apply(self.safe, offset, None)
                continue
            for start in range(0, len(content), SECTOR_BYTES):
                if chance.random() < 0.5:
                    _write(self.safe, offset + start, content[start : start + SECTOR_BYTES])
        self.pending.clear()
        self.now = bytearray(self.safe)


def _apply(content: bytearray, offset: int, new: bytes | None) -> None:
    if new is None:
        del content[offset:]
    else:
        _write(content, offset, new)


def _write(content: bytearray, offset: int, new: bytes) -> None:
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(new)] = new


Image = dict[str, bytes]
"""What a medium holds, by file name: a copy of a card."""


class Disk:
    """One card or drive, with its bad days. `chance` decides what a power cut leaves."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._files: dict[str, File] = {}
        self._ghosts: dict[str, File] = {}
        """Deleted files whose deletion may not have come to the medium yet."""
        self.powered = True
        self.trouble: dict[Trouble, int] = {}
        """How many of the next operations of a kind fail."""
        self.fuse: int | None = None
        """Power goes at this many writes or syncs from now."""

    def open(self, name: str) -> File:
        """Return a file, made if it is not there."""
        return self._files.setdefault(name, File())

    def sync(self, file: File) -> None:
        """Bring a file to the medium, and with it every name given or taken before.

        So does ext4, and every other file system whose journal keeps the order of what happens to names.
        """
        file.sync()
        self._ghosts.clear()
        for each in self._files.values():
            each.named = True

    def exists(self, name: str) -> bool:
        """Tell whether a file is there."""
        return name in self._files

    def delete(self, name: str, *, durably: bool) -> None:
        """Remove a file; unless `durably`, a power cut may bring it back."""
        gone = self._files.pop(name, None)
        if gone is not None and gone.named and not durably:
            self._ghosts[name] = gone

    def rename(self, name: str, target: str) -> None:
        """Give a file another name, durably."""
        self._files[target] = self._files.pop(name)

    def before_read(self) -> None:
        """Raise DiskError if the next read fails."""
        self._maybe_fail("read")

    def before_write(self, *, grows: bool = False) -> None:
        """Raise DiskError if the next write or sync fails; the power may go here."""
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse <= 0:
                self.cut_power()
                raise DiskError("gone")
        if grows:
            self._maybe_fail("full")
        self._maybe_fail("write")

    def _maybe_fail(self, kind: Trouble) -> None:
        if self.trouble.get(kind, 0) > 0:
            self.trouble[kind] -= 1
            raise DiskError(kind)

    def cut_power(self) -> None:
        """Lose what the medium does not hold. Whoever has a file open writes to nowhere from now on."""
        if not self.powered:
            return
        self.powered = False
        self.fuse = None
        self.trouble.clear()
        for name, ghost in self._ghosts.items():
            if not self._named(name) and self._chance.random() < 0.5:
                self._files[name] = ghost
        self._ghosts.clear()
        self._files = {name: file for name, file in self._files.items() if file.named}
        for file in self._files.values():
            file.lose_power(self._chance)

    def _named(self, name: str) -> bool:
        return name in self._files and self._files[name].named

    def restore_power(self) -> None:
        """Let the medium be written again, by those who open it anew."""
        self.powered = True

    def image(self) -> Image:
        """Return what the medium holds now, as a technician copies a card."""
        return {name: bytes(file.safe) for name, file in self._files.items() if file.named}

    def put_back(self, image: Image) -> None:
        """Make the medium hold `image` and nothing else; only without power."""
        self._files = {
            name: File(bytearray(content), bytearray(content), named=True) for name, content in image.items()
        }

    def flip_bit(self, name: str) -> bool:
        """Change one bit of a file behind everybody's back, without power; tell whether it could be done."""
        file = self._files.get(name)
        if file is None or not file.safe:
            return False
        place = self._chance.randrange(len(file.safe))
        file.safe[place] ^= 1 << self._chance.randrange(8)
        file.now = bytearray(file.safe)
        return True
