"""Save what can be read of a damaged outbox: its stream's name, its facts under their numbers, its state."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from firmware_agent.drive import Drive
from wire.batches import EPOCH_PATTERN

Row = tuple[Any, ...]

UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
"""What reading a damaged file may end in; a flipped bit in a text is not always caught by SQLite."""


@dataclass
class Salvaged:
    """What was saved. Without a stream, facts are of no use: nobody can say which of them the hub has."""

    stream: tuple[str, int, int] | None = None
    """Epoch, acknowledged up to, newest number given."""
    facts: dict[int, tuple[bytes, int]] = field(default_factory=dict)
    """By number: the fact as it was written, and its checksum, which is right."""
    state: dict[str, str] = field(default_factory=dict)


def salvage(path: Path, drive: Drive) -> Salvaged:
    """Read the damaged file at `path` as far as it goes; a file that is no database gives nothing."""
    found = Salvaged()
    with contextlib.suppress(*UNREADABLE):
        connection = drive.connect(path)
        try:
            found.stream = _stream(connection)
            if found.stream is not None:
                found.facts = _facts(connection, found.stream)
            found.state = {
                key: value
                for key, value in _readable(connection, "SELECT key, value FROM state", "key")
                if isinstance(key, str) and isinstance(value, str)
            }
        finally:
            connection.close()
    return found


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
