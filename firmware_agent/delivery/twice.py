"""What an outbox knows besides its facts, kept twice: its stream, how far that is acknowledged, its state.

The table `spare` holds all of it again, each row with a checksum, written in the same transaction: whatever
bit is flipped, one of the two is right. The newest number given is not there, since each press would write a
page more for it; it follows from what is: facts are forgotten in the transaction that acknowledges them, so
it is the highest number that is held, or acknowledged, or `given`. A number that is too high would cost
nothing but a hole, which the hub notes as lost; one that is too low is given twice, which the marks find out
(wire.agreement). So where it is not certain, the higher one is believed. An `acked` that is too low costs
nothing either, the hub says again how far it is; one that is too high would leave facts unsent, so that one
behind which a fact is still held counts as damage.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from firmware_agent.database import UNREADABLE
from firmware_agent.delivery.outbox_schema import state_crc
from firmware_agent.delivery.reading import Connection
from wire.batches import EPOCH_PATTERN

MAX_NUMBER = 2**53
"""What a batch may speak of; no outbox gives as many."""

_STREAM = "stream"
_STATE = "state/"

Row = tuple[Any, ...]
Reader = Callable[[Connection, str, str], Iterable[Row]]


class Stream(NamedTuple):
    """Which stream it is, and where it stands."""

    epoch: str
    acked: int
    given: int | None
    """A number up to which all are given, though their facts may be gone for want of room. None: the row is
    damaged or was never there, and only the other one has told the rest."""


def read_stream(connection: Connection) -> Stream | None:
    """Return the stream by the row that is right: the spare one, which has a checksum, if it is."""
    found: list[Any] = []
    with contextlib.suppress(*UNREADABLE, ValueError):
        for value, crc in connection.execute("SELECT value, crc FROM spare WHERE key = ?", [_STREAM]):
            found += [json.loads(value)] if state_crc(_STREAM, value) == crc else []
    with contextlib.suppress(*UNREADABLE):
        rows = connection.execute("SELECT epoch, acked FROM stream").fetchall()
        found += [(epoch, acked, None) for epoch, acked in rows]
    return next((Stream(*each) for each in found if _can_be(*each)), None)


def _can_be(epoch: object, acked: object, given: object) -> bool:
    named = re.fullmatch(EPOCH_PATTERN, str(epoch)) is not None
    return named and is_number(acked) and (given is None or is_number(given))


def is_number(value: object) -> bool:
    """Tell whether this can be the number of a fact, or 0; a flipped bit may make a text of it."""
    return isinstance(value, int) and 0 <= value <= MAX_NUMBER


def all_rows(connection: Connection, sql: str, key: str) -> Iterable[Row]:
    """Return all rows. Raises UNREADABLE: what a card cannot read now must not pass for what is not there."""
    return list(connection.execute(f"{sql} ORDER BY {key}").fetchall())


def readable(connection: Connection, sql: str, key: str) -> Iterator[Row]:
    """Yield rows forward until one cannot be read, then from behind, past a damaged middle."""
    for order in ("ASC", "DESC"):
        with contextlib.suppress(*UNREADABLE):
            yield from connection.execute(f"{sql} ORDER BY {key} {order}")


def read_state(connection: Connection, rows_of: Reader = all_rows) -> dict[str, str]:
    """Return the node's state, each piece by the row that is right."""
    spare = _right_rows(connection, "spare", rows_of).items()
    again = {key.removeprefix(_STATE): value for key, value in spare if key.startswith(_STATE)}
    return again | _right_rows(connection, "state", rows_of)


def _right_rows(connection: Connection, table: str, rows_of: Reader) -> dict[str, str]:
    return {
        key: value
        for key, value, crc in rows_of(connection, f"SELECT key, value, crc FROM {table}", "key")  # noqa: S608
        if isinstance(key, str) and isinstance(value, str) and state_crc(key, value) == crc
    }


def read_newest(connection: Connection, rows_of: Reader = all_rows) -> int:
    """Return the highest number given as SQLite keeps it; 0 where that is no number, or none was given."""
    rows = rows_of(connection, "SELECT seq FROM sqlite_sequence WHERE name = 'facts'", "seq")
    return max((seq for (seq,) in rows if is_number(seq)), default=0)


def keep_stream(connection: Connection, stream: Stream) -> None:
    """Write where the stream stands, twice; within the caller's transaction."""
    connection.execute("UPDATE stream SET epoch = ?, acked = ?", [stream.epoch, stream.acked])
    connection.execute("INSERT OR REPLACE INTO spare VALUES (?, ?, ?)", _stream_row(stream))


def keep_state(connection: Connection, key: str, value: str) -> None:
    """Write a piece of the node's state, twice; within the caller's transaction."""
    connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?, ?)", _checked(key, value))
    connection.execute("INSERT OR REPLACE INTO spare VALUES (?, ?, ?)", _checked(_STATE + key, value))


def lay(connection: Connection, stream: Stream, newest: int, state: Mapping[str, str]) -> set[str]:
    """Make the tables say this and nothing else; return those that did not. In the caller's transaction."""
    spare = [_checked(_STATE + key, value) for key, value in state.items()]
    wanted: dict[str, list[Row]] = {
        "stream": [(stream.epoch, stream.acked)],
        "spare": [*spare, _stream_row(stream)],
        "state": [_checked(key, value) for key, value in state.items()],
        "sqlite_sequence": [("facts", newest)] if newest else [],
    }
    return {table for table, rows in wanted.items() if not _says(connection, table, rows)}


def _says(connection: Connection, table: str, rows: list[Row]) -> bool:
    with contextlib.suppress(*UNREADABLE):
        found = connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
        if len(found) == len(rows) and set(found) == set(rows):
            return True
    connection.execute(f"DELETE FROM {table}")  # noqa: S608
    for row in rows:
        connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608
    return False


def _stream_row(stream: Stream) -> Row:
    return _checked(_STREAM, json.dumps(stream))


def _checked(key: str, value: str) -> Row:
    return key, value, state_crc(key, value)
