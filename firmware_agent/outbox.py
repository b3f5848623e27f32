"""A node's outbox: facts, committed to disk before anything else, kept until the hub has them.

The node's own small state (its last ticket number, what it has sounded) lives in the same file, so that a
fact and the state it brings about are one transaction.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import threading
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from firmware_agent.database import DatabaseUnusableError, open_database, set_aside
from wire.codec import MAX_FACT_BYTES
from wire.facts import Fact, FactDamaged, Moment, make_fact

_migrations = Migrations("outbox")


@_migrations()
def create(database: Database) -> None:
    """Facts by number; AUTOINCREMENT, since a number that was used must never be used again.

    `crc` is the CRC-32 of `fact`: a bit that a bad card flips passes SQLite's own checks.
    """
    database.executescript(
        """
        CREATE TABLE facts (seq INTEGER PRIMARY KEY AUTOINCREMENT, fact BLOB NOT NULL,
            crc INTEGER NOT NULL) STRICT;
        CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE stream (epoch TEXT NOT NULL, acked INTEGER NOT NULL) STRICT;
        """
    )
    database.execute("INSERT INTO stream VALUES (?, 0)", [secrets.token_hex(8)])


def _fact(raw: bytes, crc: int) -> Fact:
    if zlib.crc32(raw) == crc:
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
            return msgspec.json.decode(raw, type=Fact)
    unknown = Moment(at_ms=0, mono_ms=0, boot="unknown", synced=False)
    return make_fact(FactDamaged(found=raw[: MAX_FACT_BYTES // 2]), unknown)


class Connection(Protocol):
    """What facts are read through: sqlite3's connection, or sqlite-utils' database."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Any:
        """Run one statement; return its cursor."""


def read_kept(
    connection: Connection, first: int, count: int, limit_bytes: int
) -> tuple[int, int, list[Fact]]:
    """Read facts from an open outbox file, as `Outbox.read` does."""
    rows = connection.execute(
        "SELECT seq, fact, crc FROM facts WHERE seq >= ? ORDER BY seq LIMIT ?", [first, count]
    ).fetchall()
    oldest = connection.execute("SELECT min(seq) FROM facts").fetchone()[0]
    facts: list[Fact] = []
    size = 0
    for offset, (seq, raw, crc) in enumerate(rows):
        size += len(raw)
        if seq != rows[0][0] + offset or (facts and size > limit_bytes):
            break
        facts.append(_fact(raw, crc))
    return (rows[0][0] if rows else first), (oldest or first), facts


class Outbox:
    """Append facts, read them for sending, forget those that the hub has committed.

        outbox = Outbox(Path("rating/outbox.db"))
        seq = outbox.append(fact)          # on disk when this returns
        outbox.read(first=1, count=200, limit_bytes=98304)
        outbox.forget(committed=seq)

    Safe to use from several threads.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self.set_aside: Path | None = None
        """Where an unusable earlier file went, if there was one."""
        try:
            self._database = open_database(path, [_migrations])
        except DatabaseUnusableError:
            self.set_aside = set_aside(path, f"corrupt-{secrets.token_hex(4)}")
            self._database = open_database(path, [_migrations])
        row = self._database.execute("SELECT epoch, acked FROM stream").fetchone()
        self.epoch: str = row[0]
        """Random id of this file; names its stream of facts."""
        self._acked: int = row[1]

    @property
    def acked(self) -> int:
        """Highest number that the hub has committed."""
        with self._lock:
            return self._acked

    @property
    def newest(self) -> int:
        """Highest number given so far; 0 in a new file."""
        with self._lock:
            row = self._database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'facts'").fetchone()
            return int(row[0]) if row else 0

    def append(self, fact: Fact, state: Mapping[str, Any] | None = None) -> int:
        """Commit `fact`, and `state` (JSON values by key) with it; return the fact's number."""
        raw = msgspec.json.encode(fact)
        with self._lock, self._database.atomic():
            cursor = self._database.execute(
                "INSERT INTO facts (fact, crc) VALUES (?, ?)", [raw, zlib.crc32(raw)]
            )
            self._set_state(state or {})
            return int(cursor.lastrowid or 0)

    def read(self, first: int, count: int, limit_bytes: int) -> tuple[int, int, list[Fact]]:
        """Return (number of the first fact returned, oldest number held, facts), `first` or the next held.

        At most `count` facts and about `limit_bytes`, but at least one if there is any. In the place of one
        that the card has changed stands a `fact.damaged`, so that the facts behind it still go up.
        """
        with self._lock:
            return read_kept(self._database, first, count, limit_bytes)

    def forget(self, committed: int) -> None:
        """Delete facts up to `committed`: they are safe at the hub."""
        with self._lock, self._database.atomic():
            self._database.execute("DELETE FROM facts WHERE seq <= ?", [committed])
            self._database.execute("UPDATE stream SET acked = max(acked, ?)", [committed])
            self._acked = max(self._acked, committed)

    def state(self, key: str, default: Any = None) -> Any:
        """Return the node's state under `key`."""
        with self._lock:
            row = self._database.execute("SELECT value FROM state WHERE key = ?", [key]).fetchone()
        return json.loads(row[0]) if row else default

    def remember(self, state: Mapping[str, Any]) -> None:
        """Commit state that no fact comes with."""
        with self._lock, self._database.atomic():
            self._set_state(state)

    def _set_state(self, state: Mapping[str, Any]) -> None:
        for key, value in state.items():
            self._database.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", [key, json.dumps(value)])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()
