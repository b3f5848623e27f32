"""Times: stored in UTC, shown in local time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commune_hub.times import day_start_ms, iso_utc, local_day, local_time, to_ms


@pytest.mark.parametrize(
    ("at_ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_767_225_599_999, "2025-12-31T23:59:59.999Z"),
        (2**62, "9999-12-31T23:59:59.000Z"),
        (-(2**62), "0001-01-01T00:00:00.000Z"),
    ],
)
def test_iso(at_ms: int, text: str) -> None:
    assert iso_utc(at_ms) == text


def test_the_local_day_is_seven_hours_ahead() -> None:
    evening = to_ms(datetime(2026, 1, 31, 17, 0, tzinfo=UTC))
    assert (local_day(evening - 1), local_day(evening)) == ("2026-01-31", "2026-02-01")
    assert day_start_ms(evening) == evening


@pytest.mark.parametrize("at_ms", [253_402_300_799_999, 2**62, -62_135_596_800_000, -(2**62)])
def test_every_time_that_a_device_may_tell_can_be_shown(at_ms: int) -> None:
    assert local_time(at_ms).year in (1, 9999)


@given(st.integers(0, 4_000_000_000_000), st.integers(0, 4_000_000_000_000))
def test_iso_sorts_as_time_does(one_ms: int, other_ms: int) -> None:
    assert (one_ms < other_ms) == (iso_utc(one_ms) < iso_utc(other_ms))
