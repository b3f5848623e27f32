"""Rows that go many to a statement are the rows that went one by one; and all of them or none."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from commune_hub.store import ROWS_TOGETHER, Store
from tests.support.waiting import HANGS_S


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "a.db", [])
    made.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT) STRICT")
    yield made
    made.close()


@pytest.mark.parametrize("count", [0, 1, ROWS_TOGETHER - 1, ROWS_TOGETHER, 3 * ROWS_TOGETHER + 7])
def test_every_row_is_inserted_once(store: Store, count: int) -> None:
    rows = [(number, f"{number}") for number in range(count)]
    store.execute_many("INSERT INTO t VALUES (?, ?)", rows)
    assert [tuple(row.values()) for row in store.rows("SELECT * FROM t ORDER BY a")] == rows


def test_a_later_one_replaces_an_earlier_one_of_the_same_statement(store: Store) -> None:
    rows = [(number % 10, f"{number}") for number in range(2 * ROWS_TOGETHER)]
    store.execute_many("INSERT OR REPLACE INTO t VALUES (?, ?)", rows)
    assert {row["a"]: row["b"] for row in store.rows("SELECT * FROM t")} == dict(rows)


def test_other_statements_run_for_each(store: Store) -> None:
    store.execute_many("INSERT INTO t VALUES (?, upper(?))", [(number, "a") for number in range(120)])
    store.execute_many("UPDATE t SET b = ? WHERE a = ?", [("b", number) for number in range(100)])
    assert store.rows("SELECT b, count(*) AS n FROM t GROUP BY b") == [
        {"b": "A", "n": 20},
        {"b": "b", "n": 100},
    ]


def test_one_that_cannot_be_inserted_undoes_all(store: Store) -> None:
    rows = [(number, "") for number in range(3 * ROWS_TOGETHER)]
    with pytest.raises(sqlite3.IntegrityError):
        store.execute_many("INSERT INTO t VALUES (?, ?)", [*rows, (1, "")])
    assert store.value("SELECT count(*) FROM t") == 0


def test_processes_that_write_at_once_wait_for_each_other(store: Store) -> None:
    """Whoever reads, thinks, and then writes is not refused because another wrote meanwhile."""
    other = Store(store.path, [])
    began, failed = threading.Event(), []

    def write() -> None:
        assert began.wait(HANGS_S)
        try:
            other.execute("INSERT INTO t VALUES (1, 'other')")
        except sqlite3.Error as error:
            failed.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    with store.transaction():
        count = store.value("SELECT count(*) FROM t")
        began.set()
        writer.join(0.2)
        store.execute("INSERT INTO t VALUES (2, 'ours')")
    writer.join()
    other.close()
    assert (count, failed) == (0, [])
    assert [row["b"] for row in store.rows("SELECT b FROM t ORDER BY a")] == ["other", "ours"]
