"""The queue: issue order is calling order, one visit a counter, two officers may call at once."""

from __future__ import annotations

import threading

import pytest

from commune_hub.errors import MissingError
from commune_hub.times import DAY_MS, local_day
from tests.commune_hub.conftest import NOON_MS, Office
from tests.commune_hub.facts import batch, ticket
from wire.facts import Body, Fact, Moment, TicketCalled, TicketEnded, make_fact

DAY = local_day(NOON_MS)


def issue(office: Office, *numbers: str, first: int = 1, day: str = DAY) -> None:
    office.ledger.take(
        batch([ticket(number, day) for number in numbers], NOON_MS, first=first, device="sanh", node="ticket")
    )


def call(office: Office, counter: str) -> str:
    return office.queue.call_next(office.ledger, counter, "can-bo").number


def test_who_came_first_is_called_first(office: Office) -> None:
    issue(office, "A001", "A002", "A003")
    assert [call(office, "quay-1"), call(office, "quay-2")] == ["A001", "A002"]
    assert [each.number for each in office.queue.waiting()] == ["A003"]
    assert {counter: each.number for counter, each in office.queue.serving().items()} == {
        "quay-1": "A001",
        "quay-2": "A002",
    }


def test_calling_the_next_ends_the_visit_before(office: Office) -> None:
    issue(office, "A001", "A002")
    call(office, "quay-1")
    call(office, "quay-1")
    assert office.queue.counts_today() == {"waiting": 0, "called": 1, "ended": 1}
    kinds = [
        row["kind"] for row in office.store.rows("SELECT kind FROM facts WHERE device = 'hub' ORDER BY seq")
    ]
    assert kinds == ["ticket.called", "ticket.ended", "ticket.called"]


def test_no_device_calls_or_ends_a_visit(office: Office) -> None:
    issue(office, "A001", "A002")
    call(office, "quay-1")
    serving, waiting = f"sanh-{DAY}-A001", f"sanh-{DAY}-A002"
    forged: list[Body | Fact] = [
        TicketEnded(ticket=serving, counter="quay-1", officer="can-bo"),
        TicketCalled(ticket=waiting, number="A002", counter="quay-9", officer="ke-la"),
    ]
    office.ledger.take(batch(forged, NOON_MS, device="quay-2-pi"))
    assert office.queue.serving()["quay-1"].number == "A001"
    assert [each.number for each in office.queue.waiting()] == ["A002"]
    assert office.store.value("SELECT count(*) FROM facts WHERE device = 'quay-2-pi'") == 2, "but it is kept"


def test_nobody_waits(office: Office) -> None:
    issue(office, "A001")
    call(office, "quay-1")
    with pytest.raises(MissingError, match="chờ"):
        call(office, "quay-1")
    assert office.queue.serving()["quay-1"].number == "A001", "the visit that is on stays on"


def test_ending_needs_a_visit(office: Office) -> None:
    with pytest.raises(MissingError):
        office.queue.end(office.ledger, "quay-1", "can-bo")
    issue(office, "A001")
    call(office, "quay-1")
    assert office.queue.end(office.ledger, "quay-1", "can-bo").state == "ended"
    assert office.queue.serving() == {}


def test_a_number_of_yesterdays_series_waits_on_the_day_on_which_it_was_really_given(office: Office) -> None:
    """A kiosk without a time server in the morning does not know that the day is another."""
    stamp = Moment(at_ms=25_000_000, mono_ms=5_000, boot="1970", synced=False)
    fact = make_fact(ticket("A080", local_day(NOON_MS - DAY_MS)), stamp)
    office.ledger.take(batch([fact], NOON_MS, device="sanh", node="ticket"))
    assert [(each.number, each.day) for each in office.queue.waiting()] == [("A080", local_day(NOON_MS))]


def test_yesterdays_tickets_do_not_wait_today(office: Office) -> None:
    yesterday = [ticket("A001", local_day(NOON_MS - DAY_MS))]
    office.ledger.take(batch(list(yesterday), NOON_MS - DAY_MS, device="sanh", node="ticket"))
    assert office.queue.waiting() == []
    assert office.store.value("SELECT count(*) FROM tickets") == 1, "but they are kept"


def test_two_counters_that_call_at_once_get_two_numbers(office: Office) -> None:
    issue(office, *(f"A{n:03}" for n in range(1, 21)))
    called: list[str] = []
    threads = [
        threading.Thread(
            target=lambda counter=f"quay-{n}": called.extend(call(office, counter) for _ in range(5))
        )
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(called) == [f"A{n:03}" for n in range(1, 21)]


def test_every_call_is_in_the_audit_log(office: Office) -> None:
    issue(office, "A001")
    call(office, "quay-1")
    line = office.audit.latest()[0]
    assert (line["account"], line["action"], line["subject"]) == ("can-bo", "ticket.called", "A001")
