"""A hub comes up on the store of every version there ever was, and has in it what was in it.

The last test asks who changes the schema for the store as it is then, so that it stays among them.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from commune_hub.capabilities.audit import Audit
from commune_hub.capabilities.queue import Queue
from commune_hub.hub import MIGRATIONS
from commune_hub.ledger import Ledger
from commune_hub.repair import repair
from commune_hub.store import Store
from firmware_agent.database import DatabaseUnusableError
from tests.commune_hub.conftest import NOON_MS
from tests.support.schemas import Shape, laid_out, shape, versions

SCHEMAS = versions("hub")
AS_TAKEN = (
    "SELECT device, node, epoch, seq, kind, at, body, at_ms, mono_ms, boot, synced, received_at, understood "
    "FROM facts ORDER BY device, node, epoch, seq"
)
EVERY = pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def present(tmp_path_factory: pytest.TempPathFactory) -> Shape:
    path = tmp_path_factory.mktemp("present") / "hub.db"
    Store(path, MIGRATIONS).close()
    return shape(path)


def facts(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(AS_TAKEN).fetchall()


def check_what_was_in_it(store: Store) -> None:
    counted = "SELECT level, counted, marks FROM presses ORDER BY level"
    assert store.rows(counted) == [{"level": level, "counted": 1, "marks": ""} for level in (1, 2, 3)]
    (member,) = store.rows("SELECT account, roles, active FROM staff")
    assert member == {"account": "can-bo", "roles": "officer", "active": 1}
    (bulletin,) = store.rows("SELECT title, how, approved_by FROM bulletins")
    assert bulletin == {"title": "Bão", "how": '{"priority":"emergency"}', "approved_by": "b"}
    (sounded,) = store.rows("SELECT sounding, outcome, duration_ms, completeness FROM soundings")
    assert tuple(sounded.values()) == ("b1", "finished", 9_000, 0.5)
    Queue(store, lambda: NOON_MS, Audit(store, lambda: NOON_MS))
    visits = store.rows("SELECT number, state, counter FROM tickets ORDER BY number")
    assert [tuple(row.values()) for row in visits] == [("A001", "ended", "quay-1"), ("A002", "waiting", None)]


@EVERY
def test_a_store_of_every_version_is_brought_forward_with_all_that_is_in_it(
    schema: Path, present: Shape, tmp_path: Path
) -> None:
    path = laid_out(schema, tmp_path / "hub.db")
    before = facts(path)
    assert len(before) == 10
    store = Store(path, MIGRATIONS)
    ledger = Ledger(store, lambda: NOON_MS, [])
    assert facts(path) == before
    assert ledger.committed("quay-1-pi", "rating", "0123456789abcdef") == 3
    check_what_was_in_it(store)
    assert ledger.not_understood() == [{"device": "loa-1", "kind": "kettle.boiled", "count": 1}]
    store.close()
    assert shape(path) == present
    copy = path.with_suffix(".before-migration.db")
    assert copy.exists() == (schema != SCHEMAS[-1])
    assert not copy.exists() or facts(copy) == before


@EVERY
def test_a_damaged_store_is_rebuilt_from_the_backup_of_any_version(schema: Path, tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    path.write_bytes(b"no database any more")
    (tmp_path / "backups").mkdir()
    backup = laid_out(schema, tmp_path / "backups" / "hub-2026-09-21.db")
    before = backup.read_bytes()
    repair(path, tmp_path, MIGRATIONS, "damaged")
    assert facts(path) == facts(backup)
    assert backup.read_bytes() == before
    store = Store(path, MIGRATIONS)
    check_what_was_in_it(store)
    store.close()


def test_the_store_as_it_is_now_is_among_them(present: Shape, tmp_path: Path) -> None:
    newest = shape(laid_out(SCHEMAS[-1], tmp_path / "hub.db"))
    assert newest == present, "a new schema: add a store of it with `python -m tests.support.schemas`"


def test_a_bit_flipped_in_a_name_is_found_at_the_start_and_not_at_a_counter(tmp_path: Path) -> None:
    whole = tmp_path / "whole.db"
    Store(whole, MIGRATIONS).close()
    content = whole.read_bytes()
    for name in (b"TABLE presses", b" received_at TEXT", b" true_times", b'"applied_at"'):
        place = content.index(name) + len(name) // 2
        path = tmp_path / f"{place}.db"
        for bit in range(5):  # the next makes a capital of it, which SQLite reads as well
            changed = bytearray(content)
            changed[place] ^= 1 << bit
            path.write_bytes(changed)
            with pytest.raises(DatabaseUnusableError):
                Store(path, MIGRATIONS)
