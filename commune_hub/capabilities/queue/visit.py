"""One visit, folded from what happened to its ticket. Pure.

What happened is told on several streams and may come late: a counter that was cut off tells in the evening
whom it called at noon. So a visit is never moved step by step; it is folded anew from all that is known, by
true time, and the order in which facts arrived does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from commune_hub.times import local_day
from wire.facts import (
    ORDINARY,
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

SERVED_AT_LEAST_MS = 10_000
"""A visit that the next call of its counter ended sooner than this was none: two callings crossed."""

RESUMED = "resumed"
"""Why of a call that takes back a mistake: the visit that was ended or missed was never interrupted."""


@dataclass(frozen=True)
class Ticket:
    """A ticket and where its visit stands.

    `waiting`, `called`, `missed` (nobody came), `parked` (a paper is missing), `ended`, or `left`: never
    served, and its day is over.
    """

    ticket: str
    number: str
    field: str
    day: str
    issued_at_ms: int
    state: str
    counter: str | None = None
    """Where it is served, or was last."""
    officer: str | None = None
    called_at_ms: int | None = None
    """When it was last called."""
    ended_at_ms: int | None = None
    lane: str = ORDINARY
    code: str = ""
    first_called_at_ms: int | None = None
    since_ms: int = 0
    """Since when it stands so."""
    why: str = ""
    """Why it was called before others, as in `ticket.called`."""
    by: str = ""
    recalls: int = 0
    returned_at_ms: int | None = None
    """When the citizen last came back; None: was never away."""
    to_counter: str | None = None
    """The counter that it was transferred to; only that one calls it."""
    reason: str = ""
    """Why it was parked."""
    clashes: int = 0
    """How often another counter called it that could not know that it was served."""
    clash_counter: str | None = None
    wait_low_min: int | None = None
    wait_high_min: int | None = None


Visit = Ticket


@dataclass(frozen=True)
class Event:
    """Something that happened to a ticket. `place` orders what happened in one millisecond."""

    at_ms: int
    place: tuple[str, str, str, int]
    body: Body
    displaced: bool = False
    """The fact is of another ticket: its counter went on to that one, so this visit was over."""


def fold(ticket: str, number: str, day: str, events: Iterable[Event]) -> Ticket:
    """Return the visit that these events make; there is one at least."""
    ordered = sorted(events, key=lambda each: (not _is_issue(each), each.at_ms, each.place))
    start_ms = ordered[0].at_ms
    visit = Ticket(ticket, number, "", day, start_ms, "waiting", since_ms=start_ms)
    for event in ordered:
        visit = _step(visit, event)
    return visit


def _is_issue(event: Event) -> bool:
    return isinstance(event.body, TicketIssued)


def _step(visit: Ticket, event: Event) -> Ticket:
    """Return the visit after one more event; one that does not fit changes nothing."""
    at_ms, body = event.at_ms, event.body
    if isinstance(body, TicketIssued):
        return _issue(visit, body, at_ms)
    if event.displaced:
        return _displace(visit, body, at_ms)
    if isinstance(body, TicketEnded):
        return _end(visit, body, at_ms)
    if isinstance(body, TicketCalled):
        return _call(visit, body, at_ms)
    return replace(visit, **_changes(visit, body, at_ms))


def _changes(visit: Ticket, body: Body, at_ms: int) -> dict[str, Any]:
    """What a step changes, by name; nothing for one that does not fit the visit as it stands."""
    match body:
        case TicketReturned() if visit.state in ("missed", "parked", "ended"):
            return {"state": "waiting", "since_ms": at_ms, "returned_at_ms": at_ms}
        case TicketTransferred() if visit.state == "waiting" or _served_at(visit, body):
            field = body.to_field or visit.field
            return {"state": "waiting", "since_ms": at_ms, "field": field, "to_counter": body.to_counter}
        case TicketRecalled() if _served_at(visit, body):
            return {"recalls": visit.recalls + 1}
        case TicketMissed() if _served_at(visit, body):
            return {"state": "missed", "since_ms": at_ms}
        case TicketParked() if _served_at(visit, body):
            return {"state": "parked", "since_ms": at_ms, "reason": body.reason}
    return {}


def _issue(visit: Ticket, body: TicketIssued, at_ms: int) -> Ticket:
    """The day is that of its true time: a kiosk that did not know the time goes on in yesterday's series, and
    whoever holds such a number waits today."""
    return replace(
        visit,
        number=body.number,
        field=body.field,
        lane=body.lane,
        code=body.code,
        day=local_day(at_ms),
        issued_at_ms=at_ms,
        since_ms=at_ms,
        wait_low_min=body.wait_low_min,
        wait_high_min=body.wait_high_min,
    )


def _call(visit: Ticket, body: TicketCalled, at_ms: int) -> Ticket:
    if visit.state == "called" and visit.counter == body.counter:
        return visit  # told twice: by the console and by the counter's keys
    if visit.state in ("called", "ended"):
        return replace(visit, clashes=visit.clashes + 1, clash_counter=body.counter)
    called = replace(
        visit,
        state="called",
        since_ms=at_ms,
        counter=body.counter,
        officer=body.officer,
        called_at_ms=at_ms,
        first_called_at_ms=visit.first_called_at_ms or at_ms,
        ended_at_ms=None,
        why=body.why,
        by=body.by,
        to_counter=None,
    )
    if body.why != RESUMED or visit.counter != body.counter or visit.called_at_ms is None:
        return called
    return replace(called, called_at_ms=visit.called_at_ms, since_ms=visit.called_at_ms, why=visit.why)


def _displace(visit: Ticket, body: Body, at_ms: int) -> Ticket:
    """The counter went on to another number. Whom it had called just before was not served, but missed."""
    if _served_at(visit, body) and at_ms - (visit.called_at_ms or 0) < SERVED_AT_LEAST_MS:
        return replace(visit, state="missed", since_ms=at_ms)
    return _end(visit, body, at_ms)


def _end(visit: Ticket, body: Body, at_ms: int) -> Ticket:
    if not _served_at(visit, body):
        return visit
    return replace(visit, state="ended", since_ms=at_ms, ended_at_ms=at_ms)


def _served_at(visit: Ticket, body: Body) -> bool:
    """Whether the counter that tells of it serves this visit: another one has nothing to say to it."""
    return isinstance(body, AtCounter) and visit.state == "called" and visit.counter == body.counter
