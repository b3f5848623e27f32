"""The hub's keys: every file that is missing or open to everybody is named at the start, all at once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from commune_hub.keys import SECRETS, load_keys
from firmware_agent.settings import SettingsError
from provisioning.commune import Wish, make_commune

NOW = datetime.now(UTC)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_commune(tmp_path / "xa", Wish("xuan-luong", "UBND xã"), NOW).root


def test_what_provisioning_made_is_good(root: Path) -> None:
    assert load_keys(root, NOW).directory == root / "identity"


def test_every_secret_that_is_open_to_everybody_is_named_with_what_to_do(root: Path) -> None:
    files = [*(root / "identity" / name for name in SECRETS), root / "broker" / "server.key"]
    for file in files:
        file.chmod(0o644)
    with pytest.raises(SettingsError) as refused:
        load_keys(root, NOW)
    assert [line.split(": ")[0] for line in refused.value.mistakes] == [str(file) for file in files]
    assert all(f"chmod 600 {file}" in refused.value.report() for file in files)


def test_it_is_told_together_with_the_other_mistakes(root: Path) -> None:
    (root / "identity" / "hub.key").chmod(0o666)
    (root / "identity" / "seal.key").unlink()
    with pytest.raises(SettingsError) as refused:
        load_keys(root, NOW)
    assert len(refused.value.mistakes) == 2


def test_a_group_that_may_read_is_the_offices_own_business(root: Path) -> None:
    (root / "identity" / "hub.key").chmod(0o640)
    load_keys(root, NOW)
