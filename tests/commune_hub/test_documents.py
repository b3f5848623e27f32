"""What each node's document says."""

from __future__ import annotations

from pathlib import Path

from commune_hub.documents.composed import Documents
from commune_hub.times import local_day
from commune_hub.writing.bulletin_draft import Draft
from firmware_agent.settings import read_toml
from provisioning.plan import DEFAULT_PLAN, check_hub_config
from provisioning.roster import RosterEntry, RosterNode
from tests.commune_hub.conftest import NOON_MS, Office, member
from tests.commune_hub.facts import batch, ticket
from wire.intents import Board, Calls, IntentBody, Kiosk, Programme, Serving, Watch

DAY = local_day(NOON_MS)


def compose(
    office: Office, kind: str, place: str, device: str = "may", series: str | None = None
) -> IntentBody | None:
    values = {**read_toml(DEFAULT_PLAN), "commune": "xuan-luong", "office": "UBND xã"}
    config = check_hub_config(values, "hub.toml", Path())
    node = RosterNode(name=kind, kind=kind, series=series)
    entry = RosterEntry(device=device, place=place, nodes=[node])
    documents = Documents(config, office.queue, office.bulletins, office.notices, now_ms=office.clock)
    found = documents.compose(entry, node)
    return found[0] if found else None


def issue_and_call(office: Office, count: int) -> None:
    bodies = [ticket(f"A{number:03}", DAY) for number in range(1, count + 1)]
    office.ledger.take(batch(list(bodies), NOON_MS, device="sanh", node="ticket"))
    for counter in ("quay-1", "quay-2"):
        office.queue.call_next(office.ledger, counter, "can-bo")
        office.clock.at_ms += 1_000


def test_rating_knows_whom_its_counter_serves(office: Office) -> None:
    idle = compose(office, "rating", "quay-1")
    assert isinstance(idle, Serving)
    assert (idle.counter, idle.ticket, idle.officer) == ("quay-1", None, None)
    issue_and_call(office, 3)
    busy = compose(office, "rating", "quay-2")
    assert isinstance(busy, Serving)
    assert (busy.number, busy.officer) == ("A002", "can-bo")


def test_the_board_shows_calls_newest_first_and_who_is_next(office: Office) -> None:
    issue_and_call(office, 30)
    board = compose(office, "display", "hall")
    assert isinstance(board, Board)
    assert [(call.number, call.counter) for call in board.calls] == [("A002", "quay-2"), ("A001", "quay-1")]
    assert board.waiting[0].number == "A003"
    assert (len(board.waiting), board.waiting_total) == (16, 28)
    assert board.waiting[0].field == "Hộ tịch"


def test_a_kiosk_gets_its_letter_and_the_fields(office: Office) -> None:
    kiosk = compose(office, "ticket", "hall", series="C")
    assert isinstance(kiosk, Kiosk)
    assert kiosk.series == "C"
    assert len(kiosk.fields) >= 3
    assert [each.id for each in kiosk.fields if each.greeter] == ["huong-dan"]
    assert kiosk.fields[0].picture == "baby"
    assert "Căn cước hoặc hộ chiếu" in kiosk.fields[0].papers
    assert [each.id for each in kiosk.lanes][:2] == ["cao-tuoi", "khuyet-tat"]
    assert kiosk.page_url == "", "there is no page in this plan"
    assert kiosk.waits_until_ms is None
    assert all(each.wait_high_min is None for each in kiosk.fields), "nobody has been served yet"


