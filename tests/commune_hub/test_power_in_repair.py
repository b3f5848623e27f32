"""Power that goes while a store is rebuilt or restored: at the next start it is the old or the new one."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from commune_hub import repair as repair_module
from commune_hub.backup import back_up, backup_path, restore
from commune_hub.cli import app
from commune_hub.hub import DATABASE, MIGRATIONS
from commune_hub.keeper import alone
from commune_hub.repair import repair
from commune_hub.store import Store
from firmware_agent.drive import Drive
from firmware_agent.rebuilding import is_unfinished
from provisioning.commune import Wish, make_commune
from tests.commune_hub.conftest import NOON_MS, Office
from tests.commune_hub.facts import batch, press
from tests.support.processes import free_port

PAGE_BYTES = 4_096
FACTS = 300


class PowerGoneError(BaseException):
    """Nothing after this happens."""


@pytest.fixture
def hub(office: Office, tmp_path: Path) -> Path:
    """A hub's directory, with a store and its backup."""
    wish = Wish("xuan-luong", "UBND xã", ("127.0.0.1",), free_port(), free_port(), free_port())
    make_commune(tmp_path / "xa", wish, datetime.now(UTC))
    root = tmp_path / "xa" / "hub"
    office.ledger.take(batch([press() for _ in range(FACTS)], NOON_MS, first=1, oldest=1))
    back_up(office.store.path, backup_path(root, "2026-01-31"))
    shutil.copyfile(backup_path(root, "2026-01-31"), root / DATABASE)
    return root


def count(root: Path) -> int:
    """Start, as any command does, and return how many facts there are."""
    done = CliRunner().invoke(app, ["staff", "list", str(root / "hub.toml")])
    assert done.exit_code == 0, done.output
    store = Store(root / DATABASE, MIGRATIONS)
    found = int(store.value("SELECT count(*) FROM facts WHERE device != 'hub'"))
    store.close()
    return found


def rebuild(root: Path) -> None:
    repair(root / DATABASE, root, MIGRATIONS, "damaged")


def bring_back(root: Path) -> None:
    restore(backup_path(root, "2026-01-31"), root / DATABASE, "before")


def gone_at(monkeypatch: pytest.MonkeyPatch, renames: int) -> None:
    """The power goes when a file is to be given another name for so many times."""
    left, rename = [renames], Drive.rename

    def cut(drive: Drive, path: Path, target: Path) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise PowerGoneError
        rename(drive, path, target)

    monkeypatch.setattr(Drive, "rename", cut)


@pytest.mark.parametrize("replace", [rebuild, bring_back])
@pytest.mark.parametrize("renames", [1, 2, 3])
def test_between_the_names(
    hub: Path, monkeypatch: pytest.MonkeyPatch, replace: Callable[[Path], None], renames: int
) -> None:
    gone_at(monkeypatch, renames)
    with pytest.raises(PowerGoneError):
        replace(hub)
    monkeypatch.undo()
    assert is_unfinished(hub / DATABASE) == (renames > 1)
    assert count(hub) == FACTS
    assert not is_unfinished(hub / DATABASE)


def test_while_rows_are_poured(hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (hub / DATABASE).open("r+b") as file:
        file.seek(10 * PAGE_BYTES)
        file.write(b"\xff" * PAGE_BYTES * 3)

    def go(*_: object) -> None:
        raise PowerGoneError

    monkeypatch.setattr(repair_module, "_pour", go)
    with pytest.raises(PowerGoneError):
        rebuild(hub)
    monkeypatch.undo()
    assert count(hub) == FACTS


def test_nobody_finishes_it_beside_a_hub_that_runs(hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone_at(monkeypatch, 2)
    with contextlib.suppress(PowerGoneError):
        bring_back(hub)
    monkeypatch.undo()
    with alone(hub):
        done = CliRunner().invoke(app, ["staff", "list", str(hub / "hub.toml")])
    assert (done.exit_code, "đang chạy" in done.output) == (1, True), done.output
    assert count(hub) == FACTS
