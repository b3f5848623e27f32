"""The hub's one database: all capabilities keep their tables in it, so that what belongs together is one
transaction.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from firmware_agent.database import open_database
from firmware_agent.drive import DRIVE, Drive

Row = dict[str, Any]
Values = Sequence[Any]


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
        with self._lock, self._database.atomic():
            yield

    def execute(self, sql: str, values: Values = ()) -> int:
        """Run one statement that changes something; return the number of rows it changed."""
        with self._lock:
            return int(self._database.execute(sql, list(values)).rowcount)

    def execute_many(self, sql: str, rows: Sequence[Values]) -> None:
        """Run one statement for each of `rows`, in the transaction around it, or in one of its own."""
        with self._lock:
            around = contextlib.nullcontext() if self._database.conn.in_transaction else self.transaction()
            with around:
                self._database.conn.executemany(sql, rows)

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

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()
