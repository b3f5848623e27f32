"""Ratings: counts of today by local date, and the share of the satisfied."""

from __future__ import annotations

import pytest

from commune_hub.capabilities.ratings import Tally
from commune_hub.times import day_start_ms
from tests.commune_hub.conftest import NOON_MS, Office
from tests.commune_hub.facts import batch, press


def test_presses_are_counted_by_counter_and_level(office: Office) -> None:
    office.ledger.take(batch([press(1), press(1), press(4), press(2, "quay-2")], NOON_MS))
    first, second = office.ratings.today()
    assert (first.counter, first.levels, first.total) == ("quay-1", {1: 2, 2: 0, 3: 0, 4: 1}, 3)
    assert (second.counter, second.total) == ("quay-2", 1)


def test_the_day_begins_at_local_midnight(office: Office) -> None:
    midnight_ms = day_start_ms(NOON_MS)
    assert NOON_MS - midnight_ms == 12 * 3_600_000
    office.ledger.take(batch([press()], midnight_ms - 2))
    office.ledger.take(batch([press(2)], midnight_ms - 2, first=2, oldest=1))
    assert [tally.levels for tally in office.ratings.today()] == [{1: 0, 2: 1, 3: 0, 4: 0}]


def test_a_press_of_a_clock_that_runs_ahead_is_not_todays(office: Office) -> None:
    office.ledger.take(batch([press()], NOON_MS + 12 * 3_600_000))
    assert office.ratings.today() == []
    assert not any(sum(levels.values()) for levels in office.ratings.hourly_today())


def test_hours_are_local(office: Office) -> None:
    office.ledger.take(batch([press(3)], NOON_MS))
    assert office.ratings.hourly_today()[12] == {1: 0, 2: 0, 3: 1, 4: 0}


@pytest.mark.parametrize(
    ("levels", "share"), [({1: 1, 2: 2, 3: 1, 4: 0}, 0.75), ({4: 3}, 0.0), ({1: 0, 2: 0, 3: 0, 4: 0}, None)]
)
def test_share_of_the_satisfied(levels: dict[int, int], share: float | None) -> None:
    assert Tally("quay-1", levels).satisfied_share == share
