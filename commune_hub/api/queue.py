"""The queue: who waits, and all that an officer does at a counter.

`seen` is the `state` of the counter as the caller last read it; an order that was meant for another state is
answered 409 and does nothing, so that a request that is sent twice is done once.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter

from commune_hub.api.served import Asked, Served, SignedIn
from commune_hub.api.shapes import (
    CallIn,
    CounterOut,
    OrderIn,
    ParkIn,
    QueueOut,
    ReturnIn,
    StandingOut,
    TicketOut,
    TransferIn,
    ticket_out,
)
from commune_hub.capabilities.queue import DeskWork, Officer, Ticket
from commune_hub.capabilities.staff import Member
from commune_hub.errors import MissingError

routes = APIRouter(tags=["queue"])

_NOTHING = OrderIn()


@routes.get("/queue")
def queue(asked: Asked, _member: SignedIn) -> QueueOut:
    """Today's queue."""
    found = asked.capabilities.queue
    return QueueOut(
        waiting=[ticket_out(ticket) for ticket in found.waiting()],
        serving={counter: ticket_out(ticket) for counter, ticket in found.serving().items()},
        aside=[ticket_out(ticket) for ticket in found.aside()],
        clashes=[ticket_out(ticket) for ticket in found.clashes()],
        counts=found.counts_today(),
    )


@routes.get("/counters/{counter}")
def counter_now(asked: Asked, _member: SignedIn, counter: str) -> CounterOut:
    """One counter: whom it serves, who comes next there and why, and the `state` to send with an order."""
    _require_counter(asked, counter)
    found = asked.capabilities.queue
    state = found.state_of(counter)  # read first: what changes meanwhile makes an order void, not wrong
    serving = found.serving().get(counter)
    return CounterOut(
        state=state,
        serving=ticket_out(serving) if serving else None,
        next=[
            StandingOut(ticket=ticket_out(each.ticket), why=each.why)
            for each in found.line(counter, limit=20)
        ],
    )


@routes.post("/counters/{counter}/call-next")
def call_next(asked: Asked, member: SignedIn, counter: str, order: OrderIn = _NOTHING) -> TicketOut:
    """End the visit at the counter, if one is on, and call who is next there."""
    return _do(asked, member, counter, order, lambda work, officer: work.call_next(officer))


@routes.post("/counters/{counter}/call")
def call(asked: Asked, member: SignedIn, counter: str, order: CallIn) -> TicketOut:
    """End the visit at the counter, if one is on, and call this number."""
    return _do(asked, member, counter, order, lambda work, officer: work.call(officer, order.number))


@routes.post("/counters/{counter}/recall")
def recall(asked: Asked, member: SignedIn, counter: str, order: OrderIn = _NOTHING) -> TicketOut:
    """Call out once more whom the counter serves."""
    return _do(asked, member, counter, order, lambda work, officer: work.recall(officer))


@routes.post("/counters/{counter}/missed")
def missed(asked: Asked, member: SignedIn, counter: str, order: OrderIn = _NOTHING) -> TicketOut:
    """Nobody came: put the number aside."""
    return _do(asked, member, counter, order, lambda work, officer: work.miss(officer))


@routes.post("/counters/{counter}/park")
def park(asked: Asked, member: SignedIn, counter: str, order: ParkIn) -> TicketOut:
    """Put the visit aside until the citizen is back with a missing paper."""
    return _do(asked, member, counter, order, lambda work, officer: work.park(officer, order.reason))


@routes.post("/counters/{counter}/return")
def give_back(asked: Asked, member: SignedIn, counter: str, order: ReturnIn) -> TicketOut:
    """Who was parked or missed is back: near the front of the queue."""
    return _do(asked, member, counter, order, lambda work, officer: work.give_back(officer, order.ticket))


@routes.post("/counters/{counter}/transfer")
def transfer(asked: Asked, member: SignedIn, counter: str, order: TransferIn) -> TicketOut:
    """Let the visit go on in another field or at another counter, under the same number."""
    config = asked.capabilities.config
    if order.to_counter is not None:
        _require_counter(asked, order.to_counter)
    if order.to_field is not None and order.to_field not in [each.id for each in config.fields]:
        known = ", ".join(each.id for each in config.fields)
        raise MissingError(f"to_field: không có lĩnh vực này; có (no such field; there are): {known}")
    return _do(
        asked,
        member,
        counter,
        order,
        lambda work, officer: work.transfer(officer, order.to_field, order.to_counter),
    )


@routes.post("/counters/{counter}/end")
def end(asked: Asked, member: SignedIn, counter: str, order: OrderIn = _NOTHING) -> TicketOut:
    """End the visit at the counter."""
    return _do(asked, member, counter, order, lambda work, officer: work.end(officer))


@routes.post("/counters/{counter}/undo")
def undo(asked: Asked, member: SignedIn, counter: str, order: OrderIn = _NOTHING) -> TicketOut:
    """Take up again the visit that has just been ended or missed by mistake."""
    return _do(asked, member, counter, order, lambda work, officer: work.undo(officer))


def _do(
    asked: Served,
    member: Member,
    counter: str,
    order: OrderIn,
    doing: Callable[[DeskWork, Officer], Ticket],
) -> TicketOut:
    member.require("officer")
    _require_counter(asked, counter)
    work = asked.capabilities.queue.work(asked.capabilities.ledger)
    done = doing(work, Officer(member.account, counter, order.seen))
    asked.changed()
    return ticket_out(done)


def _require_counter(asked: Served, counter: str) -> None:
    known = [each.id for each in asked.capabilities.config.counters]
    if counter not in known:
        raise MissingError(f"counter: không có quầy này; có (no such counter; there are): {', '.join(known)}")
