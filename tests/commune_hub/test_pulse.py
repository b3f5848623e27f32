"""A client that hears nothing any more is given up; one that hears now and then is not."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from commune_hub.pulse import BEAT_EVERY_MS, DEAD_AFTER_MS, Pulse


def test_silence_stops_it_and_an_answer_does_not() -> None:
    pulse = Pulse(1_000)
    assert not pulse.stopped(1_000 + DEAD_AFTER_MS)
    assert pulse.stopped(1_001 + DEAD_AFTER_MS)
    pulse.heard(30_000)
    assert not pulse.stopped(30_000 + DEAD_AFTER_MS)
    pulse.heard(20_000)
    assert not pulse.stopped(30_000 + DEAD_AFTER_MS)


@given(st.lists(st.integers(1, 20_000), max_size=60))
def test_the_broker_is_asked_at_most_so_often_and_always_again(steps_ms: list[int]) -> None:
    pulse = Pulse(0)
    now_ms, asked = 0, [0]
    for step_ms in steps_ms:
        now_ms += step_ms
        if pulse.due(now_ms):
            asked.append(now_ms)
    assert all(later - earlier >= BEAT_EVERY_MS for earlier, later in pairwise(asked))
    assert now_ms - asked[-1] < BEAT_EVERY_MS or pulse.due(now_ms)
