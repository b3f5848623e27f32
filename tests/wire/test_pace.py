"""How much goes at once: it grows while acks come quickly, shrinks when they queue, keeps its bounds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wire.pace import LATE_MS, WINDOW_FACTS, WINDOW_FACTS_MIN, Pace


def round_trip(pace: Pace, number: int, sent_ms: int, took_ms: int) -> int:
    pace.on_sent(number, sent_ms)
    pace.on_ack(number, sent_ms + took_ms)
    return pace.facts


def test_it_doubles_with_each_quick_round_trip_up_to_the_window() -> None:
    pace = Pace()
    grown = [round_trip(pace, number, number * 100, 5) for number in range(1, 12)]
    assert grown[:3] == [2 * WINDOW_FACTS_MIN, 4 * WINDOW_FACTS_MIN, 8 * WINDOW_FACTS_MIN]
    assert grown[-1] == WINDOW_FACTS


def test_acks_that_queue_halve_it_and_quick_ones_raise_it_again() -> None:
    pace = Pace()
    for number in range(1, 5):
        round_trip(pace, number, 0, 5)
    before = pace.facts
    assert round_trip(pace, 6, 0, 11 + LATE_MS) == before // 2
    assert round_trip(pace, 7, 0, 5) == before


def test_a_link_that_is_always_slow_is_not_late() -> None:
    pace = Pace()
    for number in range(1, 12):
        round_trip(pace, number, 0, 900)
    assert pace.facts == WINDOW_FACTS


def test_the_jitter_of_a_slow_link_is_no_queue() -> None:
    pace = Pace()
    for number, took_ms in enumerate([700, 1_500, 800, 1_400, 900, 1_300, 700, 1_500], 1):
        round_trip(pace, number, 0, took_ms)
    assert pace.facts == WINDOW_FACTS


def test_a_link_that_has_become_slow_for_good_is_got_used_to() -> None:
    pace = Pace()
    round_trip(pace, 1, 0, 5)
    for number in range(2, 60):
        round_trip(pace, number, 0, 900)
    assert pace.facts == WINDOW_FACTS


def test_after_a_break_it_begins_with_little_and_times_nothing_of_before() -> None:
    pace = Pace()
    for number in range(1, 8):
        round_trip(pace, number, 0, 5)
    pace.on_sent(9, 0)
    pace.begin_anew()
    pace.on_ack(9, 60_000)
    assert pace.facts == WINDOW_FACTS_MIN
    assert round_trip(pace, 10, 0, 5) == 2 * WINDOW_FACTS_MIN


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(0, 100_000), st.booleans())))
def test_whatever_happens_it_keeps_its_bounds(steps: list[tuple[int, int, bool]]) -> None:
    pace = Pace()
    for number, took_ms, breaks in steps:
        round_trip(pace, number, 0, took_ms)
        if breaks:
            pace.begin_anew()
        assert WINDOW_FACTS_MIN <= pace.facts <= WINDOW_FACTS
