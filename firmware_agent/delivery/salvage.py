"""Save what can be read of a damaged outbox: its stream's name, its facts under their numbers, its state.

Of one flipped bit, wherever it is, this gives everything but at most the fact that the bit is in.
"""

from __future__ import annotations

import contextlib
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from firmware_agent.database import UNREADABLE
from firmware_agent.delivery.journal import Frame, committed, mended
from firmware_agent.delivery.outbox_schema import PAGE_BYTES, place_crc, with_blank_schema
from firmware_agent.delivery.records import facts_in
from firmware_agent.delivery.twice import Row, Stream, read_newest, read_state, read_stream, readable
from firmware_agent.drive import Drive

TRIES = 5
"""How often a page is read before it counts as unreadable."""

JOURNAL_AT = slice(18, 20)
"""Where the header says that there is a journal ahead, which SQLite does not open in memory."""


@dataclass
class Salvaged:
    """What was saved. Without a stream, facts are of no use: nobody can say which of them the hub has."""

    stream: Stream | None = None
    newest: int = 0
    """Highest number given."""
    facts: dict[int, bytes] = field(default_factory=dict)
    """By number: the fact as it was written, and right."""
    state: dict[str, str] = field(default_factory=dict)


def salvage(path: Path, drive: Drive) -> Salvaged:
    """Read the damaged file at `path` as far as it goes; a file that is no database gives nothing.

    It is read as it says itself, by the schema that all outboxes have, and page by page, whatever SQLite
    says of the page.
    """
    content, journal = _whole(path, drive), committed(_whole(_journal(path), drive))
    versions = [content, *(frame.content for frame in journal)]
    content = _laid(content, journal)
    found = Salvaged()
    for read in (_as_it_is, with_blank_schema):
        unreadable = contextlib.suppress(*UNREADABLE, ValueError, MemoryError)
        with unreadable, closing(sqlite3.connect(":memory:")) as connection:
            connection.deserialize(read(content))
            found = _read(connection, found)
    if found.stream is not None:
        _add_by_looks(found, found.stream, versions, content)
    return found


def mend_journal(path: Path, drive: Drive) -> bool:
    """Mend the one bit of the journal of `path` that was flipped, if one was; tell whether.

    Before SQLite opens it: it would drop what is behind, and write over it. A bad card must not keep an
    outbox from being opened here.
    """
    journal = _whole(_journal(path), drive)
    better = mended(journal)
    if better is None:
        return False
    changed = [at for at, byte in enumerate(better) if byte != journal[at]]
    with contextlib.suppress(OSError):
        drive.write(_journal(path), changed[0], better[changed[0] : changed[-1] + 1])
        return True
    return False


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _whole(path: Path, drive: Drive) -> bytes:
    """Return the file, with zeros in the place of what cannot be read."""
    size = drive.size(path)
    return b"".join(_page(path, drive, at, min(PAGE_BYTES, size - at)) for at in range(0, size, PAGE_BYTES))


def _page(path: Path, drive: Drive, at: int, size: int) -> bytes:
    for _ in range(TRIES):
        with contextlib.suppress(OSError):
            return drive.read(path, at, size)
    return bytes(size)


def _laid(content: bytes, journal: list[Frame]) -> bytes:
    """Return the file with what is in its journal."""
    if not journal:
        return content
    laid = bytearray(content.ljust(journal[-1].pages * PAGE_BYTES, b"\0"))
    for page, _, new in journal:
        laid[(page - 1) * PAGE_BYTES : page * PAGE_BYTES] = new
    return bytes(laid[: journal[-1].pages * PAGE_BYTES])


def _as_it_is(content: bytes) -> bytes:
    made = bytearray(content)
    made[JOURNAL_AT] = b"\1\1"
    return bytes(made)


def _read(connection: sqlite3.Connection, known: Salvaged) -> Salvaged:
    """Return what is known, and what this connection can read besides."""
    stream = known.stream or read_stream(connection)
    found = Salvaged(stream, known.newest, dict(known.facts), read_state(connection, readable) | known.state)
    if stream is not None:
        found.newest = max(known.newest, stream.acked, stream.given or 0, read_newest(connection, readable))
        rows = readable(connection, "SELECT seq, fact, crc, place FROM facts", "seq")
        _add_rows(found, stream, rows)
    return found


def _add_rows(found: Salvaged, stream: Stream, rows: Iterable[Row]) -> None:
    """Add facts that SQLite can read. Each has two checksums and its number twice: two of three are right."""
    doubtful: set[tuple[int, int, bytes]] = set()
    for seq, raw, crc, place in rows:
        if not isinstance(raw, bytes) or not isinstance(place, int):
            continue
        again, right = place - place_crc(stream.epoch, raw), zlib.crc32(raw) == crc
        if again == seq or (right and place == 0):
            _add(found, stream, seq, raw, seq)
        elif right:
            doubtful.add((again, seq, raw))
    for again, seq, raw in sorted(doubtful):
        free = (each for each in (again, seq) if stream.acked < each <= found.newest)
        number = next((each for each in free if each not in found.facts), None)
        if number is not None:
            found.facts[number] = raw


def _add_by_looks(found: Salvaged, stream: Stream, versions: list[bytes], content: bytes) -> None:
    """Add facts that lie in pages which SQLite refuses, or by now lie nowhere else."""

    def page_at(number: int) -> bytes:
        return content[(number - 1) * PAGE_BYTES : number * PAGE_BYTES]

    for page in (page for version in versions for page in _pages(version)):
        for raw, place in facts_in(page, page_at):
            _add(found, stream, place - place_crc(stream.epoch, raw), raw, found.newest)


def _pages(content: bytes) -> Iterator[bytes]:
    return (content[at : at + PAGE_BYTES] for at in range(0, len(content), PAGE_BYTES))


def _add(found: Salvaged, stream: Stream, number: int, raw: bytes, newest: int) -> None:
    if stream.acked < number <= newest and number not in found.facts:
        found.facts[number] = raw
        found.newest = max(found.newest, number)
