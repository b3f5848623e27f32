"""A disk that changes a fact in the ledger: it is found, put back or left out, and staff know."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commune_hub.backup import back_up, backup_path
from commune_hub.capabilities.accounts import Accounts
from commune_hub.fact_checks import damaged_facts
from commune_hub.hub import MIGRATIONS
from commune_hub.keeper import Keeper
from commune_hub.repair import repair
from commune_hub.statements import Statements
from commune_hub.store import Store
from commune_hub.upkeep import Upkeep
from tests.commune_hub.conftest import NOON_MS, Office
from tests.commune_hub.facts import batch, press

FACTS = 50
FLIPS = {
    "body": "CAST(replace(body, '\"level\":3', '\"level\":2') AS TEXT)",
    "body, no text any more": "CAST(x'e6' || body AS TEXT)",
    "kind": "'rating.qressed'",
    "boot": "boot || 'p'",
    "synced": "1 - synced",
    "at_ms": "at_ms + 4096",
    "mono_ms": "mono_ms - 1",
    "device": "'quay-3-pi'",
    "device, no text any more": "CAST(x'e6' || device AS TEXT)",
    "seq": "seq + 64",
}


@pytest.fixture
def office_with_facts(office: Office) -> Office:
    for first in range(1, FACTS + 1, 10):
        office.ledger.take(batch([press(3)] * 10, NOON_MS, first=first, oldest=1))
    return office


def flip(path: Path, column: str, value: str, seq: int) -> None:
    """Change a fact behind the hub's back; the law that none changes is the disk's no law."""
    with closing(sqlite3.connect(path, isolation_level=None)) as disk:
        law = disk.execute("SELECT sql FROM sqlite_schema WHERE name = 'facts_stay'").fetchone()[0]
        disk.execute("DROP TRIGGER facts_stay")
        changed = disk.execute(f"UPDATE facts SET {column} = {value} WHERE seq = ?", [seq]).rowcount  # noqa: S608
        assert changed == 1
        disk.execute(law)


def facts(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT * FROM facts ORDER BY device, node, epoch, seq").fetchall()


def keeper(office: Office, root: Path, upkeep: Upkeep) -> Keeper:
    accounts = Accounts(office.store, office.clock)
    key = Ed25519PrivateKey.generate()
    statements = Statements("xuan-luong", root, office.store, accounts, key, office.clock)
    return Keeper(office.store, root, accounts, statements, office.clock, upkeep)


@pytest.mark.parametrize("what", FLIPS)
def test_whatever_of_a_fact_is_changed_is_found(office_with_facts: Office, tmp_path: Path, what: str) -> None:
    path = office_with_facts.store.path
    assert damaged_facts(back_up(path, tmp_path / "before.db")) == []
    flip(path, what.partition(",")[0], FLIPS[what], 7)
    ((_, node, _, seq),) = damaged_facts(back_up(path, tmp_path / "after.db"))
    assert (node, seq) == ("rating", 7 + 64 * (what == "seq"))


def test_the_daily_backup_puts_back_what_an_earlier_one_has(
    office_with_facts: Office, tmp_path: Path
) -> None:
    office, upkeep = office_with_facts, Upkeep()
    daily = keeper(office, tmp_path, upkeep)
    daily.back_up_today()
    before = facts(office.store.path)
    office.ledger.take(batch([press(4)], NOON_MS, first=FACTS + 1, oldest=1))
    flip(office.store.path, "body", FLIPS["body"], 7)
    office.clock.at_ms += 86_400_000
    daily.back_up_today()
    assert facts(office.store.path)[:FACTS] == before
    (line,) = upkeep.lines()
    assert "1 sự việc trong sổ: 1 đã lấy lại từ bản sao lưu, 0 không còn" in line
    flip(office.store.path, "body", "'{}'", FACTS + 1)
    office.clock.at_ms += 86_400_000
    backup_path(tmp_path, "2026-02-01").unlink(missing_ok=True)
    for each in sorted((tmp_path / "backups").glob("hub-*.db"))[1:]:
        each.unlink()
    daily.back_up_today()
    (line,) = upkeep.lines()
    assert "1 không còn ở đâu" in line


def test_a_rebuilt_store_takes_no_changed_fact_where_the_backup_has_it_as_it_was(
    office_with_facts: Office, tmp_path: Path
) -> None:
    path = office_with_facts.store.path
    back_up(path, backup_path(path.parent, "2026-01-31"))
    before = facts(path)
    flip(path, "body", FLIPS["body"], 7)
    office_with_facts.store.close()
    repair(path, path.parent, MIGRATIONS, "damaged")
    assert facts(path) == before
    assert damaged_facts(path) == []
    Store(path, MIGRATIONS).close()


def test_a_hub_that_cannot_be_backed_up_says_so_and_that_it_can_again(
    office_with_facts: Office, tmp_path: Path
) -> None:
    upkeep = Upkeep()
    daily = keeper(office_with_facts, tmp_path, upkeep)
    (tmp_path / "backups").write_text("in the way", encoding="utf-8")
    daily.look_and_tell()
    (line,) = upkeep.lines()
    assert "Chưa sao lưu được" in line
    (tmp_path / "backups").unlink()
    daily.look_and_tell()
    assert upkeep.lines() == []
