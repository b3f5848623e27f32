"""What the keys of a counter go by: who is served, who comes next, what became of the last asking."""

from __future__ import annotations

from collections.abc import Sequence

from commune_hub.capabilities.queue import Queue, Standing, Ticket
from provisioning.plan import HubConfig
from wire.intents import Desk, DeskTicket, Field
from wire.sharing import counter_of

LISTED_MAX = 64
"""Tickets in one list of the document (wire.intents.Desk)."""


def compose_desk(config: HubConfig, queue: Queue, counter: str) -> Desk:
    """Return the document for the keys of `counter`."""
    names = {each.id: each.name for each in config.counters}
    alone = queue.counters_alone([each.id for each in config.counters])
    served = queue.serving().get(counter)
    answered, answer = queue.answered(counter)
    return Desk(
        counter=counter,
        counter_name=names.get(counter, counter),
        officer=queue.officer_at(counter),
        serving=_ticket(served) if served else None,
        waiting=[_waiting(queue, each, counter, alone) for each in queue.line(counter, LISTED_MAX)],
        parked=[_ticket(each) for each in queue.aside()[:LISTED_MAX]],
        fields=[Field(id=each.id, name=each.name, name_en=each.name_en) for each in config.fields],
        counters=alone,
        serves={each.id: list(each.fields) for each in config.counters if each.fields},
        answered=answered,
        answer=answer,
        heard=queue.last_told(counter),
    )


def _waiting(queue: Queue, standing: Standing, counter: str, alone: Sequence[str]) -> DeskTicket:
    """Say whether it is this counter's when the hub is away: among those that may call it, exactly one's."""
    ticket = standing.ticket
    mine = counter_of(ticket.ticket, (each for each in alone if queue.may(each, ticket))) == counter
    return _ticket(ticket, standing.why, mine=mine)


def _ticket(ticket: Ticket, why: str = "", *, mine: bool = False) -> DeskTicket:
    return DeskTicket(
        ticket=ticket.ticket,
        number=ticket.number,
        field=ticket.field,
        lane=ticket.lane,
        why=why or ticket.why,
        mine_when_alone=mine,
    )
