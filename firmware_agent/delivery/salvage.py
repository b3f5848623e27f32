"""Save what can be read of a damaged outbox: its stream's name, its facts under their numbers, its state."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from firmware_agent.database import UNREADABLE
from firmware_agent.delivery.outbox_schema import state_crc, with_blank_schema
from firmware_agent.drive import Drive
from wire.batches import EPOCH_PATTERN

Row = tuple[Any, ...]


@dataclass
class Salvaged:
    """What was saved. Without a stream, facts are of no use: nobody can say which of them the hub has."""

    stream: tuple[str, int, int] | None = None
    """Epoch, acknowledged up to, newest number given."""
    facts: dict[int, tuple[bytes, int]] = field(default_factory=dict)
    """By number: the fact as it was written, and its checksum, which is right."""
    state: dict[str, str] = field(default_factory=dict)


def salvage(path: Path, drive: Drive) -> Salvaged:
    """Read the damaged file at `path` as far as it goes; a file that is no database gives nothing.

    It is read twice: as it says itself, and by the schema that all outboxes have.
    """
    found = Salvaged()
    with contextlib.suppress(*UNREADABLE):
        with closing(drive.connect(path)) as connection:
            found = _read(connection, found)
            content = _content(connection)
        with closing(sqlite3.connect(":memory:")) as laid, contextlib.suppress(ValueError, MemoryError):
            laid.deserialize(with_blank_schema(content))
            found = _read(laid, found)
    return found


def _content(connection: sqlite3.Connection) -> bytes:
    """Return the file with what is in its journal, even where its schema says nonsense."""
    connection.execute("PRAGMA writable_schema=ON")
    return connection.serialize()


def _read(connection: sqlite3.Connection, known: Salvaged) -> Salvaged:
    """Return what is known, and what this connection can read besides."""
    stream = known.stream or _stream(connection)
    facts = {} if stream is None else _facts(connection, stream)
    return Salvaged(stream, known.facts | facts, known.state | _state(connection))


def _state(connection: sqlite3.Connection) -> dict[str, str]:
    return {
        key: value
        for key, value, crc in _readable(connection, "SELECT key, value, crc FROM state", "key")
        if isinstance(key, str) and isinstance(value, str) and state_crc(key, value) == crc
    }


def _stream(connection: sqlite3.Connection) -> tuple[str, int, int] | None:
    """Return the stream if all three of its figures can be read and belong together."""
    with contextlib.suppress(*UNREADABLE, TypeError):
        epoch, acked = connection.execute("SELECT epoch, acked FROM stream").fetchone()
        row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'facts'").fetchone()
        newest = row[0] if row else 0
        if re.fullmatch(EPOCH_PATTERN, str(epoch)) and 0 <= acked <= newest:
            return str(epoch), int(acked), int(newest)
    return None


def _facts(connection: sqlite3.Connection, stream: tuple[str, int, int]) -> dict[int, tuple[bytes, int]]:
    _, acked, newest = stream
    return {
        seq: (raw, crc)
        for seq, raw, crc in _readable(connection, "SELECT seq, fact, crc FROM facts", "seq")
        if isinstance(raw, bytes) and acked < seq <= newest and zlib.crc32(raw) == crc
    }


def _readable(connection: sqlite3.Connection, sql: str, key: str) -> Iterator[Row]:
    """Yield rows forward until one cannot be read, then from behind, past a damaged middle."""
    for order in ("ASC", "DESC"):
        with contextlib.suppress(*UNREADABLE):
            yield from connection.execute(f"{sql} ORDER BY {key} {order}")
