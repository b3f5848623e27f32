"""The hub's one database: all capabilities keep their tables in it, so that what belongs together is one
transaction.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from firmware_agent.database import open_database
from firmware_agent.drive import DRIVE, Drive
from firmware_agent.rebuilding import settle

Row = dict[str, Any]
Values = Sequence[Any]


ROWS_TOGETHER = 50
"""Rows inserted by one statement: with twenty columns a thirtieth of the values that SQLite takes at most."""


@functools.cache
def _for_many(sql: str) -> str | None:
    """Return an insertion of one row as one of many; None for any other statement."""
    head, values, row = sql.rpartition(" VALUES ")
    if not head.startswith("INSERT") or not values or set(row) - set("(?, )"):
        return None
    return head + values + ", ".join([row] * ROWS_TOGETHER)


class Store:
    """One SQLite file behind one lock.

        with store.transaction():
            store.execute("INSERT …", [1])
        store.rows("SELECT …")

    Transactions nest; what happens inside is committed together, or not at all.
    """

    def __init__(self, path: Path, migrations: Sequence[Migrations], drive: Drive = DRIVE) -> None:
        """Open `path` and migrate it; raises firmware_agent.database.DatabaseUnusableError."""
        self.path = path
        self._lock = threading.RLock()
        self._database: Database = open_database(path, migrations, drive)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the store; commit at the end, undo everything if an error leaves the block."""
        with self._lock:
            within = self._database.conn.in_transaction
            with self._database.atomic() if within else self._alone():
                yield

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Begin as a writer: one that only reads at first is refused without any patience if another process
        (an import while the hub runs) writes before it does."""
        connection = self._database.conn
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            self._database.rollback()
            raise

    def execute(self, sql: str, values: Values = ()) -> int:
        """Run one statement that changes something; return the number of rows it changed."""
        with self._lock:
            return int(self._database.execute(sql, list(values)).rowcount)

    def execute_many(self, sql: str, rows: Sequence[Values]) -> None:
        """Run one statement for each of `rows`, in the transaction around it, or in one of its own.

        Rows of a plain `INSERT … VALUES (?, …)` go many to a statement: between two, the other threads of
        the process have their turn, and getting back the interpreter costs more than the row.
        """
        with self._lock:
            around = contextlib.nullcontext() if self._database.conn.in_transaction else self.transaction()
            many_sql = _for_many(sql)
            whole = len(rows) - len(rows) % ROWS_TOGETHER if many_sql else 0
            with around:
                for first in range(0, whole, ROWS_TOGETHER):
                    together = rows[first : first + ROWS_TOGETHER]
                    self._database.conn.execute(str(many_sql), list(itertools.chain.from_iterable(together)))
                self._database.conn.executemany(sql, rows[whole:])

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        """Return the rows that a question finds, each by column name."""
        with self._lock:
            cursor = self._database.execute(sql, list(values))
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def row(self, sql: str, values: Values = ()) -> Row | None:
        """Return the first row, or None."""
        found = self.rows(sql, values)
        return found[0] if found else None

    def value(self, sql: str, values: Values = ()) -> Any:
        """Return the first column of the first row, or None."""
        found = self.row(sql, values)
        return next(iter(found.values())) if found else None

    def settle(self) -> None:
        """Close the file with all that is in it, and nothing in its journal; raises sqlite3.Error."""
        with self._lock:
            settle(self._database)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()
