"""Put another database in the place of one, so that the power may go at any moment in between.

The new one is made beside the old one. When it is whole and on the disk it takes a name that says so; from
then on the old one is moved aside and the new one into its place, at the next start if not now. Until then
the old one is where it was, and everything begins again.

    new = begin(path)
    …                                    # make it there, and close it with `settle`
    aside = take_place(path, "damaged-1")
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from firmware_agent.drive import DRIVE, Drive

_TAILS = ("", "-wal", "-shm")
"""What SQLite adds to the name of a database for the files beside it."""


def begin(path: Path, drive: Drive = DRIVE) -> Path:
    """Return where to make what shall take the place of `path`; what an earlier try left there is gone."""
    making = _making(path)
    for tail in _TAILS:
        drive.remove(making.with_name(making.name + tail))
    return making


def settle(database: Database) -> None:
    """Close a database with all of it in its one file; raises sqlite3.Error when that cannot be."""
    try:
        busy, *_ = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        database.close()
    if busy:
        raise sqlite3.OperationalError("the journal could not be brought into the file")


def take_place(path: Path, suffix: str, drive: Drive = DRIVE) -> Path:
    """Let what was made take the place of `path`; return where that one went: to its name with `suffix`."""
    drive.rename(_making(path), _whole(path))
    return finish(path, suffix, drive)


def is_unfinished(path: Path, drive: Drive = DRIVE) -> bool:
    """Tell whether something whole waits to take the place of `path`."""
    return drive.exists(_whole(path))


def finish(path: Path, suffix: str, drive: Drive = DRIVE) -> Path:
    """Do what is left to do where something whole waits; return where the old one, or its rest, went."""
    aside = set_aside(path, suffix, drive)
    drive.rename(_whole(path), path)
    return aside


def set_aside(path: Path, suffix: str, drive: Drive = DRIVE) -> Path:
    """Move an unusable database (with its journal files) out of the way; return its new name."""
    target = path.with_name(f"{path.name}.{suffix}")
    for tail in _TAILS:
        part = path.with_name(path.name + tail)
        if drive.exists(part):
            drive.rename(part, target.with_name(target.name + tail))
    return target


def _making(path: Path) -> Path:
    return path.with_name(f"{path.name}.rebuilding")


def _whole(path: Path) -> Path:
    return path.with_name(f"{path.name}.rebuilt")
