"""What a rating node goes by: whose visit may be rated at its counter now."""

from __future__ import annotations

from commune_hub.capabilities.queue import Queue, Ticket
from wire.intents import Serving

RATED_WITHIN_MS = 60_000
"""A visit may be rated for so long after the officer ended it; the node closes by itself after as long."""

HANDOVER_MS = 20_000
"""Most officers end a visit by calling the next number. Who leaves stands at the buttons then, and who is
called is on the way: for so long a press still belongs to the visit that ended."""


def compose_serving(queue: Queue, counter: str, counter_name: str, gives_tickets: bool) -> Serving:
    """Compose the document of a rating node at `counter`."""
    ended = queue.last_ended(counter, RATED_WITHIN_MS)
    current = queue.serving().get(counter)
    if current is not None and (ended is None or queue.last_ended(counter, HANDOVER_MS) is None):
        return _document(counter, counter_name, current, None)
    if ended is not None:
        return _document(counter, counter_name, ended, ended.ended_at_ms)
    return Serving(counter=counter, counter_name=counter_name, without_tickets=not gives_tickets)


def _document(counter: str, counter_name: str, ticket: Ticket, ended_at_ms: int | None) -> Serving:
    return Serving(
        counter=counter,
        counter_name=counter_name,
        officer=ticket.officer,
        ticket=ticket.ticket,
        number=ticket.number,
        ended_at_ms=ended_at_ms,
        field=ticket.field,
    )
