"""Keys at a counter: asked and answered once, heard late, joined up by true time."""

from __future__ import annotations

from pathlib import Path

import pytest

from commune_hub.capabilities.queue import Officer, Ticket
from commune_hub.documents.desk import compose_desk
from commune_hub.times import local_day
from firmware_agent.settings import read_toml
from provisioning.plan import DEFAULT_PLAN, HubConfig, check_hub_config
from tests.commune_hub.conftest import NOON_MS, Office
from tests.commune_hub.facts import batch, ticket
from tests.support.waiting import await_condition
from wire.facts import Body, CounterAsked, Fact, Moment, TicketCalled, TicketEnded, TicketParked, make_fact
from wire.intents import Desk

DAY = local_day(NOON_MS)
MINUTE_MS = 60_000
KEYS = {("quay-1-pi", "keys"): "quay-1", ("quay-2-pi", "keys"): "quay-2"}


@pytest.fixture(autouse=True)
def keys_on_the_roster(office: Office) -> None:
    office.queue.follow_keys(lambda device, node: KEYS.get((device, node)), lambda: frozenset(KEYS.values()))


def fact(body: Body, minute: float, *, synced: bool = True, boot: str = "boot") -> Fact:
    at_ms = NOON_MS + round(minute * MINUTE_MS)
    return make_fact(
        body, Moment(at_ms=at_ms, mono_ms=round(minute * MINUTE_MS) + 1, boot=boot, synced=synced)
    )


def issue(office: Office, *numbers: str, first: int = 1) -> None:
    facts: list[Body | Fact] = [fact(ticket(each, DAY), n / 10) for n, each in enumerate(numbers)]
    office.ledger.take(batch(facts, NOON_MS, first=first, device="sanh", node="ticket"))


def told(office: Office, counter: str, *facts: Fact, first: int = 1) -> None:
    office.ledger.take(batch(list(facts), NOON_MS, first=first, device=f"{counter}-pi", node="keys"))


def step(number: str, counter: str, known: bool = True) -> dict[str, str]:
    ticket_id = f"sanh-{DAY}-{number}" if known else ""
    return {"ticket": ticket_id, "counter": counter, "officer": "hoa", "by": "keys"}


def called(number: str, counter: str, minute: float, known: bool = True) -> Fact:
    return fact(TicketCalled(**step(number, counter, known), number=number, why="own_order"), minute)


def find(office: Office, number: str) -> Ticket:
    found = office.queue.find(f"sanh-{DAY}-{number}")
    assert found is not None
    return found


def ask(
    office: Office, action: str, name: str, *, number: str = "", first: int = 1, until: float = 1.0
) -> str:
    """Press a key, let the hub look; return the answer."""
    expires_at_ms = NOON_MS + round(until * MINUTE_MS)
    asked = CounterAsked(
        counter="quay-1", ask=name, action=action, number=number, expires_at_ms=expires_at_ms
    )
    told(office, "quay-1", fact(asked, 0.5), first=first)
    office.queue.answer_asked(office.ledger)
    answered, answer = office.queue.answered("quay-1")
    assert answered == name
    return answer


def desk(office: Office, counter: str) -> Desk:
    values = {**read_toml(DEFAULT_PLAN), "commune": "xuan-luong", "office": "UBND xã"}
    config: HubConfig = check_hub_config(values, "hub.toml", Path())
    return compose_desk(config, office.queue, counter)


def test_a_key_is_done_once_and_answered(office: Office) -> None:
    issue(office, "A001", "A002")
    office.clock.at_ms += MINUTE_MS // 2
    assert ask(office, "next", "k1") == ""
    assert office.queue.serving()["quay-1"].number == "A001"
    assert not office.queue.answer_asked(office.ledger)
    told(office, "quay-1", fact(CounterAsked(counter="quay-1", ask="k1", action="next"), 0.6), first=2)
    office.queue.answer_asked(office.ledger)
    assert office.queue.serving()["quay-1"].number == "A001", "the same asking again is not another one"
    assert "Hôm nay không có" in ask(office, "return", "k3", number="9", first=3)
    assert ask(office, "call", "k4", number="2", first=4) == ""
    assert desk(office, "quay-1").answered == "k4"
    assert office.queue.serving()["quay-1"].number == "A002"


def test_an_asking_that_comes_late_calls_nobody(office: Office) -> None:
    issue(office, "A001")
    office.clock.at_ms += 2 * MINUTE_MS
    assert "Quá hạn" in ask(office, "next", "k1")
    assert office.queue.serving() == {}


def test_what_is_refused_is_said(office: Office) -> None:
    office.clock.at_ms += MINUTE_MS // 2
    assert "Không còn ai" in ask(office, "next", "k1")
    assert "không phục vụ ai" in ask(office, "end", "k2", first=2)
    assert "unknown action" in ask(office, "dance", "k3", first=3)


def test_keys_speak_for_their_own_counter_only(office: Office) -> None:
    issue(office, "A001")
    forged = fact(TicketCalled(**step("A001", "quay-2"), number="A001"), 1)
    told(office, "quay-1", forged, fact(CounterAsked(counter="quay-2", ask="x", action="next"), 1))
    office.queue.answer_asked(office.ledger)
    assert office.queue.serving() == {}
    assert office.queue.answered("quay-2") == ("", "")


