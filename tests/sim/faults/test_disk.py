"""The disk forgets what was not synced, and only that; SQLite on it is SQLite."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_agent.drive import DRIVE
from sim.faults.disk import SECTOR_BYTES, Disk
from sim.faults.vfs import ForgetfulDrive

DATABASE = Path("x.db")

COMMITS_BEHIND_A_FILE_THAT_MAY_NOT_GROW = """
import os, resource, signal, sqlite3, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=20"):
    connection.execute(f"PRAGMA {pragma}").fetchall()
connection.execute("CREATE TABLE t (b BLOB)")
while os.path.getsize(sys.argv[1] + "-wal") < 300_000:
    connection.execute("INSERT INTO t VALUES (zeroblob(3000))")
print(os.path.getsize(sys.argv[1]))
"""
"""The journal grows over twenty pages only when the file behind it cannot take them; no commit may raise."""


@pytest.fixture
def drive() -> Iterator[ForgetfulDrive]:
    made = ForgetfulDrive(Disk(random.Random(1)))
    yield made
    made.close()


def filled(drive: ForgetfulDrive, rows: int, synchronous: str) -> sqlite3.Connection:
    connection = drive.connect(DATABASE)
    connection.execute("PRAGMA journal_mode=WAL").fetchall()
    connection.execute(f"PRAGMA synchronous={synchronous}").fetchall()
    connection.execute("CREATE TABLE t (n INTEGER)")
    for number in range(rows):
        connection.execute("BEGIN")
        connection.execute("INSERT INTO t VALUES (?)", [number])
        connection.execute("COMMIT")
    return connection


def kept(drive: ForgetfulDrive) -> int:
    connection = drive.connect(DATABASE)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
            return 0
        return int(connection.execute("SELECT count(*) FROM t").fetchone()[0])
    finally:
        connection.close()


def insert_until_it_fails(connection: sqlite3.Connection) -> int:
    for number in range(100):
        try:
            connection.execute("INSERT INTO t VALUES (?)", [number])
        except sqlite3.OperationalError:
            return number
    pytest.fail("the disk never fails")


def cut(drive: ForgetfulDrive, connection: sqlite3.Connection) -> None:
    drive.disk.cut_power()
    connection.close()
    drive.disk.restore_power()


def test_full_loses_nothing_and_normal_loses_nearly_everything(drive: ForgetfulDrive) -> None:
    cut(drive, filled(drive, 300, "FULL"))
    assert kept(drive) == 300
    other = ForgetfulDrive(Disk(random.Random(2)))
    cut(other, filled(other, 300, "NORMAL"))
    assert kept(other) < 20
    other.close()


@pytest.mark.parametrize("fuse", range(1, 60))
def test_power_that_goes_at_any_write_leaves_a_whole_database_with_every_commit(fuse: int) -> None:
    drive = ForgetfulDrive(Disk(random.Random(fuse)))
    connection = filled(drive, 5, "FULL")
    drive.disk.fuse = fuse
    committed = 5 + insert_until_it_fails(connection)
    assert not drive.disk.powered
    connection.close()
    drive.disk.restore_power()
    assert kept(drive) in (committed, committed + 1)
    drive.close()


@pytest.mark.parametrize(
    ("trouble", "code"),
    [("full", sqlite3.SQLITE_FULL), ("write", sqlite3.SQLITE_IOERR), ("read", sqlite3.SQLITE_IOERR)],
)
def test_trouble_is_what_the_sqlite3_module_would_say(drive: ForgetfulDrive, trouble: str, code: int) -> None:
    filled(drive, 3, "FULL").close()
    connection = drive.connect(DATABASE)
    drive.disk.trouble[trouble] = 1  # type: ignore[index]
    with pytest.raises(sqlite3.OperationalError) as error:
        connection.execute("INSERT INTO t VALUES (1)")
    assert error.value.sqlite_errorcode & 0xFF == code
    connection.execute("INSERT INTO t VALUES (2)")
    connection.close()
    assert kept(drive) == 4


@pytest.mark.parametrize("real", [True, False])
def test_a_text_that_is_none_fails_on_both_disks_alike(
    drive: ForgetfulDrive, tmp_path: Path, real: bool
) -> None:
    connection = (DRIVE if real else drive).connect(tmp_path / "x.db" if real else DATABASE)
    with pytest.raises(sqlite3.OperationalError, match="Could not decode to UTF-8") as error:
        connection.execute("SELECT CAST(x'e6' AS TEXT)").fetchall()
    assert not hasattr(error.value, "sqlite_errorcode")
    connection.close()


def test_sqlite_gets_over_a_journal_that_cannot_be_moved_behind_a_commit(tmp_path: Path) -> None:
    script = [sys.executable, "-c", COMMITS_BEHIND_A_FILE_THAT_MAY_NOT_GROW, str(tmp_path / "x.db")]
    assert subprocess.run(script, capture_output=True, check=True, text=True).stdout == "400000\n"


def test_so_it_does_on_the_disk_that_forgets(drive: ForgetfulDrive) -> None:
    connection = filled(drive, 0, "FULL")
    connection.execute("PRAGMA wal_autocheckpoint=20").fetchall()
    committed = 0
    while committed < 40 or drive.disk.trouble.get("full", 1):
        if committed == 40:
            # The journal has room of its own by now: what cannot grow is the file that it moves into.
            drive.disk.trouble["full"] = 1
        connection.execute("INSERT INTO t VALUES (zeroblob(3000))")
        committed += 1
    cut(drive, connection)
    assert kept(drive) == committed


def test_a_write_may_be_torn_at_any_sector() -> None:
    seen = set()
    for seed in range(40):
        disk = Disk(random.Random(seed))
        file = disk.open("a")
        file.write(0, b"1" * 4 * SECTOR_BYTES)
        disk.sync(file)
        file.write(0, b"2" * 4 * SECTOR_BYTES)
        disk.cut_power()
        seen.add(bytes(disk.image()["a"][::SECTOR_BYTES]))
    assert len(seen) > 8
    assert {set(each) <= set(b"12") for each in seen} == {True}


def test_a_name_that_no_sync_followed_may_vanish_and_a_deletion_be_undone() -> None:
    disk = Disk(random.Random(1))
    disk.open("never").write(0, b"x")
    disk.cut_power()
    assert not disk.exists("never")
    undone = set()
    for seed in range(20):
        disk = Disk(random.Random(seed))
        disk.sync(disk.open("gone"))
        disk.delete("gone", durably=False)
        disk.cut_power()
        undone.add(disk.exists("gone"))
    assert undone == {True, False}


def test_an_image_is_what_the_medium_holds_and_can_be_put_back(drive: ForgetfulDrive) -> None:
    connection = filled(drive, 7, "FULL")
    image = drive.disk.image()
    for number in range(5):
        connection.execute("INSERT INTO t VALUES (?)", [number])
    cut(drive, connection)
    assert kept(drive) == 12
    drive.disk.cut_power()
    drive.disk.put_back(image)
    drive.disk.restore_power()
    assert kept(drive) == 7


def test_a_flipped_bit_changes_one_bit() -> None:
    disk = Disk(random.Random(3))
    file = disk.open("a")
    file.write(0, bytes(100))
    disk.sync(file)
    assert disk.flip_bit("a")
    assert sum(each.bit_count() for each in disk.image()["a"]) == 1
    assert not disk.flip_bit("missing")


def test_the_connection_speaks_as_sqlite3_does(drive: ForgetfulDrive) -> None:
    ours, real = filled(drive, 0, "FULL"), sqlite3.connect(":memory:")
    real.execute("CREATE TABLE t (n INTEGER)")
    for connection in (ours, real):
        connection.executemany("INSERT INTO t VALUES (?)", [(1,), (2,)])
    for sql in ("SELECT n AS m FROM t", "SELECT n FROM t WHERE n > 9", "SELECT 1, 'a'"):
        left, right = ours.execute(sql), real.execute(sql)
        assert left.description == right.description
        assert left.fetchall() == right.fetchall()
    for connection in (ours, real):
        cursor = connection.execute("INSERT INTO t VALUES (3)")
        assert (cursor.lastrowid, cursor.rowcount, cursor.description) == (3, 1, None)
    real.close()
    ours.close()
