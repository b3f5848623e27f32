"""A visit is what its events make, by true time: however late they come, in whatever order."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from commune_hub.capabilities.queue.visit import Event, Ticket, fold
from wire.facts import (
    AtCounter,
    Body,
    TicketCalled,
    TicketEnded,
    TicketIssued,
    TicketMissed,
    TicketParked,
    TicketRecalled,
    TicketReturned,
    TicketTransferred,
)

ISSUED = TicketIssued(ticket="t", number="A007", field="ho-tich", day="2026-01-01", printed=True)


def at(counter: str = "quay-1") -> dict[str, str]:
    return {"ticket": "t", "counter": counter, "officer": "hoa"}


def called(counter: str = "quay-1", why: str = "longest") -> TicketCalled:
    return TicketCalled(**at(counter), number="A007", why=why)


def visit(*bodies: Body, step_ms: int = 60_000) -> Ticket:
    """Fold events a minute apart."""
    events = [Event(n * step_ms, ("d", "n", "e", n), body) for n, body in enumerate([ISSUED, *bodies], 1)]
    return fold("t", "", "2026-01-01", events)


def test_a_whole_visit() -> None:
    done = visit(called(), TicketRecalled(**at(), number="A007"), TicketEnded(**at()))
    assert (done.state, done.recalls, done.called_at_ms, done.ended_at_ms) == ("ended", 1, 120_000, 240_000)
    assert (done.number, done.field, done.counter, done.officer) == ("A007", "ho-tich", "quay-1", "hoa")


def test_parked_and_back_and_called_by_another_counter() -> None:
    parked = visit(called(), TicketParked(**at(), reason="Thiếu giấy tờ"))
    assert (parked.state, parked.reason) == ("parked", "Thiếu giấy tờ")
    again = visit(called(), TicketParked(**at()), TicketReturned(**at()), called("quay-2"))
    assert (again.state, again.counter, again.first_called_at_ms) == ("called", "quay-2", 120_000)
    assert again.clashes == 0


def test_a_transferred_ticket_keeps_its_number_and_its_time() -> None:
    moved = visit(called(), TicketTransferred(**at(), to_field="dat-dai", to_counter="quay-2"))
    assert (moved.state, moved.field, moved.to_counter) == ("waiting", "dat-dai", "quay-2")
    assert (moved.number, moved.issued_at_ms) == ("A007", 60_000)


def test_only_the_counter_that_serves_ends_a_visit() -> None:
    assert visit(called(), TicketEnded(**at("quay-2"))).state == "called"
    assert visit(called(), TicketMissed(**at("quay-2"))).state == "called"


def test_two_counters_that_could_not_know_of_each_other() -> None:
    clash = visit(
        called("quay-1"), called("quay-2"), TicketEnded(**at("quay-2")), TicketEnded(**at("quay-1"))
    )
    assert (clash.counter, clash.clashes, clash.clash_counter) == ("quay-1", 1, "quay-2")
    assert (clash.state, clash.ended_at_ms) == ("ended", 300_000), "the first visit is the visit"


def test_a_mistake_that_was_taken_back_never_was() -> None:
    resumed = visit(called(), TicketEnded(**at()), TicketReturned(**at()), called(why="resumed"))
    assert (resumed.state, resumed.called_at_ms, resumed.ended_at_ms) == ("called", 120_000, None)
    assert resumed.why == "longest"


def test_the_next_call_of_its_counter_ends_a_visit() -> None:
    events = [
        Event(0, ("k", "t", "e", 1), ISSUED),
        Event(60_000, ("hub", "queue", "e", 1), called()),
        Event(360_000, ("quay-1-pi", "keys", "e", 5), called(), displaced=True),
    ]
    done = fold("t", "", "2026-01-01", events)
    assert (done.state, done.ended_at_ms) == ("ended", 360_000)
    crossed = fold("t", "", "2026-01-01", [*events[:2], replace(events[2], at_ms=63_000)])
    assert crossed.state == "missed", "two callings crossed: who was called three seconds ago is not lost"


STEPS = st.sampled_from([TicketEnded, TicketMissed, TicketParked, TicketReturned, TicketTransferred])
BODIES = st.one_of(
    st.sampled_from(["quay-1", "quay-2"]).map(called),
    st.builds(lambda kind, counter: kind(**at(counter)), STEPS, st.sampled_from(["quay-1", "quay-2"])),
)


@given(st.lists(st.tuples(st.integers(0, 20), BODIES), max_size=12), st.randoms())
def test_the_order_of_arrival_does_not_matter(
    told: list[tuple[int, AtCounter]], chance: random.Random
) -> None:
    events = [Event(5, ("k", "ticket", "e", 1), ISSUED)]
    events += [Event(at_ms, ("hub", "queue", "e", n), body) for n, (at_ms, body) in enumerate(told)]
    mixed = list(events)
    chance.shuffle(mixed)
    folded = fold("t", "", "2026-01-01", events)
    assert fold("t", "", "2026-01-01", mixed) == folded
    assert (folded.number, folded.issued_at_ms) == ("A007", 5)
    assert folded.state != "called" or folded.ended_at_ms is None
