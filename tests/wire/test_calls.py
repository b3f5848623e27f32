"""Calls are events: each once, in order, whoever tells of it and however often."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from wire.calls import KEPT_MAX, CallLine
from wire.intents import Call

NOW_MS = 1_000_000_000
LATE_MS = 60_000


def call(index: int, at_ms: int = NOW_MS, **changes: object) -> Call:
    made = Call(
        number=f"A{index:03}", counter="quay-1", counter_name="Quầy 1", called_at_ms=at_ms, id=f"hub/{index}"
    )
    return msgspec.structs.replace(made, **changes)


def started(line: CallLine) -> list[str]:
    found = []
    while (each := line.start()) is not None:
        found.append(each.id)
    return found


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=40), st.integers(1, 12))
def test_each_once_in_order_however_documents_overlap(steps: list[tuple[int, bool]], window: int) -> None:
    line, known, began = CallLine(LATE_MS), 0, []
    for more, start in steps:
        known += min(more, window)
        listed = [call(index) for index in range(max(0, known - window), known)]
        line.take(reversed(listed), NOW_MS)
        line.take(reversed(listed[-2:]), NOW_MS)
        found = line.start() if start else None
        began += [found.id] if found else []
    assert began + started(line) == [f"hub/{index}" for index in range(known)]


def test_what_was_begun_before_a_restart_does_not_begin_again() -> None:
    line = CallLine(LATE_MS)
    line.take([call(2), call(1)], NOW_MS)
    assert line.start() == call(1)
    after = CallLine(LATE_MS, line.done())
    after.take([call(2), call(1)], NOW_MS)
    assert started(after) == ["hub/2"]


def test_old_calls_are_history() -> None:
    line = CallLine(LATE_MS)
    line.take([call(2, NOW_MS - LATE_MS), call(1, NOW_MS - LATE_MS - 1)], NOW_MS)
    line.take([call(2, NOW_MS - LATE_MS), call(1, NOW_MS - LATE_MS - 1)], NOW_MS + LATE_MS)
    assert started(line) == ["hub/2"]


def test_without_a_clock_the_first_document_is_history_except_who_is_served_and_later_ones_are_new() -> None:
    line = CallLine(LATE_MS)
    line.take([call(2, 5), call(1, 5, serving=False)], None)
    line.take([call(3, 5, serving=False), call(2, 5), call(1, 5, serving=False)], None)
    assert started(line) == ["hub/2", "hub/3"]


def test_a_recall_is_a_call_and_calls_without_id_are_told_apart_by_time() -> None:
    line = CallLine(LATE_MS)
    first = call(1, id="")
    line.take([first], NOW_MS)
    line.take([call(1, NOW_MS + 1, id="", recall=True), first], NOW_MS)
    assert [line.start(), line.start()] == [first, call(1, NOW_MS + 1, id="", recall=True)]
    assert line.start() is None


def test_memory_is_bounded() -> None:
    line = CallLine(LATE_MS)
    for index in range(2_000):
        line.take([call(index)], NOW_MS)
        line.start()
    assert line.done() == [f"hub/{index}" for index in range(2_000 - KEPT_MAX, 2_000)]
