"""A counter that goes on by itself while the hub is away. Pure: documents, facts and times come in.

It calls what its last document says is its own, then what it heard kiosks give out since, shared out by the
same rule at every counter, then whatever number an officer types.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta, Struct, structs

from wire.facts import ORDINARY, TicketCalled, TicketIssued
from wire.intents import Desk, DeskTicket
from wire.sharing import counter_of, serving_field

HEARD_MAX = 300
DONE_MAX = 300
"""Tickets that are remembered as heard, or as called; a counter serves some fifty a day."""


class HeardTicket(Struct, frozen=True):
    """A ticket that a kiosk gave out within earshot."""

    ticket: str
    number: str
    field: str
    lane: str = ORDINARY


class Known(Struct, frozen=True):
    """What a counter knows beyond its document; kept on disk with each fact."""

    serving: HeardTicket | None = None
    """Whom it serves by its own doing, while `told` is not in the document."""
    told: Annotated[int, Meta(ge=0)] = 0
    """Number of the last fact of its own doing; 0: its document knows everything."""
    back: Annotated[list[HeardTicket], Meta(max_length=DONE_MAX)] = []
    """Who came back meanwhile, to be called first."""
    called: Annotated[list[str], Meta(max_length=DONE_MAX)] = []
    """Numbers that were called meanwhile, here or, as far as was heard, elsewhere."""
    heard: Annotated[list[HeardTicket], Meta(max_length=HEARD_MAX)] = []
    """What kiosks gave out since the last document."""


def serving(desk: Desk | None, known: Known) -> HeardTicket | None:
    """Return whom the counter serves: by its own doing, or as the document says."""
    if known.told:
        return known.serving
    return _heard(desk.serving) if desk is not None and desk.serving is not None else None


def own_next(desk: Desk | None, known: Known) -> HeardTicket | None:
    """Return whom this counter calls next by itself; None: nobody that is known to be its own."""
    left = [each for each in known.back if each.number not in known.called]
    if left:
        return left[0]
    if desk is None:
        return None
    listed = [_heard(each) for each in desk.waiting if each.mine_when_alone]
    names = {each.ticket for each in desk.waiting}
    since = [each for each in known.heard if each.ticket not in names and _is_own(desk, each)]
    return next((each for each in [*listed, *since] if each.number not in known.called), None)


def by_figures(desk: Desk | None, known: Known, figures: str) -> HeardTicket:
    """Return the ticket that typed figures mean; one that nobody here knows has an empty id.

    Two kiosks may both have a number 7: who waits first is meant.
    """
    listed = [] if desk is None else [_heard(each) for each in [*desk.waiting, *desk.parked]]
    able = [*known.back, *listed, *known.heard]
    meant = [each for each in able if _figures(each.number) == int(figures)]
    fresh = [each for each in meant if each.number not in known.called]
    if fresh or meant:
        return (fresh or meant)[0]
    return HeardTicket("", f"{_series(able)}{int(figures):03d}", "")


def after_call(known: Known, ticket: HeardTicket) -> Known:
    """Return what is known after the counter called `ticket` by itself."""
    return structs.replace(known, serving=ticket, called=[*known.called, ticket.number][-DONE_MAX:])


def after_recall(known: Known, ticket: HeardTicket) -> Known:
    """Return what is known after the counter called out once more whom it serves."""
    return structs.replace(known, serving=ticket)


def after_leaving(known: Known) -> Known:
    """Return what is known after the visit here ended or was put aside."""
    return structs.replace(known, serving=None)


def after_return(known: Known, back: HeardTicket, served: HeardTicket | None) -> Known:
    """Return what is known after somebody came back while `served` is at the counter."""
    called = [each for each in known.called if each != back.number]
    return structs.replace(known, serving=served, back=[*known.back, back][-DONE_MAX:], called=called)


def after_hearing(known: Known, bodies: Iterable[object]) -> Known:
    """Return what is known after facts of neighbours went by."""
    heard, called = list(known.heard), list(known.called)
    for body in bodies:
        match body:
            case TicketIssued() if body.ticket not in {each.ticket for each in heard}:
                heard.append(HeardTicket(body.ticket, body.number, body.field, body.lane))
            case TicketCalled() if body.number not in called:
                called.append(body.number)
    return structs.replace(known, heard=heard[-HEARD_MAX:], called=called[-DONE_MAX:])


def after_document(known: Known, settled: Iterable[str]) -> Known:
    """Return what is known once a document takes account of everything: only what is newer than it.

    `settled` are the tickets that were heard of well before the document came.
    """
    old = set(settled)
    return Known(heard=[each for each in known.heard if each.ticket not in old])


def in_document(desk: Desk, device: str, node: str, told: int) -> bool:
    """Tell whether the document takes account of the counter's own fact number `told`."""
    stream, _, seq = desk.heard.rpartition("/")
    return stream.startswith(f"{device}/{node}/") and seq.isdecimal() and int(seq) >= told


def _is_own(desk: Desk, ticket: HeardTicket) -> bool:
    able = serving_field(ticket.field, desk.counters, desk.serves)
    return counter_of(ticket.ticket, able) == desk.counter


def _heard(ticket: DeskTicket) -> HeardTicket:
    return HeardTicket(ticket.ticket, ticket.number, ticket.field, ticket.lane)


def _figures(number: str) -> int:
    figures = "".join(filter(str.isdecimal, number))
    return int(figures) if figures else -1


def _series(tickets: Iterable[HeardTicket]) -> str:
    """Return the letter that numbers begin with here; `A` where nothing was ever heard."""
    return next((each.number[0] for each in tickets if each.number[:1].isalpha()), "A")
