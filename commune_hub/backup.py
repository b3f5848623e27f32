"""Backups of the hub's store: made online every day, rotated, and good for a restore."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from commune_hub.backup_files import forget_unnamed, list_path
from firmware_agent.files import sync_directory
from firmware_agent.os_words import os_words
from firmware_agent.rebuilding import begin, take_place

DIRECTORY = "backups"
KEPT = 14
"""Two weeks of days: damage is noticed within a week, and a card holds fourteen copies."""

_PATTERN = "hub-????-??-??.db"


class BackupError(Exception):
    """A backup cannot be made or used; the text is one line for a technician."""


def backup_path(root: Path, day: str) -> Path:
    """Return where the backup of `day` (YYYY-MM-DD) lies."""
    return root / DIRECTORY / f"hub-{day}.db"


def backups(root: Path) -> list[Path]:
    """Return the backups there are, newest first."""
    return sorted((root / DIRECTORY).glob(_PATTERN), reverse=True)


def back_up(database: Path, target: Path) -> Path:
    """Copy a database that may be in use to `target`, check the copy, and put it in place; return `target`.

    `VACUUM INTO` reads one moment of the store while others write. Raises BackupError; an earlier backup of
    the same name stays until the new one is whole.
    """
    new = target.with_name(f".{target.name}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new.unlink(missing_ok=True)
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as connection:
            connection.execute("VACUUM INTO ?", [str(new)])
        check_sound(new)
        _sync(new)
        new.chmod(0o600)
        new.replace(target)
        sync_directory(target.parent)
    except (sqlite3.Error, OSError) as error:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise BackupError(f"{target}: không sao lưu được (cannot back up): {error}") from None
    return target


def rotate(root: Path, kept: int = KEPT) -> list[Path]:
    """Delete the oldest backups beyond `kept`, and what only they named; return what was deleted."""
    old = backups(root)[kept:]
    for path in old:
        path.unlink(missing_ok=True)
        list_path(path).unlink(missing_ok=True)
    forget_unnamed(root / DIRECTORY)
    return old


def restore(backup: Path, database: Path, aside: str) -> Path | None:
    """Put `backup` in the place of `database`, which must not be in use; return where that one went.

    `aside` is added to its name. Raises BackupError, and then nothing has changed.
    """
    try:
        check_sound(backup)
    except sqlite3.Error as error:
        raise BackupError(f"{backup}: bản sao lưu hỏng (damaged backup): {error}") from None
    try:
        there = database.exists()
        new = begin(database)
        shutil.copyfile(backup, new)
        new.chmod(0o600)
        _sync(new)
        kept = take_place(database, aside)
    except OSError as error:
        raise BackupError(f"{database}: không khôi phục được (cannot restore): {os_words(error)}") from None
    return kept if there else None


def check_sound(path: Path) -> None:
    """Raise sqlite3.Error unless `path` is a sound database with a ledger in it."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(found)
        connection.execute("SELECT count(*) FROM facts").fetchone()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
