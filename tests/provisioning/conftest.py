"""A commune made by provisioning itself, anew for each test."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from provisioning.commune import Wish, make_commune
from tests.support.processes import free_port

COMMUNE = "xuan-luong"
OFFICE = "UBND xã Xuân Lương"


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def commune(tmp_path: Path, now: datetime) -> Path:
    """Return the directory of a new commune with the default plan on free ports."""
    directory = tmp_path / "xã Xuân Lương"
    make_commune(directory, Wish(COMMUNE, OFFICE, ("127.0.0.1",), free_port(), free_port(), free_port()), now)
    return directory
