"""The queue: who waits, call the next, end a visit."""

from __future__ import annotations

from fastapi import APIRouter

from commune_hub.api.served import Asked, Served, SignedIn
from commune_hub.api.shapes import QueueOut, TicketOut, ticket_out
from commune_hub.errors import MissingError

routes = APIRouter(tags=["queue"])


@routes.get("/queue")
def queue(asked: Asked, _member: SignedIn) -> QueueOut:
    """Today's queue."""
    found = asked.capabilities.queue
    return QueueOut(
        waiting=[ticket_out(ticket) for ticket in found.waiting()],
        serving={counter: ticket_out(ticket) for counter, ticket in found.serving().items()},
        counts=found.counts_today(),
    )


@routes.post("/counters/{counter}/call-next")
def call_next(asked: Asked, member: SignedIn, counter: str) -> TicketOut:
    """End the visit at the counter, if one is on, and call who waits longest."""
    member.require("officer")
    _require_counter(asked, counter)
    called = asked.capabilities.queue.call_next(asked.capabilities.ledger, counter, member.account)
    asked.changed()
    return ticket_out(called)


@routes.post("/counters/{counter}/end")
def end(asked: Asked, member: SignedIn, counter: str) -> TicketOut:
    """End the visit at the counter."""
    member.require("officer")
    _require_counter(asked, counter)
    ended = asked.capabilities.queue.end(asked.capabilities.ledger, counter, member.account)
    asked.changed()
    return ticket_out(ended)


def _require_counter(asked: Served, counter: str) -> None:
    known = [each.id for each in asked.capabilities.config.counters]
    if counter not in known:
        raise MissingError(f"counter: không có quầy này; có (no such counter; there are): {', '.join(known)}")
