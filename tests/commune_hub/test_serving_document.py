"""Whose visit a rating node is told of: on, just ended, handed over, nobody's."""

from __future__ import annotations

from commune_hub.documents.serving import HANDOVER_MS, RATED_WITHIN_MS, compose_serving
from commune_hub.times import local_day
from tests.commune_hub.conftest import NOON_MS, Office
from tests.commune_hub.facts import batch, ticket
from wire.intents import Serving

DAY = local_day(NOON_MS)


def told(office: Office, gives_tickets: bool = True) -> Serving:
    return compose_serving(office.queue, "quay-1", "Quầy 1", gives_tickets)


def open_hall(office: Office) -> None:
    bodies = [ticket(f"A{number:03}", DAY) for number in range(1, 4)]
    office.ledger.take(batch(list(bodies), NOON_MS, device="sanh", node="ticket"))


def call(office: Office) -> None:
    office.queue.call_next(office.ledger, "quay-1", "can-bo")


def test_a_visit_is_told_with_its_field_until_a_minute_after_its_end(office: Office) -> None:
    open_hall(office)
    assert told(office).ticket is None
    call(office)
    assert (told(office).number, told(office).field, told(office).ended_at_ms) == ("A001", "ho-tich", None)
    office.clock.at_ms += 60_000
    office.queue.end(office.ledger, "quay-1", "can-bo")
    assert (told(office).number, told(office).officer) == ("A001", "can-bo")
    assert told(office).ended_at_ms == office.clock.at_ms
    office.clock.at_ms += RATED_WITHIN_MS + 1
    assert (told(office).ticket, told(office).officer) == (None, None)


def test_who_leaves_may_still_press_when_the_next_number_is_called_at_once(office: Office) -> None:
    open_hall(office)
    call(office)
    office.clock.at_ms += 60_000
    call(office)
    assert (told(office).number, told(office).ended_at_ms) == ("A001", office.clock.at_ms)
    office.clock.at_ms += HANDOVER_MS + 1
    assert (told(office).number, told(office).ended_at_ms) == ("A002", None)


def test_without_a_kiosk_nobody_can_tell_who_is_served(office: Office) -> None:
    assert told(office).without_tickets is False
    assert told(office, gives_tickets=False).without_tickets is True
