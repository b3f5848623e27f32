"""SQLite on a disk that forgets: an APSW VFS over `Disk`, and a drive that opens databases on it.

SQLite itself is the real one (APSW brings its own build), and so are its journal, its recovery and its
syncs. Only the bytes go to `Disk` instead of the machine's files.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import random
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import apsw

from firmware_agent.drive import Drive
from sim.faults.disk import SECTOR_BYTES, Disk, DiskError, File

_NAME = "forgetful"
_disks: dict[str, Disk] = {}
"""Disks by the first part of the path, since SQLite knows one VFS by name and files by path."""
_numbers = itertools.count()
_SCRATCH = Disk(random.Random(0))
_AUTOCHECKPOINT = re.compile(r"PRAGMA wal_autocheckpoint=(\d+)")
_AUTOCHECKPOINT_PAGES = 1_000
"""Unless the product says otherwise, as SQLite itself."""


def _coded(error: apsw.Error, code: int) -> apsw.Error:
    """Give an error its code: APSW hands on the very exception that a VFS raises, as it is."""
    error.__dict__.update(result=code, extendedresult=code)
    return error


def _error(error: DiskError) -> apsw.Error:
    if error.kind == "full":
        return _coded(apsw.FullError("database or disk is full"), sqlite3.SQLITE_FULL)
    return _coded(apsw.IOError("disk I/O error"), sqlite3.SQLITE_IOERR)


def _split(name: str | apsw.URIFilename) -> tuple[Disk, str]:
    text = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
    _, number, rest = text.split("/", 2)
    return _disks[number], rest


class _OpenFile:
    """An open file, as SQLite calls it. After a power cut it reads what was, and writes to nowhere."""

    def __init__(self, disk: Disk, file: File) -> None:
        self._disk = disk
        self._file = file
        self._gone = False

    def _there(self) -> bool:
        self._gone = self._gone or not self._disk.powered
        return not self._gone

    def xRead(self, amount: int, offset: int) -> bytes:
        try:
            if self._there():
                self._disk.before_read()
        except DiskError as error:
            raise _error(error) from None
        return bytes(self._file.now[offset : offset + amount])

    def xWrite(self, content: bytes, offset: int) -> None:
        if not self._there():
            return
        try:
            self._disk.before_write(grows=offset + len(content) > len(self._file.now))
        except DiskError as error:
            raise _error(error) from None
        self._file.write(offset, bytes(content))

    def xTruncate(self, size: int) -> None:
        if self._there():
            self._file.truncate(size)

    def xSync(self, _flags: int) -> None:
        if not self._there():
            return
        try:
            self._disk.before_write()
        except DiskError as error:
            raise _error(error) from None
        self._disk.sync(self._file)

    def xFileSize(self) -> int:
        return len(self._file.now)

    def xLock(self, _level: int) -> None:
        """One process opens each file, and keeps it locked: nothing to do."""

    def xUnlock(self, _level: int) -> None:
        """As `xLock`."""

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, _operation: int, _pointer: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return SECTOR_BYTES

    def xDeviceCharacteristics(self) -> int:
        return 0  # promises nothing: neither atomic writes nor order

    def xClose(self) -> None:
        """Nothing is synced by closing."""


class _ForgetfulVFS(apsw.VFS):
    def __init__(self) -> None:
        super().__init__(_NAME, base="")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> Any:
        flags[1] = flags[0]
        if name is None:
            # A statement's own journal: it never outlives the statement, so no disk need remember it.
            return _OpenFile(_SCRATCH, File())
        disk, rest = _split(name)
        if not disk.powered:
            raise _coded(apsw.CantOpenError("no power"), sqlite3.SQLITE_CANTOPEN)
        return _OpenFile(disk, disk.open(rest))

    def xDelete(self, filename: str, syncdir: bool) -> None:
        disk, rest = _split(filename)
        if disk.powered:
            disk.delete(rest, durably=syncdir)

    def xAccess(self, pathname: str, flags: int) -> bool:  # noqa: ARG002
        disk, rest = _split(pathname)
        return disk.exists(rest)

    def xFullPathname(self, name: str) -> str:
        return name


_vfs = _ForgetfulVFS()


def _as_sqlite3(error: apsw.Error) -> sqlite3.Error:
    """Return the same error as the sqlite3 module would raise it, with its code."""
    code = int(getattr(error, "extendedresult", 0) or getattr(error, "result", 1) or 1)
    kinds: dict[int, type[sqlite3.Error]] = {
        sqlite3.SQLITE_CORRUPT: sqlite3.DatabaseError,
        sqlite3.SQLITE_NOTADB: sqlite3.DatabaseError,
        sqlite3.SQLITE_CONSTRAINT: sqlite3.IntegrityError,
        sqlite3.SQLITE_TOOBIG: sqlite3.DataError,
    }
    made = kinds.get(code & 0xFF, sqlite3.OperationalError)(str(error))
    made.sqlite_errorcode = code
    return made


def _checkpoint_by_itself(connection: apsw.Connection, pages_max: int) -> None:
    """Move the journal into the file behind a commit that brings it to `pages_max` pages, as SQLite does.

    SQLite's own way ignores what goes wrong there, since the commit is made. APSW would raise it from the
    commit all the same, and a fact that is safe would seem refused.
    """

    def committed(its: apsw.Connection, name: str, pages: int) -> int:
        if pages >= pages_max:
            with contextlib.suppress(apsw.Error):
                its.wal_checkpoint(name, apsw.SQLITE_CHECKPOINT_PASSIVE)
        return apsw.SQLITE_OK

    connection.set_wal_hook(committed)


class _Cursor:
    """The little of sqlite3's cursor that sqlite-utils and the product use. Rows are fetched at once."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._rows: list[tuple[Any, ...]] = []
        self.description: tuple[tuple[Any, ...], ...] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    def execute(self, sql: str, parameters: Any = ()) -> _Cursor:
        cursor = self._connection.cursor()
        # Once the last row is out, or there is none, APSW no longer tells the names of the columns.
        cursor.exec_trace = self._note_columns
        before = self._connection.total_changes()
        try:
            self._rows = list(cursor.execute(sql, parameters))
        except apsw.Error as error:
            raise _as_sqlite3(error) from None
        except UnicodeDecodeError as error:  # a flipped bit in a text; sqlite3 gives it no code
            raise sqlite3.OperationalError(f"Could not decode to UTF-8: {error}") from None
        self.rowcount = self._connection.total_changes() - before
        self.lastrowid = self._connection.last_insert_rowid()
        if wanted := _AUTOCHECKPOINT.fullmatch(sql):
            _checkpoint_by_itself(self._connection, int(wanted[1]))
        return self

    def _note_columns(self, cursor: apsw.Cursor, _sql: str, _bindings: Any) -> bool:
        columns = [(name, *[None] * 6) for name, _ in cursor.get_description()]
        self.description = tuple(columns) or None
        return True

    def executemany(self, sql: str, rows: Any) -> _Cursor:
        for row in rows:
            self.execute(sql, row)
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows.pop(0) if self._rows else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        rows, self._rows = self._rows, []
        return rows

    def __iter__(self) -> Any:
        return iter(self.fetchall())


