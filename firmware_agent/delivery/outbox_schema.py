"""How an outbox lies on the card: its tables, and how those of earlier versions are brought forward."""

from __future__ import annotations

import zlib

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

PAGE_BYTES = 4_096
"""SQLite's default since 3.12."""

PAGE_COUNT_AT = 28
"""Where the header says in 4 bytes how many pages there are (sqlite.org, Database File Format, 1.3)."""

MIGRATIONS = Migrations("outbox")


def state_crc(key: str, value: str) -> int:
    """Return the checksum of a piece of the node's state: CRC-32 of its key and its value."""
    return zlib.crc32(f"{key}\0{value}".encode())


def place_crc(epoch: str, fact: bytes) -> int:
    """Return the CRC-32 of a fact in a stream: less this, the column `place` is the fact's number."""
    return zlib.crc32(fact, zlib.crc32(epoch.encode()))


@MIGRATIONS()
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


@MIGRATIONS()
def checksum_each_fact(database: Database) -> None:
    """Give checksums to an outbox of before there were any; its `create` bore the same name."""
    if any(column.name == "crc" for column in database["facts"].columns):
        return
    database.execute("ALTER TABLE facts ADD COLUMN crc INTEGER NOT NULL DEFAULT 0")
    for seq, fact in database.execute("SELECT seq, fact FROM facts").fetchall():
        database.execute("UPDATE facts SET crc = ? WHERE seq = ?", [zlib.crc32(fact), seq])


@MIGRATIONS()
def checksum_each_state(database: Database) -> None:
    """Give checksums to the node's state: a number that a bad card changes would be believed."""
    database.execute("ALTER TABLE state ADD COLUMN crc INTEGER NOT NULL DEFAULT 0")
    for key, value in database.execute("SELECT key, value FROM state").fetchall():
        database.execute("UPDATE state SET crc = ? WHERE key = ?", [state_crc(key, value), key])


@MIGRATIONS()
def keep_twice(database: Database) -> None:
    """Keep a second time what no other row can tell: the stream, the state, and the number of each fact.

    The table is filled at the opening (firmware_agent.delivery.twice).
    """
    database.execute("ALTER TABLE facts ADD COLUMN place INTEGER NOT NULL DEFAULT 0")
    database.execute(
        "CREATE TABLE spare (key TEXT PRIMARY KEY, value TEXT NOT NULL, crc INTEGER NOT NULL) "
        "STRICT, WITHOUT ROWID"
    )
    for (epoch,) in database.execute("SELECT epoch FROM stream").fetchall():
        put_places(database, epoch)


def put_places(database: Database, epoch: str) -> None:
    """Write the number of each fact a second time; 0 for one that the card has changed."""
    for seq, fact, crc in database.execute("SELECT seq, fact, crc FROM facts").fetchall():
        place = place_crc(epoch, fact) + seq if zlib.crc32(fact) == crc else 0
        database.execute("UPDATE facts SET place = ? WHERE seq = ?", [place, seq])


def with_blank_schema(content: bytes) -> bytes:
    """Return the database `content` with the first page of a new outbox: SQLite's header and the schema.

    Every outbox is made in the same steps, so that its tables begin on the same pages. Raises ValueError for
    content of other pages.
    """
    database = Database(memory=True)
    try:
        MIGRATIONS.apply(database)
        blank = bytearray(database.conn.serialize()[:PAGE_BYTES])
    finally:
        database.close()
    if len(content) < PAGE_BYTES or len(content) % PAGE_BYTES:
        raise ValueError(f"{len(content)} bytes, not whole pages of {PAGE_BYTES}")
    blank[PAGE_COUNT_AT : PAGE_COUNT_AT + 4] = (len(content) // PAGE_BYTES).to_bytes(4, "big")
    return bytes(blank) + content[PAGE_BYTES:]