def test_a_kiosk_tells_how_long_people_wait_and_says_the_same_for_a_while(office: Office) -> None:
    names = [f"A{number:03}" for number in range(1, 31)]
    office.ledger.take(batch([ticket(each, DAY) for each in names], NOON_MS, device="sanh", node="ticket"))
    for _ in range(10):
        for counter in ("quay-1", "quay-2"):
            office.queue.call_next(office.ledger, counter, "can-bo")
        office.clock.at_ms += 6 * 60_000
    values = {**read_toml(DEFAULT_PLAN), "commune": "x", "office": "UBND xã", "page": {"host": "10.0.0.5"}}
    config = check_hub_config(values, "hub.toml", Path())
    documents = Documents(config, office.queue, office.bulletins, office.notices, now_ms=office.clock)
    node = RosterNode(name="ticket", kind="ticket", series="A")
    entry = RosterEntry(device="sanh", place="hall", nodes=[node])
    (told,) = documents.compose(entry, node)
    assert isinstance(told, Kiosk)
    assert told.page_url == "http://10.0.0.5:8081/t/"
    low, high = told.fields[0].wait_low_min, told.fields[0].wait_high_min
    assert low is not None
    assert high is not None
    assert low <= 10 * 6 / 2 + 3 <= high, "ten wait for two counters of six minutes each"
    assert (low % 5, high % 5) == (0, 0)
    assert told.waits_until_ms is not None
    assert 10 * 60_000 <= told.waits_until_ms - office.clock() <= 20 * 60_000
    office.clock.at_ms += 30_000
    assert documents.compose(entry, node) == [told], "not sealed anew each second"
    office.clock.at_ms += 2 * 3_600_000
    for counter in ("quay-1", "quay-2"):
        office.queue.end(office.ledger, counter, "can-bo")
    office.clock.at_ms += 3_600_000
    (closed,) = documents.compose(entry, node)
    assert isinstance(closed, Kiosk)
    assert closed.fields[0].wait_high_min is None, "no counter is open"


def test_a_camera_watches_its_counter(office: Office) -> None:
    watch = compose(office, "camera", "quay-1")
    assert isinstance(watch, Watch)
    assert (watch.counter, watch.record) == ("quay-1", True)


def test_a_bulletin_goes_where_it_is_meant_and_only_there(office: Office) -> None:
    author, approver = member("bien-tap", "editor"), member("lanh-dao", "approver")
    places = {"thon-dong", "thon-tay", "loa-9"}
    for title, place in (("ở thôn", "thon-dong"), ("ở một cụm loa", "loa-9")):
        draft = Draft(title, "Mời bà con.", (place,), NOON_MS + 60_000)
        made = office.bulletins.write(draft, author, places)
        office.bulletins.submit(made.id, author)
        office.bulletins.approve(made.id, approver, made.version)
    heard = {}
    for device, hamlet in (("loa-1", "thon-dong"), ("loa-9", "thon-dong"), ("loa-3", "thon-tay")):
        programme = compose(office, "speaker", hamlet, device)
        assert isinstance(programme, Programme)
        heard[device] = [each.title for each in programme.bulletins]
        assert all(each.approved and each.approved.by == "lanh-dao" for each in programme.bulletins)
    assert heard["loa-1"] == ["ở thôn"]
    assert sorted(heard["loa-9"]) == ["ở một cụm loa", "ở thôn"]
    assert heard["loa-3"] == []


def test_a_kind_without_document(office: Office) -> None:
    assert compose(office, "sensor", "hall") is None


def test_a_loudspeaker_of_the_hall_also_gets_the_calls_one_of_a_hamlet_does_not(office: Office) -> None:
    issue_and_call(office, 4)
    values = {**read_toml(DEFAULT_PLAN), "commune": "xuan-luong", "office": "UBND xã"}
    documents = Documents(
        check_hub_config(values, "hub.toml", Path()), office.queue, office.bulletins, office.notices
    )
    node = RosterNode(name="speaker", kind="speaker")
    found = {
        place: documents.compose(RosterEntry(device="loa", place=place, nodes=[node]), node)
        for place in ("hall", "thon-dong")
    }
    assert [body.NAME for body in found["thon-dong"]] == ["programme"]
    programme, calls = found["hall"]
    assert programme.NAME == "programme"
    assert isinstance(calls, Calls)
    assert [each.number for each in calls.calls] == ["A002", "A001"]
    assert len({each.id for each in calls.calls}) == 2
    assert (calls.series, calls.names["quay-2"]) == ("A", "Quầy 2")