class _Connection:
    """A connection as the product knows it from sqlite3, over APSW."""

    isolation_level = None

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def cursor(self) -> _Cursor:
        return _Cursor(self._connection)

    def execute(self, sql: str, parameters: Any = ()) -> _Cursor:
        return self.cursor().execute(sql, parameters)

    def executemany(self, sql: str, rows: Any) -> _Cursor:
        return self.cursor().executemany(sql, rows)

    def executescript(self, sql: str) -> _Cursor:
        return self.execute(sql)

    def commit(self) -> None:
        if self.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        if self.in_transaction:
            self.execute("ROLLBACK")

    def backup(self, target: _Connection) -> None:
        try:
            with target._connection.backup("main", self._connection, "main") as copying:
                copying.step()
        except apsw.Error as error:
            raise _as_sqlite3(error) from None

    def close(self) -> None:
        # A checkpoint that the disk refuses at the end is no error to sqlite3 either: the journal stays.
        with contextlib.suppress(apsw.Error):
            self._connection.close(True)


@contextlib.contextmanager
def _as_os_error() -> Iterator[None]:
    """What a file's own reads and writes say of a disk in trouble."""
    try:
        yield
    except DiskError as error:
        raise OSError(errno.EIO, str(error)) from None


class ForgetfulDrive(Drive):
    """Opens databases on a `Disk`. Close it, or the disk stays in memory."""

    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        self._number = str(next(_numbers))
        _disks[self._number] = disk

    def connect(self, path: Path) -> sqlite3.Connection:
        """Open or make a database; as the only process, since APSW offers no shared memory to a VFS."""
        try:
            connection = apsw.Connection(f"/{self._number}/{path}", vfs=_NAME)
            made = _Connection(connection)
            made.execute("PRAGMA locking_mode=EXCLUSIVE")
            made.execute(f"PRAGMA wal_autocheckpoint={_AUTOCHECKPOINT_PAGES}")
        except apsw.Error as error:
            raise _as_sqlite3(error) from None
        return cast(sqlite3.Connection, made)

    def exists(self, path: Path) -> bool:
        """Tell whether the disk has the file."""
        return self.disk.exists(str(path))

    def remove(self, path: Path) -> None:
        """Delete a file, if there is one."""
        self.disk.delete(str(path), durably=True)

    def rename(self, path: Path, target: Path) -> None:
        """Give a file another name; the power may go before it has it."""
        with _as_os_error():
            self.disk.before_write()
        self.disk.rename(str(path), str(target))

    def size(self, path: Path) -> int:
        """Return how many bytes a file has, as it looks; 0 where there is none."""
        return len(self.disk.open(str(path)).now) if self.exists(path) else 0

    def read(self, path: Path, at: int, size: int) -> bytes:
        """Return bytes of a file, as it looks."""
        with _as_os_error():
            self.disk.before_read()
        return bytes(self.disk.open(str(path)).now[at : at + size])

    def write(self, path: Path, at: int, content: bytes) -> None:
        """Change bytes within a file, and sync it."""
        with _as_os_error():
            self.disk.before_write()
        file = self.disk.open(str(path))
        file.write(at, content)
        self.disk.sync(file)

    def close(self) -> None:
        """Let the disk go."""
        _disks.pop(self._number, None)
