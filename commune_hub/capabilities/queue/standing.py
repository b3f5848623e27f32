"""From tickets to candidates: what the order needs to know of who waits, and of who was called. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from commune_hub.capabilities.queue.order import Candidate, Placed, Rules, arrange, times_passed_over
from wire.facts import ORDINARY


class Waits(NamedTuple):
    """Who waits, as far as the order goes by it. The fields are columns of `tickets`."""

    ticket: str
    field: str
    lane: str
    issued_at_ms: int
    returned_at_ms: int | None
    to_counter: str | None


class Called(NamedTuple):
    """Who was called today, as far as the order goes by it. The fields are columns of `tickets`."""

    issued_at_ms: int
    called_at_ms: int
    lane: str
    counter: str | None


ServesField = Callable[[str, str], bool]
"""(counter, field) → whether the counter serves the field."""


def place(
    waiting: Sequence[Waits],
    called: Sequence[Called],
    serves_field: ServesField,
    rules: Rules,
    now_ms: int,
    limit: int,
) -> list[Placed]:
    """Return who is called first, second, … up to `limit`; `called` by when they were called."""
    issued: dict[str, list[int]] = {}
    candidates = []
    for each in waiting:
        if each.field not in issued:
            issued[each.field] = _issued_of_called(each.field, called, serves_field)
        candidates.append(_candidate(each, issued[each.field], called))
    return arrange(candidates, rules, now_ms, _run(called), limit)


def _issued_of_called(field: str, called: Sequence[Called], serves_field: ServesField) -> list[int]:
    """A counter that does not serve a field passes over nobody of that field."""
    return sorted(each.issued_at_ms for each in called if serves_field(each.counter or "", field))


def _candidate(each: Waits, issued_of_called: Sequence[int], called: Sequence[Called]) -> Candidate:
    back_ms = each.returned_at_ms
    if back_ms is None:
        passed_over = times_passed_over(each.issued_at_ms, issued_of_called)
        return Candidate(each.ticket, each.issued_at_ms, each.lane, passed_over)
    since = [other for other in called if other.called_at_ms > back_ms]
    passed_over = sum(other.issued_at_ms > each.issued_at_ms for other in since)
    return Candidate(each.ticket, each.issued_at_ms, each.lane, passed_over, len(since))


def _run(called: Sequence[Called]) -> int:
    """Return how many of priority lanes were called in a row since the last ordinary one."""
    run = 0
    for each in reversed(called):
        if each.lane == ORDINARY:
            break
        run += 1
    return run
