"""A node's outbox: facts, committed to disk before anything else, kept until the hub has them.

The node's own small state (its last ticket number, what it has sounded) lives in the same file, so that a
fact and the state it brings about are one transaction.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import logging
import os
import secrets
import sqlite3
import threading
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from firmware_agent.database import (
    DatabaseUnusableError,
    forbids_writing,
    is_full,
    judging,
    open_database,
)
from firmware_agent.delivery.outbox_schema import MIGRATIONS, PAGE_BYTES, place_crc, put_places
from firmware_agent.delivery.reading import read_kept
from firmware_agent.delivery.reserve import NoReserve, Room
from firmware_agent.delivery.salvage import Salvaged, mend_journal, salvage
from firmware_agent.delivery.twice import (
    Stream,
    keep_state,
    keep_stream,
    lay,
    read_newest,
    read_state,
    read_stream,
)
from firmware_agent.drive import DRIVE, Drive
from firmware_agent.rebuilding import begin, finish, is_unfinished, settle, take_place
from wire.agreement import mark_of
from wire.facts import TELEMETRY, Fact

OPENINGS = 5
"""How often a file that seems damaged is opened before it is set aside: with it would go what it holds."""

JOURNAL_PAGES = 250
"""Pages of 4 KiB in the journal after which they move into the file: it never needs more room than this to
give its own back (firmware_agent.delivery.reserve)."""

SHORT_BYTES = 128 * 1024
"""With the reserve gone and less than this on the disk, the journal must not grow any more."""

LEAST_BYTES = 64 * 1024
"""What an outbox keeps on a full disk, there and as free pages within its file, to be able to forget."""

TELEMETRY_DROPPED_MAX = 500
"""Facts of telemetry that one append on a full disk may cost, the oldest first."""

T = TypeVar("T")

log = logging.getLogger(__name__)


def random_epoch() -> str:
    """Return a name for a stream that no other outbox has, and no earlier life of this one."""
    return secrets.token_hex(8)


class Outbox:
    """Append facts, read them for sending, forget those that the hub has committed.

        outbox = Outbox(Path("rating/outbox.db"))
        seq = outbox.append(fact)          # on disk when this returns
        outbox.read(first=1, count=200, limit_bytes=98304)
        outbox.forget(committed=seq)

    Safe to use from several threads.
    """

    def __init__(
        self,
        path: Path,
        drive: Drive = DRIVE,
        name_epoch: Callable[[], str] = random_epoch,
        room: Room | None = None,
    ) -> None:
        """`room` is what was put by for a full disk."""
        self._room = room or NoReserve()
        self._lock = threading.Lock()
        self._name_epoch = name_epoch
        self.set_aside: Path | None = None
        """Where an unusable earlier file went, if there was one."""
        self.saved = 0
        """Facts of that file that could still be read; they are in this one, under their own numbers."""
        self._stream: Stream
        suffix = f"corrupt-{secrets.token_hex(4)}"
        if is_unfinished(path, drive):
            self.set_aside = finish(path, suffix, drive)
        if not self._opens(path, drive):
            self._rebuild(path, drive)
            self.set_aside = take_place(path, suffix, drive)
            self._open(path, drive)
        if self.set_aside is not None:
            self.saved = int(self._database.execute("SELECT count(*) FROM facts").fetchone()[0])

    def _rebuild(self, path: Path, drive: Drive) -> None:
        """Make a new file with what can still be read of this one; power may go in the middle of it."""
        saved = salvage(path, drive)
        self._open(begin(path, drive), drive)
        try:
            self._take_over(saved)
        except BaseException:
            self._database.close()
            raise
        settle(self._database)

    def _take_over(self, saved: Salvaged) -> None:
        """Go on with the stream of a damaged file. What could not be read leaves holes: lost, and seen so."""
        stream = saved.stream or self._stream
        with self._database.atomic():
            for seq, raw in sorted(saved.facts.items()):
                self._insert(seq, raw, stream.epoch)
            self._stream = stream._replace(given=saved.newest)
            lay(self._database, self._stream, saved.newest, saved.state)

    def _opens(self, path: Path, drive: Drive) -> bool:
        """Tell whether the file could be opened; a card that reads badly now may read well the next time."""
        for _ in range(OPENINGS):
            with contextlib.suppress(DatabaseUnusableError):
                self._open(path, drive)
                return True
        return False

    def _open(self, path: Path, drive: Drive) -> None:
        if mend_journal(path, drive):
            log.warning("%s: đã chữa một bit sai trong nhật ký (mended a flipped bit in the journal)", path)
        try:
            self._open_once(path, drive)
        except sqlite3.OperationalError as error:
            if not is_full(error):
                raise
            self._room.give()
            self._open_once(path, drive)

    def _open_once(self, path: Path, drive: Drive) -> None:
        self._database = open_database(path, [MIGRATIONS], drive)
        self._database.execute(f"PRAGMA wal_autocheckpoint={JOURNAL_PAGES}").fetchall()
        try:
            with judging(path):
                self._settle_and_rehearse(path)
        except BaseException:
            self._database.close()
            raise

    def _settle_and_rehearse(self, path: Path) -> None:
        try:
            with self._database.atomic():
                self._settle(path)
            self._rehearse()
        except sqlite3.OperationalError as error:
            if not forbids_writing(error):
                raise
            # The place could just be written to: it is the file's own header that says so.
            raise sqlite3.DatabaseError(str(error)) from error

    def _settle(self, path: Path) -> None:
        """Bring in line what is kept twice, where a bit of one was flipped that SQLite does not see.

        Raises DatabaseUnusableError where that does not tell which is right, sqlite3.DatabaseError where the
        facts themselves do not agree.
        """
        stream = read_stream(self._database)
        if stream is None:
            if self._database.execute("SELECT count(*) FROM stream").fetchone()[0]:
                # With such a name the hub would refuse every batch.
                raise DatabaseUnusableError(f"{path}: no name of the stream")
            stream = Stream(self._name_epoch(), 0, 0)
            self._database.execute("INSERT INTO stream VALUES (?, 0)", [stream.epoch])
        last = self._last_held(stream)
        if stream.given is None:
            stream = stream._replace(given=max(last, stream.acked, read_newest(self._database)))
        newest = max(last, stream.acked, stream.given or 0)
        changed = lay(self._database, stream, newest, read_state(self._database))
        if changed - {"spare"}:
            log.warning("%s: đã chữa một bit sai (mended a flipped bit) %s", path, sorted(changed))
        self._stream = stream

    def _last_held(self, stream: Stream) -> int:
        """Return the highest number held, or 0. Numbers between the first and the last stand in order."""
        rows = self._database.execute(
            "SELECT seq, fact, crc, place FROM facts "
            "WHERE seq IN ((SELECT min(seq) FROM facts), (SELECT max(seq) FROM facts)) ORDER BY seq"
        ).fetchall()
        for seq, raw, crc, place in rows:
            moved = place and zlib.crc32(raw) == crc and place - place_crc(stream.epoch, raw) != seq
            if seq <= stream.acked or moved:
                raise sqlite3.DatabaseError(f"fact {seq}: has another number")
        return int(rows[-1][0]) if rows else 0

    def _rehearse(self) -> None:
        """Do once what will be done later, then take it back.

        A bit that a bad card flips in the schema passes SQLite's own checks, and the node would fail on it at
        each start. Raises UNREADABLE.
        """
        try:
            self._database.execute("BEGIN IMMEDIATE")
            seq = self._newest() + 1
            self._insert(seq, b"", self.epoch)
            self._set_state({"rehearsal": None})
            read_kept(self._database, seq, 1, 0)
            self._database.execute("DELETE FROM facts WHERE seq = ?", [seq])
            keep_stream(self._database, self._stream)
        finally:
            if self._database.conn.in_transaction:
                self._database.execute("ROLLBACK")

    @property
    def epoch(self) -> str:
        """Random id of this file, or of its part since `begin_anew`; names its stream of facts."""
        return self._stream.epoch

    @property
    def acked(self) -> int:
        """Highest number that the hub has committed."""
        with self._lock:
            return self._stream.acked

    @property
    def newest(self) -> int:
        """Highest number given so far; 0 in a new file."""
        with self._lock:
            return self._newest()

    def _newest(self) -> int:
        return read_newest(self._database)

    def _insert(self, seq: int, raw: bytes, epoch: str) -> None:
        row = [seq, raw, zlib.crc32(raw), place_crc(epoch, raw) + seq]
        self._database.execute("INSERT INTO facts (seq, fact, crc, place) VALUES (?, ?, ?, ?)", row)

    def append(self, fact: Fact, state: Mapping[str, Any] | None = None) -> int:
        """Commit `fact`, and `state` (JSON values by key) with it; return the fact's number.

        On a full disk, old telemetry makes room for it. Raises sqlite3.Error or OSError when there is none.
        """
        raw = msgspec.json.encode(fact)

        def insert() -> int:
            with self._database.atomic():
                seq = self._newest() + 1
                self._insert(seq, raw, self.epoch)
                self._set_state(state or {})
                return seq

        with self._lock:
            self._leave_room()
            return self._with_room(insert)

    def read(self, first: int, count: int, limit_bytes: int) -> tuple[int, int, list[Fact]]:
        """Return (number of the first fact returned, oldest number held, facts), `first` or the next held.

        At most `count` facts and about `limit_bytes`, but at least one if there is any. In the place of one
        that the card has changed stands a `fact.damaged`, so that the facts behind it still go up.
        """
        with self._lock:
            return read_kept(self._database, first, count, limit_bytes)

    def forget(self, committed: int) -> None:
        """Delete facts up to `committed`: they are safe at the hub."""

        def delete() -> None:
            stream = self._stream._replace(acked=max(self._stream.acked, committed))
            with self._database.atomic():
                self._database.execute("DELETE FROM facts WHERE seq <= ?", [committed])
                keep_stream(self._database, stream)
            self._stream = stream

        with self._lock:
            self._with_room(delete)

    def mark(self, seq: int) -> int | None:
        """Return the mark of the fact `seq` as it would be sent now; None if it is not held."""
        first, _, facts = self.read(seq, 1, 0)
        return mark_of(facts[0]) if facts and first == seq else None

    def begin_anew(self, agreed: int) -> None:
        """Go on under a new epoch: the hub holds other facts than these behind number `agreed`.

        So it is when this file came back from an older image of the card. Facts up to `agreed` are safe at
        the hub and are forgotten; those behind become 1, 2, 3 … of the new epoch. Its name follows from the
        first of them: if a bad card forgets this too, the same facts take the same names again.
        """
        with self._lock:
            left = max(0, self._newest() - agreed)
            stream = Stream(self._epoch_behind(agreed), 0, left)
            with self._database.atomic():
                self._database.execute("DELETE FROM facts WHERE seq <= ?", [agreed])
                self._database.execute("UPDATE facts SET seq = seq - ?", [agreed])
                put_places(self._database, stream.epoch)
                self._database.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'facts'", [left])
                keep_stream(self._database, stream)
            self._stream = stream

    def _epoch_behind(self, agreed: int) -> str:
        first = self._database.execute(
            "SELECT seq, fact FROM facts WHERE seq > ? ORDER BY seq LIMIT 1", [agreed]
        ).fetchone()
        if first is None:
            return self._name_epoch()
        origin = f"{self.epoch}/{agreed}/{first[0]}/".encode() + first[1]
        return hashlib.sha256(origin).hexdigest()[:16]

    def state(self, key: str, default: Any = None) -> Any:
        """Return the node's state under `key`."""
        with self._lock:
            row = self._database.execute("SELECT value FROM state WHERE key = ?", [key]).fetchone()
        return json.loads(row[0]) if row else default

    def remember(self, state: Mapping[str, Any]) -> None:
        """Commit state that no fact comes with."""

        def write() -> None:
            with self._database.atomic():
                self._set_state(state)

        with self._lock:
            self._with_room(write)

    def _with_room(self, write: Callable[[], T]) -> T:
        """Do a transaction; on a full disk, make what room there is, and try once more."""
        try:
            return write()
        except sqlite3.OperationalError as error:
            if not is_full(error):
                raise
        self._room.give()
        with contextlib.suppress(sqlite3.OperationalError):
            self._begin_journal_anew()
            self._drop_telemetry()
        return write()

    def _leave_room(self) -> None:
        """Keep, on a disk that is as good as full, what it takes to forget; raises OSError without that."""
        if self._room.left_bytes() >= SHORT_BYTES:
            return
        self._begin_journal_anew()
        if self._spare_bytes() < LEAST_BYTES:
            self._drop_telemetry()
        if self._spare_bytes() < LEAST_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _spare_bytes(self) -> int:
        """Return the room on the disk and in the pages of the file that wait to be used again.

        Together: a small outbox on a disk that stands just below the mark has few pages of its own, and would
        take nothing any more although all that it had was acknowledged.
        """
        pages = int(self._database.execute("PRAGMA freelist_count").fetchone()[0])
        return self._room.left_bytes() + pages * PAGE_BYTES

    def _begin_journal_anew(self) -> None:
        """What is in the journal moves into the file; the journal keeps its room and is written over."""
        self._database.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()

    def _drop_telemetry(self) -> None:
        """Facts of value win over telemetry. It leaves a hole in the numbers, which the hub notes as lost."""
        which = " OR ".join("CAST(fact AS TEXT) GLOB ?" for _ in TELEMETRY)
        stream = self._stream._replace(given=self._newest())
        with self._database.atomic():
            self._database.execute(
                f"DELETE FROM facts WHERE seq IN (SELECT seq FROM facts WHERE {which} ORDER BY seq LIMIT ?)",  # noqa: S608
                [*(f'{{"kind":"{kind}"*' for kind in sorted(TELEMETRY)), TELEMETRY_DROPPED_MAX],
            )
            keep_stream(self._database, stream)
        self._stream = stream
        self._begin_journal_anew()

    def _set_state(self, state: Mapping[str, Any]) -> None:
        for key, value in state.items():
            keep_state(self._database, key, json.dumps(value))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()
