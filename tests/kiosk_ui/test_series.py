"""Numbers of tickets: 001, 002, … each day, and never one twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kiosk_ui.series import Series, next_series, number_text, ticket_id

DAYS = ["1970-01-01", "2026-01-30", "2026-01-31", "2026-02-01", "2040-01-01"]
steps = st.lists(st.tuples(st.sampled_from(DAYS), st.booleans()), min_size=1, max_size=60)


@given(steps)
def test_no_number_of_a_day_is_given_twice_whatever_the_clock_says(made: list[tuple[str, bool]]) -> None:
    series: Series | None = None
    given_out = []
    for today, synced in made:
        series = next_series(series, today, synced)
        given_out.append((series.day, series.last))
    assert len(set(given_out)) == len(given_out)


def test_a_day_begins_at_one() -> None:
    series = next_series(None, "2026-01-30", True)
    series = next_series(series, "2026-01-30", True)
    assert (series.day, series.last) == ("2026-01-30", 2)
    assert next_series(series, "2026-01-31", True).last == 1


def test_only_a_sure_clock_begins_a_day() -> None:
    series = Series("2026-01-30", 7)
    went_on = next_series(series, "2026-01-31", False)
    assert (went_on.day, went_on.last) == ("2026-01-30", 8)


def test_numbers_given_before_the_clock_knew_the_day_are_not_given_again_on_it() -> None:
    """A kiosk that is switched on in the morning without a time server goes on in yesterday's series."""
    series = Series("2026-01-30", 7)
    morning = next_series(series, "1970-01-01", False)
    noon = next_series(morning, "2026-01-31", True)
    assert (morning.last, noon.day, noon.last) == (8, "2026-01-31", 9)
    assert next_series(noon, "2026-02-01", True).last == 1


def test_a_clock_that_goes_back_goes_on_counting() -> None:
    series = Series("2026-01-31", 7)
    assert next_series(series, "2026-01-30", True) == Series("2026-01-31", 8)


def test_a_dreamt_day_is_put_right() -> None:
    dreamt = next_series(None, "2040-01-01", False)
    awake = next_series(dreamt, "2026-01-31", True)
    assert (awake.day, awake.last) == ("2026-01-31", 2)
    assert next_series(awake, "2026-02-01", True).last == 1


def test_what_citizens_see() -> None:
    assert number_text("A", 7) == "A007"
    assert ticket_id("sanh-pi", "ticket", Series("2026-01-31", 7)) == "sanh-pi-ticket-2026-01-31-007"
