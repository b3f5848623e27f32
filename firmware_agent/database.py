"""Open SQLite databases the one way that loses nothing: WAL, synchronous=FULL, migrated after a copy."""

from __future__ import annotations

import contextlib
import functools
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from firmware_agent.drive import DRIVE, Drive

_PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
}
"""SQLite's primary codes for trouble around a file that says nothing against the file itself."""


UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What reading a damaged file ends in. A flipped bit in a name of its schema makes SQLite's own message
undecodable, and sqlite3 raises that."""

_STEPS = {"migration_set", "name", "applied_at"}
"""Columns of sqlite-utils' own table."""


class DatabaseUnusableError(Exception):
    """A file that is no sound SQLite database; the text says what SQLite found."""


def open_database(path: Path, migrations: Sequence[Migrations], drive: Drive = DRIVE) -> Database:
    """Open or make the database at `path` and bring its schema up to date.

    With `synchronous=NORMAL` a power cut loses every commit since the last checkpoint, and the file still
    checks "ok"; FULL loses none. Connections may cross threads: the caller guards them with a lock.
    Raises DatabaseUnusableError for a file that is damaged, and sqlite3.OperationalError for trouble around
    it (disk full, locked by another process): a sound file must never be set aside for that.
    """
    existed = drive.exists(path)
    connection = drive.connect(path)
    try:
        with judging(path):
            database = _prepare(Database(connection))
            if existed:
                _check(database)
            if existed and any(each.pending(database) for each in migrations):
                _copy(database, path.with_suffix(".before-migration.db"), drive)
            for each in migrations:
                each.apply(database)
            _compare(database, migrations)
    except BaseException:
        connection.close()
        raise
    return database


@contextlib.contextmanager
def judging(path: Path) -> Iterator[None]:
    """Raise DatabaseUnusableError where what fails in the block speaks against the file at `path` itself."""
    try:
        yield
    except UNREADABLE as error:
        if _passes(error):
            raise
        raise DatabaseUnusableError(f"{path}: {error}") from error


def _passes(error: BaseException) -> bool:
    """Tell whether what failed says nothing against the file itself, only against what is around it."""
    if not isinstance(error, sqlite3.Error):
        return False
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    # Of the I/O errors, a shared-memory file that cannot grow is a full disk under another name.
    return code & 0xFF in _PASSING or code == sqlite3.SQLITE_IOERR_SHMSIZE


def is_full(error: BaseException) -> bool:
    """Tell whether SQLite failed for want of room on the disk."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_FULL or code == sqlite3.SQLITE_IOERR_SHMSIZE


def forbids_writing(error: BaseException) -> bool:
    """Tell whether SQLite refused to write since the file or its place says so."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_READONLY


def _prepare(database: Database) -> Database:
    database.execute("PRAGMA journal_mode=WAL").fetchall()
    database.execute("PRAGMA synchronous=FULL").fetchall()
    database.execute("PRAGMA foreign_keys=ON").fetchall()
    return database


def _check(database: Database) -> None:
    found = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(found)
    steps = database.execute("SELECT * FROM pragma_table_info('_sqlite_migrations')").fetchall()
    if steps and not {column[1] for column in steps} >= _STEPS:
        # To the letter, as sqlite-utils looks for them; SQLite itself does not mind other capitals.
        raise sqlite3.DatabaseError("the list of migrations has other columns")


def _compare(database: Database, migrations: Sequence[Migrations]) -> None:
    """See that every column that the migrations make is there by its name: a flipped bit renames one."""
    missing = sorted(_columns_made(*migrations) - _columns(database))
    if missing:
        raise sqlite3.DatabaseError(f"no column {' '.join(missing[0])}")


@functools.cache
def _columns_made(*migrations: Migrations) -> frozenset[tuple[str, str]]:
    """Return (table, column) of all that these migrations make."""
    fresh = Database(memory=True)
    try:
        for each in migrations:
            each.apply(fresh)
        return _columns(fresh)
    finally:
        fresh.close()


def _columns(database: Database) -> frozenset[tuple[str, str]]:
    rows = database.execute(
        "SELECT made.name, its.name FROM sqlite_master AS made, pragma_table_info(made.name) AS its "
        "WHERE made.type = 'table'"
    )
    return frozenset((table, column) for table, column in rows.fetchall())


def _copy(database: Database, target: Path, drive: Drive) -> None:
    """Copy a live database with SQLite's own backup, never as a file."""
    drive.remove(target)
    copy = drive.connect(target)
    try:
        database.conn.backup(copy)
    finally:
        copy.close()
