"""Workers share the tests in whole pieces, whose names are still true."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.quick_disk import has_room
from tests.support.shares import FIRST, PIECES, piece_of, rank_of

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("place", [*(name for names in PIECES.values() for name in names), *FIRST])
def test_what_is_named_is_there(place: str) -> None:
    assert place in PIECES or (ROOT / place).exists()


def test_a_piece_is_what_stands_on_the_same_thing() -> None:
    day, browser = "tests/test_commune_day.py::test_a", "tests/test_browser.py::test_b[::x@y]"
    assert piece_of(day) == piece_of(browser) != piece_of("tests/test_house.py::test_a")
    assert rank_of(day) == rank_of(browser) == 0 < rank_of("tests/sim/test_week.py::test_a")
    assert rank_of("tests/test_house.py::test_a") == rank_of("tests/wire/test_seal.py::test_b") == len(FIRST)


def test_no_disk_is_used_that_is_not_there_or_small(tmp_path: Path) -> None:
    assert not has_room(tmp_path / "nowhere")
    assert not has_room(Path("/proc"))