def test_what_was_done_alone_is_joined_up_late(office: Office) -> None:
    issue(office, "A001", "A002")
    office.clock.at_ms += 90 * MINUTE_MS
    ended = fact(TicketEnded(**step("A001", "quay-1")), 9)
    told(office, "quay-1", called("A001", "quay-1", 3), ended, called("A002", "quay-1", 10))
    first = find(office, "A001")
    assert (first.state, first.called_at_ms, first.ended_at_ms) == (
        "ended", NOON_MS + 3 * MINUTE_MS, NOON_MS + 9 * MINUTE_MS
    )  # fmt: skip
    assert office.queue.serving()["quay-1"].number == "A002"
    heard = desk(office, "quay-1").heard
    assert (heard.startswith("quay-1-pi/keys/"), heard[-2:]) == (True, "/3")
    assert office.queue.calls(5)[0].by == "keys"


def test_two_counters_apart_called_one_number(office: Office) -> None:
    issue(office, "A001", "A002")
    told(office, "quay-2", called("A001", "quay-2", 5), fact(TicketEnded(**step("A001", "quay-2")), 6))
    told(office, "quay-1", called("A001", "quay-1", 4), fact(TicketEnded(**step("A001", "quay-1")), 9))
    kept = find(office, "A001")
    assert (kept.counter, kept.clash_counter, kept.clashes) == ("quay-1", "quay-2", 1), (
        "the earlier one stays"
    )
    assert kept.ended_at_ms == NOON_MS + 9 * MINUTE_MS
    assert [each.number for each in office.queue.clashes()] == ["A001"]


def test_a_number_that_keys_knew_nothing_of_finds_its_ticket(office: Office) -> None:
    parked = fact(TicketParked(**step("A001", "quay-1", known=False), reason=""), 7)
    told(office, "quay-1", called("A001", "quay-1", 4, known=False), parked)
    unknown = office.queue.aside()[0]
    assert (unknown.number, unknown.state, unknown.field) == ("A001", "parked", "")
    issue(office, "A001", "A002")
    known = find(office, "A001")
    assert (known.state, known.field, known.called_at_ms) == ("parked", "ho-tich", NOON_MS + 4 * MINUTE_MS)
    assert [each.number for each in office.queue.visits(0, 2**53)] == ["A001", "A002"], "and stands once"


def test_the_console_had_called_another_meanwhile(office: Office) -> None:
    issue(office, "A001", "A002")
    office.clock.at_ms += MINUTE_MS
    office.queue.work(office.ledger).call_next(Officer("hoa", "quay-1"))
    told(office, "quay-1", called("A002", "quay-1", 20))
    assert office.queue.serving()["quay-1"].number == "A002"
    over = find(office, "A001")
    assert (over.state, over.ended_at_ms) == ("ended", NOON_MS + 20 * MINUTE_MS)


def test_what_the_keys_called_before_the_console_did_was_over_with_that(office: Office) -> None:
    issue(office, "A001", "A002")
    office.clock.at_ms += 20 * MINUTE_MS
    office.queue.work(office.ledger).call_next(Officer("hoa", "quay-1"))
    told(office, "quay-1", called("A002", "quay-1", 10))
    assert office.queue.serving()["quay-1"].number == "A001"
    over = find(office, "A002")
    assert (over.state, over.ended_at_ms) == ("ended", office.clock.at_ms)


def test_a_wrong_clock_is_put_right_and_the_visit_with_it(office: Office) -> None:
    issue(office, "A001")
    office.clock.at_ms = NOON_MS + 30 * MINUTE_MS
    early = TicketCalled(**step("A001", "quay-1"), number="A001")
    wrong = Moment(at_ms=1_000, mono_ms=10 * MINUTE_MS, boot="b", synced=False)
    told(office, "quay-1", make_fact(early, wrong))
    right = Moment(at_ms=NOON_MS + 30 * MINUTE_MS, mono_ms=20 * MINUTE_MS, boot="b", synced=True)
    told(office, "quay-1", make_fact(TicketEnded(**step("A001", "quay-1")), right), first=2)
    await_condition(lambda: not office.ledger.correct_some())
    visit = find(office, "A001")
    assert visit.called_at_ms is not None
    assert abs(visit.called_at_ms - (NOON_MS + 20 * MINUTE_MS)) < 2_000
    assert visit.state == "ended"


def test_each_waiting_ticket_is_exactly_one_counters_when_alone(office: Office) -> None:
    issue(office, *(f"A{n:03}" for n in range(1, 41)))
    documents = [desk(office, "quay-1"), desk(office, "quay-2")]
    assert documents[0].counters == documents[1].counters == ["quay-1", "quay-2"]
    mine = [{each.number for each in document.waiting if each.mine_when_alone} for document in documents]
    assert mine[0].isdisjoint(mine[1])
    assert len(mine[0] | mine[1]) == 40
    assert min(map(len, mine)) >= 10


def test_what_a_counter_alone_may_be_calling_is_left_to_it_for_a_while(office: Office) -> None:
    issue(office, *(f"A{n:03}" for n in range(1, 11)))
    own = {each.ticket for each in desk(office, "quay-2").waiting if each.mine_when_alone}
    absent: set[str] = {"quay-2"}
    keys = office.queue
    keys.follow_keys(lambda *_: None, lambda: frozenset(KEYS.values()), lambda: frozenset(absent))
    line = [each.ticket.ticket for each in keys.line("quay-1")]
    assert set(line[-len(own) :]) == own, "they come last"
    assert len(line) == 10, "but they come"
    assert next(each.ticket.number for each in keys.line("quay-2")) == "A001", "its own are not kept from it"
    absent.clear()
    assert next(each.ticket.number for each in keys.line("quay-1")) == "A001"
