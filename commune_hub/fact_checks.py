"""Checksums of the ledger's rows: a bit that a bad disk flips passes SQLite's own checks, and would count.

A fact never changes, so its checksum is made once. Facts taken before there were checksums have none.
"""

from __future__ import annotations

import functools
import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from commune_hub.store import Store

FUNCTION = "fact_crc"

_TEXTS = ", ".join(f"CAST({name} AS BLOB)" for name in ("device", "node", "epoch", "kind", "boot", "body"))
"""As they lie there: a text that is none any more would end the whole query."""

SOUND = f"(crc IS NULL OR crc = {FUNCTION}({_TEXTS}, synced, seq, at_ms, mono_ms))"
"""A row of facts that is as it was written, in SQL, on a connection that was `opened` here."""

_WHERE = "device = ? AND node = ? AND epoch = ? AND seq = ?"

FactKey = tuple[str, str, str, int]
"""Device, node, epoch and number of a fact."""


def fact_crc(
    device: str,
    node: str,
    epoch: str,
    kind: str,
    boot: str,
    body: bytes,
    synced: bool,
    seq: int,
    at_ms: int,
    mono_ms: int,
) -> int:
    """Return the CRC-32 of a row of facts: of its body, begun from all that stands beside it."""
    head = _head(device, node, epoch, kind, boot, synced)
    return zlib.crc32(body, (head + seq + at_ms + mono_ms) & 0xFFFF_FFFF)


@functools.lru_cache(maxsize=4_096)
def _head(device: str, node: str, epoch: str, kind: str, boot: str, synced: bool) -> int:
    """Made once for what facts of a stream have in common."""
    return zlib.crc32("\0".join((device, node, epoch, kind, boot, str(synced))).encode())


def opened(path: Path) -> sqlite3.Connection:
    """Open a ledger at rest to read it: a backup, or a damaged file. It knows what `SOUND` asks."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.create_function(FUNCTION, 10, _kept_crc, deterministic=True)
    return connection


def _kept_crc(*row: bytes | int) -> int:
    *texts, body, synced, seq, at_ms, mono_ms = row
    heads = (each.decode(errors="replace") for each in texts if isinstance(each, bytes))
    return fact_crc(*heads, body, bool(synced), seq, at_ms, mono_ms)  # type: ignore[arg-type, call-arg]


def damaged_facts(path: Path) -> list[FactKey]:
    """Return the facts of a database at rest, a backup, that are not as they were written."""
    with closing(opened(path)) as connection:
        connection.text_factory = lambda raw: raw.decode(errors="replace")
        return connection.execute(
            f"SELECT device, node, epoch, seq FROM facts WHERE NOT {SOUND}"  # noqa: S608 - our own names
        ).fetchall()


def mend(store: Store, damaged: Iterable[FactKey], backups: Sequence[Path]) -> list[FactKey]:
    """Put facts back as the newest sound backup has them; return those that none has.

    A fact is never updated: the row goes, and the one that was written comes again.
    """
    left = list(damaged)
    for backup in backups:
        with closing(opened(backup)) as connection:
            sound = {key: row for key in left if (row := _sound_row(connection, key)) is not None}
        for key, row in sound.items():
            with store.transaction():
                store.execute(f"DELETE FROM facts WHERE {_WHERE}", key)  # noqa: S608 - our own names
                names, marks = ", ".join(row), ", ".join("?" * len(row))
                store.execute(f"INSERT INTO facts ({names}) VALUES ({marks})", list(row.values()))  # noqa: S608
        left = [key for key in left if key not in sound]
    return left


def _sound_row(connection: sqlite3.Connection, key: FactKey) -> dict[str, object] | None:
    """Return a fact of a backup with its checksum; None where there is none, or it is not sound."""
    try:
        cursor = connection.execute(
            f"SELECT * FROM facts WHERE {_WHERE} AND crc IS NOT NULL AND {SOUND}",  # noqa: S608 - our own names
            key,
        )
        row = cursor.fetchone()
    except sqlite3.Error:  # of a time before there were checksums, or damaged itself
        return None
    return None if row is None else dict(zip((each[0] for each in cursor.description), row, strict=True))
