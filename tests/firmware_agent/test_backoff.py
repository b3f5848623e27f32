"""Pauses before a node is started again: they grow, they end, they are forgotten."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from firmware_agent.backoff import FIRST_PAUSE_S, LONGEST_PAUSE_S, WELL_AFTER_S, Backoff


def die_at_once(backoff: Backoff, times: int) -> list[float]:
    pauses, now_s = [], 0.0
    for _ in range(times):
        backoff.started(now_s)
        pauses.append(backoff.died(now_s + 0.1))
        now_s += 0.1 + pauses[-1]
    return pauses


def test_pauses_double_up_to_the_bound() -> None:
    assert die_at_once(Backoff(), 9) == [0.5, 1, 2, 4, 8, 16, 32, LONGEST_PAUSE_S, LONGEST_PAUSE_S]


def test_a_node_that_dies_for_years_still_gets_a_pause() -> None:
    backoff = Backoff()
    assert set(die_at_once(backoff, 5_000)[7:]) == {LONGEST_PAUSE_S}
    assert backoff.deaths == 5_000


def test_a_long_life_makes_earlier_deaths_forgotten() -> None:
    backoff = Backoff()
    die_at_once(backoff, 5)
    backoff.started(1_000)
    assert not backoff.well(1_000 + WELL_AFTER_S - 0.1)
    assert backoff.well(1_000 + WELL_AFTER_S)
    assert backoff.died(1_000 + WELL_AFTER_S) == FIRST_PAUSE_S
    assert backoff.deaths == 1


def test_a_life_just_too_short_does_not() -> None:
    backoff = Backoff()
    die_at_once(backoff, 2)
    backoff.started(1_000)
    assert backoff.died(1_000 + WELL_AFTER_S - 0.1) == 4 * FIRST_PAUSE_S


@given(st.lists(st.floats(0, 200), max_size=40))
def test_every_pause_is_within_the_bounds(lives_s: list[float]) -> None:
    backoff, now_s = Backoff(), 0.0
    for life_s in lives_s:
        backoff.started(now_s)
        now_s += life_s
        pause_s = backoff.died(now_s)
        assert FIRST_PAUSE_S <= pause_s <= LONGEST_PAUSE_S
        assert backoff.deaths >= 1
        now_s += pause_s
