"""Periods, by the calendar and from the 15th."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from commune_hub.errors import InvalidError
from commune_hub.reports.periods import (
    KINDS,
    Begins,
    Kind,
    check_kind,
    find_period,
    period_of,
    periods_back,
    year_before,
)


@pytest.mark.parametrize(
    ("kind", "name", "begins", "days"),
    [
        ("week", "2026-W01", 15, "29/12/2025–04/01/2026"),
        ("month", "2026-10", 1, "01/10/2026–31/10/2026"),
        ("month", "2026-10", 15, "15/09/2026–14/10/2026"),
        ("month", "2026-01", 15, "15/12/2025–14/01/2026"),
        ("quarter", "2026-Q1", 15, "15/12/2025–14/03/2026"),
        ("half", "2026-H1", 1, "01/01/2026–30/06/2026"),
        ("half", "2026-H1", 15, "15/12/2025–14/06/2026"),
        ("half", "2026-H2", 15, "15/06/2026–14/12/2026"),
        ("year", "2028", 1, "01/01/2028–31/12/2028"),
        ("year", "2026", 15, "15/12/2025–14/12/2026"),
    ],
)
def test_first_and_last_day(kind: Kind, name: str, begins: Begins, days: str) -> None:
    assert find_period(kind, name, begins).days_text == days


@pytest.mark.parametrize("begins", [1, 15])
@pytest.mark.parametrize("kind", list(KINDS))
def test_every_day_lies_in_exactly_one_period(kind: Kind, begins: Begins) -> None:
    """Walking back from a period, the days join without gap or overlap, and names lead back to the period."""
    period = period_of(kind, date(2028, 3, 1), begins)
    for _, before in zip(range(60), periods_back(period), strict=False):
        assert before.last + timedelta(days=1) == period.first
        assert find_period(kind, before.name, begins) == before
        assert period_of(kind, before.first, begins) == before == period_of(kind, before.last, begins)
        period = before


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("month", "2026-13"),
        ("month", "2026-00"),
        ("month", "thang-10"),
        ("week", "2026-W54"),
        ("week", "2025-W53"),
        ("quarter", "2026-Q5"),
        ("half", "2026-H3"),
        ("year", "1899"),
        ("year", "２０２６"),
    ],
)
def test_what_no_calendar_has_is_told_with_an_example(kind: Kind, name: str) -> None:
    with pytest.raises(InvalidError, match=r"Không có kỳ .*hãy viết như"):
        find_period(kind, name, 1)
    with pytest.raises(InvalidError, match="week, month"):
        check_kind("decade")


def test_the_same_period_a_year_before() -> None:
    before = year_before(find_period("half", "2026-H1", 15))
    assert before is not None
    assert before.days_text == "15/12/2024–14/06/2025"
    assert year_before(find_period("week", "2026-W53", 1)) is None
    assert year_before(find_period("month", "2000-01", 1)) is None
