"""Read facts from an open outbox file, each by its checksum: the node that writes it does, and a parcel."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from wire.codec import MAX_FACT_BYTES
from wire.facts import Fact, FactDamaged, Moment, make_fact

_MANY = msgspec.json.Decoder(list[Fact])


class Connection(Protocol):
    """What an outbox is read and written through: sqlite3's connection, or sqlite-utils' database."""

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
    kept: list[tuple[bytes, int]] = []
    size = 0
    for offset, (seq, raw, crc) in enumerate(rows):
        size += len(raw)
        if seq != rows[0][0] + offset or (kept and size > limit_bytes):
            break
        kept.append((raw, crc))
    return (rows[0][0] if rows else first), (oldest or first), _facts(kept)


def _facts(kept: Sequence[tuple[bytes, int]]) -> list[Fact]:
    """Read facts, all at once where the card has changed none of them."""
    if all(zlib.crc32(raw) == crc for raw, crc in kept):
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
            facts = _MANY.decode(b"[" + b",".join([raw for raw, _ in kept]) + b"]")
            if len(facts) == len(kept):
                return facts
    return [_fact(raw, crc) for raw, crc in kept]


def _fact(raw: bytes, crc: int) -> Fact:
    if zlib.crc32(raw) == crc:
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
            return msgspec.json.decode(raw, type=Fact)
    unknown = Moment(at_ms=0, mono_ms=0, boot="unknown", synced=False)
    return make_fact(FactDamaged(found=raw[: MAX_FACT_BYTES // 2]), unknown)
