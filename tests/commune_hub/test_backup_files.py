"""Pictures, sounds and statements are in the backups; each content once, and what is damaged is named."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from commune_hub.backup import backup_path, rotate
from commune_hub.backup_files import (
    FILES,
    UNNAMED_KEPT_S,
    keep_files,
    list_path,
    restore_files,
)
from commune_hub.capabilities.accounts import Accounts
from commune_hub.cli import app
from commune_hub.hub import open_capabilities
from commune_hub.keeper import Keeper
from commune_hub.keys import load_keys
from commune_hub.statements import Statements
from commune_hub.upkeep import Upkeep
from provisioning.commune import Wish, make_commune
from tests.commune_hub.conftest import NOON_MS, Office, TurnedClock
from tests.commune_hub.facts import batch, press

WISH = Wish("xuan-luong", "UBND xã Xuân Lương", broker_port=8883, console_port=8080, door_port=8444)


def put(root: Path, folder: str, content: bytes) -> Path:
    """Keep a file as pictures and sounds are: under its hash."""
    ending = {"pictures": "jpg", "sounds": "ogg"}[folder]
    path = root / folder / f"{hashlib.sha256(content).hexdigest()}.{ending}"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def copies(root: Path) -> set[str]:
    return {path.name for path in (root / "backups" / FILES).iterdir()}


def back_up_files(root: Path, day: str) -> Path:
    """Back up as of a day, with something in the place of the store."""
    backup = backup_path(root, day)
    backup.parent.mkdir(exist_ok=True)
    backup.write_bytes(b"")
    assert keep_files(root, backup, left_bytes=0).mistakes == []
    return backup


def test_each_content_is_copied_once_and_goes_with_the_last_backup_that_names_it(tmp_path: Path) -> None:
    first = put(tmp_path, "pictures", b"first")
    back_up_files(tmp_path, "2026-01-30")
    second = put(tmp_path, "sounds", b"second")
    copy = tmp_path / "backups" / FILES / first.stem
    before = copy.stat().st_mtime_ns
    first.unlink()
    back_up_files(tmp_path, "2026-01-31")
    assert copies(tmp_path) == {first.stem, second.stem}
    rotate(tmp_path, kept=1)
    assert copies(tmp_path) == {first.stem, second.stem}, "it may belong to a list that is being written"
    assert copy.stat().st_mtime_ns == before
    for each in (tmp_path / "backups" / FILES).iterdir():
        long_ago_s = time.time() - UNNAMED_KEPT_S - 60
        os.utime(each, (long_ago_s, long_ago_s))
    rotate(tmp_path, kept=1)
    assert copies(tmp_path) == {second.stem}


def test_a_damaged_list_deletes_no_copies(tmp_path: Path) -> None:
    kept = put(tmp_path, "sounds", b"kept")
    backup = back_up_files(tmp_path, "2026-01-31")
    list_path(backup).write_bytes(b"{")
    os.utime(tmp_path / "backups" / FILES / kept.stem, (0, 0))
    rotate(tmp_path)
    assert copies(tmp_path) == {kept.stem}


def test_a_file_that_is_cut_is_named_and_the_whole_copy_of_before_stands_for_it(tmp_path: Path) -> None:
    cut, changed = put(tmp_path, "sounds", b"a whole sound"), put(tmp_path, "pictures", b"a picture")
    backup = back_up_files(tmp_path, "2026-01-30")
    cut.write_bytes(b"a whole")
    (tmp_path / "backups" / FILES / changed.stem).unlink()
    changed.write_bytes(b"A picture")
    backup = backup_path(tmp_path, "2026-01-31")
    done = keep_files(tmp_path, backup, left_bytes=0)
    assert sorted(line.split(":")[0] for line in done.mistakes) == sorted([str(cut), str(changed)])
    restored = restore_files(tmp_path, backup, "before")
    assert (cut.read_bytes(), restored.new) == (b"a whole sound", 1)
    assert cut.with_name(f"{cut.name}.before").read_bytes() == b"a whole", "nothing is thrown away"


@pytest.mark.parametrize("content", [b"a soun", b"a s0und", None])
def test_a_copy_that_is_cut_changed_or_gone_is_named_and_the_others_are_restored(
    tmp_path: Path, content: bytes | None
) -> None:
    sound, picture = put(tmp_path, "sounds", b"a sound"), put(tmp_path, "pictures", b"a picture")
    backup = back_up_files(tmp_path, "2026-01-31")
    copy = tmp_path / "backups" / FILES / sound.stem
    copy.unlink()
    if content is not None:
        copy.write_bytes(content)
    there = tmp_path / "there"
    done = restore_files(there, backup, "before")
    (line,) = done.mistakes
    assert f"sounds/{sound.name}" in line
    assert done.files == 1
    assert (there / "pictures" / picture.name).read_bytes() == b"a picture"
    assert not (there / "sounds" / sound.name).exists()


@pytest.mark.parametrize(
    "listed",
    [
        b"{",
        b'{"files":[{"path":"../../etc/passwd","sha256":"%s","size_bytes":1}]}' % (b"0" * 64),
        b'{"files":[{"path":"identity/seal.key","sha256":"%s","size_bytes":1}]}' % (b"0" * 64),
    ],
)
def test_a_list_that_is_none_restores_no_file_and_says_so(tmp_path: Path, listed: bytes) -> None:
    backup = back_up_files(tmp_path, "2026-01-31")
    list_path(backup).write_bytes(listed)
    done = restore_files(tmp_path / "there", backup, "before")
    assert "damaged list" in done.mistakes[0]
    assert not (tmp_path / "there").exists()


def test_copies_leave_room_on_the_disk(tmp_path: Path) -> None:
    kept = put(tmp_path, "sounds", b"too much")
    backup = backup_path(tmp_path, "2026-01-31")
    done = keep_files(tmp_path, backup, left_bytes=shutil.disk_usage(tmp_path).total)
    assert (done.files, len(done.mistakes), copies(tmp_path)) == (0, 1, set())
    assert str(kept) in done.mistakes[0]


def test_a_backup_that_was_ended_before_its_files_is_made_again(office: Office, tmp_path: Path) -> None:
    put(tmp_path, "pictures", b"a picture")
    accounts = Accounts(office.store, office.clock)
    key = Ed25519PrivateKey.generate()
    statements = Statements("xuan-luong", tmp_path, office.store, accounts, key, office.clock)
    keeper = Keeper(office.store, tmp_path, accounts, statements, office.clock, Upkeep())
    made = keeper.back_up_today()
    assert made is not None
    assert keeper.back_up_today() is None
    list_path(made).unlink()
    assert keeper.back_up_today() == made
    assert restore_files(tmp_path / "there", made, "before").files == 1


def test_a_backup_is_restored_in_another_directory_with_the_keys_of_the_first(tmp_path: Path) -> None:
    """All that a hub needs: hub.toml, identity, broker and roster of old, and one backup on a stick."""
    here, there = tmp_path / "here", tmp_path / "there"
    config = make_commune(here, WISH, datetime.now(UTC))
    for part in ("identity", "broker", "roster"):
        shutil.copytree(here / "hub" / part, there / part)
    shutil.copy(here / "hub" / "hub.toml", there)
    clock = TurnedClock()
    capabilities = open_capabilities(config, clock)
    capabilities.ledger.take(batch([press(), press()], NOON_MS))
    picture, sound = put(config.root, "pictures", b"a picture"), put(config.root, "sounds", b"a sound")
    clock.at_ms += 2 * 86_400_000
    seal = load_keys(config.root, datetime.now(UTC)).seal
    capabilities.accounts.close_days()
    stated = Statements(
        config.commune, config.root, capabilities.store, capabilities.accounts, seal, clock
    ).write_due()
    assert stated
    capabilities.store.close()

    stick = tmp_path / "stick" / "hub.db"
    run = CliRunner().invoke
    assert run(app, ["backup", str(here / "hub" / "hub.toml"), "--to", str(stick)]).exit_code == 0
    told = run(app, ["restore", str(there / "hub.toml"), str(stick), "--yes"])
    assert told.exit_code == 0, told.output
    assert (there / "pictures" / picture.name).read_bytes() == b"a picture"
    assert (there / "sounds" / sound.name).read_bytes() == b"a sound"
    checked = run(app, ["statements", str(there / "hub.toml")])
    assert (checked.exit_code, f"{len(stated)} bản kê" in checked.output) == (0, True), checked.output
    (there / "sounds" / sound.name).unlink()
    (stick.parent / FILES / sound.stem).write_bytes(b"another")
    told = run(app, ["restore", str(there / "hub.toml"), str(stick), "--yes"])
    assert told.exit_code == 1
    assert f"sounds/{sound.name}" in told.output
