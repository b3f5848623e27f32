"""Repair a damaged store: a new file, filled from the newest sound backup and from what can still be read."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlite_utils.migrations import Migrations

from commune_hub.backup import backups
from commune_hub.fact_checks import SOUND, opened
from commune_hub.store import Store
from firmware_agent.database import DatabaseUnusableError
from firmware_agent.rebuilding import begin, take_place

log = logging.getLogger(__name__)


@dataclass
class Repaired:
    """What a repair came to."""

    aside: Path
    """Where the damaged file is kept."""
    from_backup: Path | None
    rows: dict[str, int] = field(default_factory=dict)
    """Rows in the new file, by table."""

    def told(self) -> str:
        """Return it as one line for a technician."""
        filled = ", ".join(f"{table} {count}" for table, count in sorted(self.rows.items()) if count)
        source = self.from_backup.name if self.from_backup else "không có (none)"
        return (
            f"Kho dữ liệu hỏng đã cất riêng ({self.aside.name}) và dựng lại (damaged store rebuilt); "
            f"bản sao lưu (backup): {source}; còn đọc được (readable): {filled or '0'}"
        )


def repair(path: Path, root: Path, migrations: Sequence[Migrations], suffix: str) -> Repaired:
    """Build a new store in the place of the damaged one at `path`; `root` is the hub's directory.

    Rows come first from the damaged file, where they are newest, then from the newest backup, where they are
    missing. What is in neither is lost; the devices' numbers show how much that is. Both may be of an earlier
    version. Power may go in the middle of it.
    """
    backup = next(iter(backups(root)), None)
    store = Store(begin(path), migrations)
    with TemporaryDirectory(prefix="repair-", dir=root) as directory:
        sources = [path, *([_brought_forward(backup, Path(directory), migrations)] if backup else [])]
        rows = _fill(store, sources)
    store.settle()
    done = Repaired(take_place(path, suffix), backup, rows)
    log.warning("%s", done.told())
    return done


def _fill(store: Store, sources: Sequence[Path]) -> dict[str, int]:
    """Pour what can be read of the sources into an empty store; return how many rows each table has now."""
    with store.transaction():
        tables = _tables(store)
        for source in sources:
            for table in tables:
                _pour(source, table, store)
        return {table: int(store.value(f'SELECT count(*) FROM "{table}"')) for table in tables}  # noqa: S608


def _tables(store: Store) -> list[str]:
    """Return the tables that hold data, those that others refer to first.

    The hub's own epoch is not carried over: its numbers may have gone on beyond what can be read.
    """
    rows = store.rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name = 'sessions'")
    names = [str(row["name"]) for row in rows]
    return [name for name in names if not name.startswith(("sqlite_", "_sqlite_")) and name != "own_epoch"]


def _brought_forward(backup: Path, directory: Path, migrations: Sequence[Migrations]) -> Path:
    """Return a copy of a backup with the tables of now; the backup itself where there can be none."""
    copy = directory / backup.name
    try:
        with closing(opened(backup)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        Store(copy, migrations).close()
    except (sqlite3.Error, DatabaseUnusableError) as error:
        log.warning("%s: đọc như nó đang có (read as it is): %s", backup.name, error)
        return backup
    return copy


def _pour(source: Path, table: str, store: Store) -> None:
    """Copy the rows of a table that can be read, forward and then from behind, past a damaged middle.

    Facts that are not as they were written are left out: a backup may have them as they were.

    A column that the source does not have yet is left to its default.
    """
    about = store.rows(f'PRAGMA table_info("{table}")')
    there = {row[1] for row in _readable(source, f'PRAGMA table_info("{table}")')}
    columns = [row["name"] for row in about if row["name"] in there]
    if not columns:
        return
    if not any(row["pk"] for row in about):
        columns.append("rowid")  # what makes a row itself, where nothing else does
    names = ", ".join(f'"{column}"' for column in columns)
    marks = ", ".join("?" * len(columns))
    insert = f'INSERT OR IGNORE INTO "{table}" ({names}) VALUES ({marks})'  # noqa: S608 - our own names
    which = f" WHERE {SOUND}" if table == "facts" and "crc" in there else ""
    for order in ("", " ORDER BY 1 DESC"):
        for row in _readable(source, f'SELECT {names} FROM "{table}"{which}{order}'):  # noqa: S608 - our own names
            try:
                store.execute(insert, row)
            except sqlite3.Error as error:
                log.warning("bỏ một dòng hỏng của %s (a damaged row is left out): %s", table, error)


def _readable(source: Path, sql: str) -> Iterator[tuple[Any, ...]]:
    """Yield rows until the first that cannot be read."""
    try:
        with closing(opened(source)) as connection:
            yield from connection.execute(sql)
    except sqlite3.Error as error:
        log.warning("%s: đọc được đến đây (readable up to here): %s", source.name, error)
