"""Backups are made while the store works, and restore; a damaged store is rebuilt from what is there."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commune_hub.backup import BackupError, back_up, backup_path, backups, restore, rotate
from commune_hub.capabilities.accounts import Accounts
from commune_hub.hub import MIGRATIONS
from commune_hub.keeper import InUseError, Keeper, alone
from commune_hub.repair import repair
from commune_hub.statements import Statements
from commune_hub.store import Store
from commune_hub.upkeep import Upkeep
from firmware_agent.database import DatabaseUnusableError
from tests.commune_hub.conftest import NOON_MS, Office
from tests.commune_hub.facts import batch, press

PAGE_BYTES = 4096


def fill(office: Office, count: int, first: int = 1) -> None:
    for start in range(first, first + count, 100):
        bodies = [press(1 + number % 4) for number in range(min(100, first + count - start))]
        office.ledger.take(batch(list(bodies), NOON_MS, first=start, oldest=1))


def seqs(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as database:
        return [
            row[0] for row in database.execute("SELECT seq FROM facts WHERE device != 'hub' ORDER BY seq")
        ]


def test_a_backup_is_made_while_facts_come_in(office: Office, tmp_path: Path) -> None:
    fill(office, 300)
    stop = threading.Event()

    def write() -> None:
        number = 301
        while not stop.is_set():
            office.ledger.take(batch([press()], NOON_MS, first=number, oldest=1))
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    made = back_up(office.store.path, backup_path(tmp_path, "2026-01-31"))
    stop.set()
    writer.join()
    found = seqs(made)
    assert len(found) >= 300
    assert found == list(range(1, len(found) + 1)), "one moment of the store, without a gap"


def test_once_a_day_and_two_weeks_are_kept(office: Office, tmp_path: Path) -> None:
    accounts = Accounts(office.store, office.clock)
    key = Ed25519PrivateKey.generate()
    statements = Statements("xuan-luong", tmp_path, office.store, accounts, key, office.clock)
    keeper = Keeper(office.store, tmp_path, accounts, statements, office.clock, Upkeep())
    for _ in range(17):
        assert keeper.back_up_today() is not None
        assert keeper.back_up_today() is None
        office.clock.at_ms += 86_400_000
    kept = backups(tmp_path)
    assert len(kept) == 14
    assert rotate(tmp_path, kept=3) == kept[3:]
    assert backups(tmp_path) == kept[:3]


def test_a_restore_brings_back_what_was_and_keeps_the_present_aside(office: Office, tmp_path: Path) -> None:
    fill(office, 200)
    made = back_up(office.store.path, backup_path(tmp_path, "2026-01-31"))
    fill(office, 100, first=201)
    office.store.close()
    aside = restore(made, office.store.path, "before")
    assert aside is not None
    assert len(seqs(aside)) == 300
    again = Store(office.store.path, MIGRATIONS)
    assert again.value("SELECT count(*) FROM facts") == 200
    assert again.value("SELECT count(*) FROM presses") == 200
    again.close()


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\x00" + b"\x00" * 5000])
def test_a_bad_backup_changes_nothing(office: Office, tmp_path: Path, content: bytes) -> None:
    fill(office, 100)
    office.store.close()
    bad = tmp_path / "bad.db"
    bad.write_bytes(content)
    with pytest.raises(BackupError):
        restore(bad, office.store.path, "before")
    assert len(seqs(office.store.path)) == 100


def test_a_backup_that_cannot_be_written_says_so(office: Office, tmp_path: Path) -> None:
    (tmp_path / "backups").write_text("in the way", encoding="utf-8")
    with pytest.raises((BackupError, OSError)):
        back_up(office.store.path, backup_path(tmp_path, "2026-01-31"))


def damage(path: Path, where: float) -> None:
    """Overwrite some pages, that far into the file."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(int(size * where) // PAGE_BYTES * PAGE_BYTES)
        file.write(b"\xff" * PAGE_BYTES * 3)


@pytest.fixture
def closed(office: Office) -> Path:
    fill(office, 3_000)
    office.store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    office.store.close()
    return office.store.path


@pytest.mark.parametrize("where", [0.3, 0.5, 0.7])
def test_a_damaged_store_is_rebuilt_whole_from_its_backup(closed: Path, where: float) -> None:
    root = closed.parent
    back_up(closed, backup_path(root, "2026-01-31"))
    damage(closed, where)
    with pytest.raises(DatabaseUnusableError):
        Store(closed, MIGRATIONS)
    done = repair(closed, root, MIGRATIONS, "damaged")
    assert done.aside.exists()
    assert seqs(closed) == list(range(1, 3_001))
    assert done.rows["presses"] == 3_000, "nothing is counted twice"
    assert "dựng lại" in done.told()


def test_without_a_backup_what_can_be_read_is_kept(closed: Path) -> None:
    damage(closed, 0.5)
    done = repair(closed, closed.parent, MIGRATIONS, "damaged")
    found = seqs(closed)
    assert 0 < len(found) < 3_001
    assert len(set(found)) == len(found)
    assert done.from_backup is None
    Store(closed, MIGRATIONS).close()


def test_one_hub_at_a_time(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(InUseError, match="đang chạy"), alone(tmp_path):
        pass
    with alone(tmp_path):
        pass
