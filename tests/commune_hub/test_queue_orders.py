"""What officers do: every order once, refused in plain words when it does not fit, taken back when meant."""

from __future__ import annotations

import pytest

from commune_hub.capabilities.queue import DeskWork, Officer, Ticket
from commune_hub.errors import ConflictError, HubError, InvalidError, MissingError
from commune_hub.hub import MIGRATIONS
from commune_hub.store import Store
from commune_hub.times import local_day
from tests.commune_hub.conftest import NOON_MS, Office
from tests.commune_hub.test_queue import issue

Q1, Q2 = Officer("hoa", "quay-1"), Officer("lan", "quay-2")


def work(office: Office) -> DeskWork:
    office.clock.at_ms += 60_000
    return office.queue.work(office.ledger)


def number(ticket: Ticket) -> str:
    return ticket.number


def next_numbers(office: Office, counter: str) -> list[str]:
    return [each.ticket.number for each in office.queue.line(counter)]


def test_parked_with_a_reason_and_back_near_the_front(office: Office) -> None:
    issue(office, *(f"A{n:03}" for n in range(1, 6)))
    first = work(office).call_next(Q1)
    assert work(office).park(Q1, "Thiếu giấy khai sinh").state == "parked"
    assert [(each.number, each.reason) for each in office.queue.aside()] == [("A001", "Thiếu giấy khai sinh")]
    assert office.queue.serving() == {}
    assert number(work(office).call_next(Q1)) == "A002"
    assert work(office).give_back(Q2, first.ticket).state == "waiting"
    assert next_numbers(office, "quay-1") == ["A003", "A001", "A004", "A005"], "one goes first, then he"
    assert number(work(office).call_next(Q2)) == "A003"
    assert number(work(office).call_next(Q1)) == "A001"


def test_missed_recalled_and_taken_back(office: Office) -> None:
    issue(office, "A001", "A002")
    work(office).call_next(Q1)
    assert work(office).recall(Q1).recalls == 1
    assert work(office).miss(Q1).state == "missed"
    office.clock.at_ms -= 55_000
    undone = work(office).undo(Q1)
    assert (undone.number, undone.state, undone.counter) == ("A001", "called", "quay-1")
    calls = office.queue.calls(10)
    assert [(each.number, each.recall) for each in calls] == [("A001", True), ("A001", False)], (
        "not spoken anew"
    )
    work(office).end(Q1)
    office.clock.at_ms += 120_000
    with pytest.raises(ConflictError):
        work(office).undo(Q1)


def test_a_transferred_number_is_called_where_it_was_sent_and_nowhere_else(office: Office) -> None:
    issue(office, "A001", "A002")
    work(office).call_next(Q1)
    moved = work(office).transfer(Q1, "dat-dai", "quay-2")
    assert (moved.number, moved.field, moved.state) == ("A001", "dat-dai", "waiting")
    assert next_numbers(office, "quay-1") == ["A002"]
    assert next_numbers(office, "quay-2") == ["A001", "A002"]
    assert number(work(office).call_next(Q2)) == "A001"


def test_a_chosen_number_is_called_and_only_once(office: Office) -> None:
    issue(office, "A001", "A002", "A003")
    chosen = work(office).call(Q1, "A003")
    assert chosen.why == "chosen"
    with pytest.raises(ConflictError, match="A003"):
        work(office).call(Q2, chosen.number)
    assert number(work(office).call(Q2, "2")) == "A002", "figures are what a number pad types"
    with pytest.raises(MissingError, match="B001"):
        work(office).call(Q2, "B001")
    work(office).end(Q1)
    with pytest.raises(ConflictError):
        work(office).call(Q2, "A003")


def test_a_second_click_does_nothing_more(office: Office) -> None:
    issue(office, "A001", "A002", "A003")
    seen = office.queue.state_of("quay-1")
    work(office).call_next(Officer("hoa", "quay-1", seen))
    with pytest.raises(ConflictError):
        work(office).call_next(Officer("hoa", "quay-1", seen))
    assert office.queue.serving()["quay-1"].number == "A001"
    work(office).call_next(Officer("lan", "quay-2", office.queue.state_of("quay-2")))
    seen = office.queue.state_of("quay-1")
    work(office).recall(Officer("hoa", "quay-1", seen))
    with pytest.raises(ConflictError):
        work(office).recall(Officer("hoa", "quay-1", seen))


@pytest.mark.parametrize(
    ("order", "error"),
    [
        (lambda work: work.recall(Q1), MissingError),
        (lambda work: work.miss(Q1), MissingError),
        (lambda work: work.park(Q1, ""), MissingError),
        (lambda work: work.transfer(Q1, "dat-dai", None), MissingError),
        (lambda work: work.transfer(Q1, None, None), InvalidError),
        (lambda work: work.transfer(Q1, None, "quay-1"), InvalidError),
        (lambda work: work.park(Q1, "x" * 121), InvalidError),
        (lambda work: work.give_back(Q1, "nobody"), MissingError),
        (lambda work: work.undo(Q1), ConflictError),
    ],
)
def test_an_order_that_does_not_fit_changes_nothing(
    office: Office, order: object, error: type[HubError]
) -> None:
    issue(office, "A001")
    with pytest.raises(error):
        order(work(office))  # type: ignore[operator]
    assert office.store.value("SELECT count(*) FROM facts WHERE device = 'hub'") == 0
    assert next_numbers(office, "quay-1") == ["A001"]


def test_yesterdays_visits_are_closed_and_stay(office: Office) -> None:
    issue(office, "A001", "A002", "A003")
    work(office).call_next(Q1)
    work(office).miss(Q1)
    work(office).call_next(Q1)
    office.clock.at_ms += 86_400_000
    assert (office.queue.waiting(), office.queue.serving(), office.queue.aside()) == ([], {}, [])
    visits = office.queue.visits(NOON_MS, NOON_MS + 86_400_000)
    assert [(each.number, each.state) for each in visits] == [
        ("A001", "left"),
        ("A002", "ended"),
        ("A003", "left"),
    ]
    found = office.queue.find(visits[0].ticket)
    assert found is not None
    assert found.state == "left"


def test_every_table_row_is_made_of_facts_alone(office: Office) -> None:
    """A store of the version before is folded from its ledger; so is this one, if its rows are lost."""
    issue(office, "A001", "A002", "A003")
    work(office).call_next(Q1)
    work(office).end(Q1)
    work(office).call_next(Q2)
    before = office.store.rows("SELECT * FROM tickets ORDER BY ticket")
    office.store.execute(
        "DELETE FROM _sqlite_migrations WHERE migration_set = 'queue' AND name = 'fold_visits'"
    )
    for table in ("queue_events", "queue_asked"):
        office.store.execute(f"DROP TABLE {table}")
    anew = Store(office.store.path, MIGRATIONS)
    type(office.queue)(anew, office.clock, office.audit)
    assert anew.rows("SELECT * FROM tickets ORDER BY ticket") == before
    anew.close()


def test_what_ended_just_now_may_still_be_rated(office: Office) -> None:
    issue(office, "A001", "A002")
    work(office).call_next(Q1)
    ended = work(office).end(Q1)
    office.clock.at_ms += 10_000
    assert office.queue.recently_ended("quay-1", 20_000) == ended
    assert office.queue.recently_ended("quay-1", 5_000) is None
    work(office).call_next(Q1)
    assert office.queue.recently_ended("quay-1", 200_000) is None
    assert office.queue.officer_at("quay-1") == "hoa"
    assert local_day(office.clock.at_ms) == office.queue.today()
