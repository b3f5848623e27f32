"""Clips: what counter cameras recorded, told by facts and brought to the hub's door as files."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, ClassVar

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.capabilities.audit import Audit
from commune_hub.capabilities.staff import Member
from commune_hub.errors import FullError, InvalidError, MissingError
from commune_hub.ledger import Taken
from commune_hub.store import Row, Store
from firmware_agent.files import sync_directory
from wire.facts import Body, ClipRecorded
from wire.names import HUB

CLIP_MAX_BYTES = 64 * 1024 * 1024

ROOM_KEPT_BYTES = 1024 * 1024 * 1024
"""What clips leave free on the disk: facts come before pictures, and a full disk would keep out both."""

DAY_MS = 86_400_000

KNOWN_SINCE_MS = 1_735_689_600_000
"""1 January 2025. A clip from before was stamped by a clock that met no time server: it is as old as its
file."""

migrations = Migrations("clips")


@migrations()
def create(database: Database) -> None:
    """One row a clip, by its hash."""
    database.executescript(
        """
        CREATE TABLE clips (
            sha256 TEXT PRIMARY KEY, device TEXT NOT NULL, counter TEXT NOT NULL, size_bytes INTEGER NOT NULL,
            started_at_ms INTEGER NOT NULL, duration_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX clips_by_time ON clips (started_at_ms);
        """
    )


@dataclass(frozen=True)
class Clip:
    """A clip; `here` tells whether its file has arrived."""

    sha256: str
    device: str
    counter: str
    size_bytes: int
    started_at_ms: int
    duration_ms: int
    here: bool


class Clips:
    """Keep clips under their hash. Only leaders may look, and each look is noted."""

    FOLLOWS: ClassVar[frozenset[type[Body]]] = frozenset({ClipRecorded})

    def __init__(self, store: Store, audit: Audit, directory: Path) -> None:
        self._store = store
        self._audit = audit
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    def tidy(self) -> None:
        """Throw away what was cut off on its way in; only for who takes clips in, before the first comes."""
        for leftover in self._directory.glob("*.part"):
            leftover.unlink()

    def apply(self, taken: Sequence[Taken]) -> None:
        """Follow facts, in order."""
        for each in taken:
            self._follow(each)

    def _follow(self, taken: Taken) -> None:
        """Note a clip that a camera recorded."""
        body = taken.body
        if isinstance(body, ClipRecorded):
            self._store.execute(
                "INSERT OR IGNORE INTO clips VALUES (?, ?, ?, ?, ?, ?)",
                [
                    body.sha256,
                    taken.device,
                    body.counter,
                    body.size_bytes,
                    taken.true_ms(body.started_at_ms),
                    body.duration_ms,
                ],
            )

    def retime(self, taken: Taken, was: Taken) -> None:
        """Move a clip to its true time."""
        body = taken.body
        if isinstance(body, ClipRecorded):
            self._store.execute(
                "UPDATE clips SET started_at_ms = ? WHERE sha256 = ? AND device = ? AND started_at_ms = ?",
                [
                    taken.true_ms(body.started_at_ms),
                    body.sha256,
                    taken.device,
                    was.true_ms(body.started_at_ms),
                ],
            )

    def latest(self, member: Member, count: int = 200) -> list[Clip]:
        """Return the newest clips, newest first."""
        member.require("leader")
        rows = self._store.rows("SELECT * FROM clips ORDER BY started_at_ms DESC LIMIT ?", [count])
        return [self._clip(row) for row in rows]

    def look(self, sha256: str, member: Member) -> Path:
        """Return the file of a clip for `member` to see, and note who looked; raises MissingError."""
        member.require("leader")
        path = self._directory / f"{sha256}.mp4"
        if not self._store.row("SELECT 1 FROM clips WHERE sha256 = ?", [sha256]) or not path.exists():
            raise MissingError(
                "Không có đoạn ghi này, hoặc tệp chưa về tới. (No such clip, or not here yet.)"
            )
        self._audit.note(member.account, "clip.viewed", sha256)
        return path

    def has(self, sha256: str) -> bool:
        """Tell whether the file of a clip is here."""
        return (self._directory / f"{sha256}.mp4").exists()

    def announced(self, sha256: str, device: str) -> bool:
        """Tell whether a camera of `device` has told of this clip."""
        found = self._store.value("SELECT 1 FROM clips WHERE sha256 = ? AND device = ?", [sha256, device])
        return found is not None

    def forget_old(self, now_ms: int, keep_days: int) -> int:
        """Delete the files of clips that were kept for their days, and note each; return how many.

        That there was a recording, and when, stays known. A file that nobody announced goes as well.
        """
        forgotten = 0
        for path in self._directory.glob("*.mp4"):
            started_ms = self._store.value("SELECT started_at_ms FROM clips WHERE sha256 = ?", [path.stem])
            known = started_ms is not None and started_ms >= KNOWN_SINCE_MS
            since_ms = started_ms if known else path.stat().st_mtime * 1_000
            if since_ms < now_ms - keep_days * DAY_MS:
                path.unlink(missing_ok=True)
                self._audit.note(HUB, "clip.deleted", path.stem, f"đã giữ {keep_days} ngày (kept its days)")
                forgotten += 1
        return forgotten

    @contextlib.contextmanager
    def arriving(self, sha256: str) -> Iterator[Arrival]:
        """Take a clip's file in pieces; `finish()` keeps it if its hash is right, otherwise nothing stays."""
        arrival = Arrival(self._directory, sha256)
        try:
            yield arrival
        finally:
            arrival.discard()

    def _clip(self, row: Row) -> Clip:
        return Clip(**row, here=self.has(row["sha256"]))


class Arrival:
    """A clip's file on its way in."""

    def __init__(self, directory: Path, sha256: str) -> None:
        self._target = directory / f"{sha256}.mp4"
        self._part = directory / f"{sha256}.{secrets.token_hex(4)}.part"
        self._sha256 = sha256
        self._hash = hashlib.sha256()
        self._size = 0
        self._file: BinaryIO = self._part.open("wb")

    def write(self, piece: bytes) -> None:
        """Take a piece; raises InvalidError beyond CLIP_MAX_BYTES, FullError when the disk has no room."""
        self._size += len(piece)
        if self._size > CLIP_MAX_BYTES:
            raise InvalidError(f"clip: quá {CLIP_MAX_BYTES} byte (larger than {CLIP_MAX_BYTES} bytes)")
        if shutil.disk_usage(self._part.parent).free < ROOM_KEPT_BYTES:
            raise FullError("Đĩa của hub sắp đầy. (The hub's disk is nearly full; send it later.)")
        self._hash.update(piece)
        self._file.write(piece)

    def finish(self) -> None:
        """Keep the file, on disk for good; raises InvalidError when it is not the one that was announced."""
        if self._hash.hexdigest() != self._sha256:
            raise InvalidError(
                "sha256: nội dung không khớp (the content has another hash); hãy gửi lại (resend)"
            )
        self._file.flush()
        os.fsync(self._file.fileno())
        self._part.rename(self._target)
        sync_directory(self._target.parent)

    def discard(self) -> None:
        """Close, and leave nothing behind unless `finish` kept it."""
        self._file.close()
        self._part.unlink(missing_ok=True)
