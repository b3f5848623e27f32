"""Databases open the one way that loses nothing, and only a damaged one is called unusable."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from firmware_agent.database import DatabaseUnusableError, open_database
from firmware_agent.rebuilding import set_aside


def steps(*names: str) -> Migrations:
    made = Migrations("sample")
    for name in names:

        def step(database: Database, name: str = name) -> None:
            database.execute(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY)")

        made(name=name)(step)
    return made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "node" / "sample.db"


def test_every_commit_is_synced_and_journaled_ahead(path: Path) -> None:
    database = open_database(path, [steps("one")])
    assert database.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert database.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert database.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    database.close()


def test_an_older_schema_is_brought_forward_after_a_copy(path: Path) -> None:
    old = open_database(path, [steps("one")])
    old.execute("INSERT INTO one VALUES (7)")
    old.conn.commit()
    old.close()
    new = open_database(path, [steps("one", "two")])
    assert {"one", "two"} <= set(new.table_names())
    assert new.execute("SELECT id FROM one").fetchall() == [(7,)]
    new.close()
    copy = sqlite3.connect(path.with_suffix(".before-migration.db"))
    assert copy.execute("SELECT id FROM one").fetchall() == [(7,)]
    assert "two" not in {row[0] for row in copy.execute("SELECT name FROM sqlite_master")}
    copy.close()


def test_a_schema_that_is_up_to_date_is_not_copied(path: Path) -> None:
    for _ in range(2):
        open_database(path, [steps("one")]).close()
    assert not path.with_suffix(".before-migration.db").exists()


@pytest.mark.parametrize("content", [b"no database at all " * 400, b"SQLite format 3\0" + b"\xff" * 8_000])
def test_what_is_no_database_is_unusable_and_named(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(DatabaseUnusableError, match=r"sample\.db"):
        open_database(path, [steps("one")])


def test_a_page_of_rubbish_in_the_middle_is_found_when_it_is_opened(path: Path) -> None:
    database = open_database(path, [steps("one")])
    with database.atomic():
        for number in range(5_000):
            database.execute("INSERT INTO one VALUES (?)", [number])
    database.close()
    content = bytearray(path.read_bytes())
    content[-4096:] = b"\xa5" * 4096
    path.write_bytes(content)
    with pytest.raises(DatabaseUnusableError):
        open_database(path, [steps("one")])


def test_an_empty_file_is_a_new_database(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    open_database(path, [steps("one")]).close()


def test_trouble_around_a_sound_file_says_nothing_against_the_file(path: Path) -> None:
    open_database(path, [steps("one")]).close()
    path.rename(path.with_suffix(".moved"))
    path.mkdir()
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        open_database(path, [steps("one")])


def test_a_full_disk_says_nothing_against_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_database(path, [steps("one")]).close()

    def no_more_pages(database: Database) -> Database:
        database.execute("PRAGMA max_page_count = 1").fetchall()
        return database

    monkeypatch.setattr("firmware_agent.database._prepare", no_more_pages)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        open_database(path, [steps("one", "two", "three")])
    monkeypatch.undo()
    database = open_database(path, [steps("one")])
    assert "one" in database.table_names()
    database.close()


def test_an_unusable_file_moves_aside_with_its_journal(path: Path) -> None:
    path.parent.mkdir()
    for tail in ("", "-wal", "-shm"):
        path.with_name(path.name + tail).write_text(f"file{tail}", encoding="ascii")
    moved = set_aside(path, "corrupt-1")
    assert moved.name == "sample.db.corrupt-1"
    assert sorted(each.name for each in path.parent.iterdir()) == [
        "sample.db.corrupt-1",
        "sample.db.corrupt-1-shm",
        "sample.db.corrupt-1-wal",
    ]
    assert moved.read_text(encoding="ascii") == "file"
