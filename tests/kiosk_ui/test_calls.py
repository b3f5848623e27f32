"""Every call stands on the display for its full time: none skipped, none twice, none cut short."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_ui.calls import SHORTEST_S, CallStage
from wire.calls import CallLine
from wire.intents import Call

FRESH_S = 8.0
LOOK_S = 0.25


def call(index: int) -> Call:
    name = f"Quầy {index}"
    return Call(number=f"A{index:03}", counter="q", counter_name=name, called_at_ms=0, id=f"hub/{index}")


def new_stage(done: list[str] | None = None) -> CallStage:
    return CallStage(CallLine(180_000, done or []), FRESH_S)


def play(stage: CallStage, arrivals: dict[float, list[Call]], until_s: float) -> list[tuple[str, float]]:
    """Look every LOOK_S; return (id, seconds it stood) in order."""
    stood: list[tuple[str, float]] = []
    on_stage = None
    for step in range(int(until_s / LOOK_S)):
        now_s = step * LOOK_S
        for at_s in [each for each in sorted(arrivals) if each <= now_s]:
            stage.take(reversed(arrivals.pop(at_s)), 0)
        found = stage.look(now_s)
        if found is not None and found is not on_stage:
            stood.append((found.id, 0.0))
        on_stage = found
        if found is not None:
            stood[-1] = (found.id, stood[-1][1] + LOOK_S)
    return stood


def test_one_call_stands_for_its_time_and_then_the_stage_is_empty() -> None:
    stage = new_stage()
    assert play(stage, {0.0: [call(1)]}, 30) == [("hub/1", FRESH_S)]
    assert stage.emptied_s == FRESH_S


def test_eight_calls_within_a_second_share_the_time_evenly() -> None:
    arrivals = {index / 8: [call(index)] for index in range(8)}
    stood = play(new_stage(), arrivals, 60)
    assert [each for each, _ in stood] == [f"hub/{index}" for index in range(8)]
    assert {time_s for _, time_s in stood} == {SHORTEST_S}


def test_two_calls_both_stand_for_the_whole_time() -> None:
    assert play(new_stage(), {0.0: [call(1), call(2)]}, 30) == [("hub/1", FRESH_S), ("hub/2", FRESH_S)]


@given(
    st.lists(st.floats(0, 40), max_size=30),
    st.lists(st.integers(1, 3), min_size=30, max_size=30),
)
def test_whatever_comes_each_stands_once_in_order_and_long_enough(
    moments: list[float], counts: list[int]
) -> None:
    arrivals: dict[float, list[Call]] = {}
    total = 0
    for at_s, count in zip(sorted(set(moments)), counts, strict=False):
        arrivals[at_s] = [call(total + index) for index in range(count)]
        total += count
    stood = play(new_stage(), arrivals, 45 + total * FRESH_S)
    assert [each for each, _ in stood] == [f"hub/{index}" for index in range(total)]
    assert all(SHORTEST_S <= time_s <= FRESH_S for _, time_s in stood)


def test_after_a_restart_the_stage_goes_on_where_it_was() -> None:
    before = new_stage()
    before.take([call(3), call(2), call(1)], 0)
    assert before.look(0.0) == call(1)
    after = new_stage(before.done())
    after.take([call(3), call(2), call(1)], 0)
    assert [each for each, _ in play(after, {}, 60)] == ["hub/2", "hub/3"]


def test_a_late_look_costs_no_call_its_time() -> None:
    stage = new_stage()
    stage.take([call(2), call(1)], 0)
    assert stage.look(0.0) == call(1)
    assert stage.look(100.0) == call(2)
    assert stage.due_s == pytest.approx(100.0 + FRESH_S)


def test_the_time_counts_from_when_it_is_seen() -> None:
    stage = new_stage()
    stage.take([call(2), call(1)], 0)
    assert stage.look(0.0) == call(1)
    stage.seen(0.5)
    assert stage.look(FRESH_S + 0.4) == call(1)
    assert stage.look(FRESH_S + 0.5) == call(2)
