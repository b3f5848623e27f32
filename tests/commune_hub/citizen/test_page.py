"""What a phone sees, and what it never sees."""

from __future__ import annotations

import re
import secrets
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commune_hub.citizen.paper import STYLE
from commune_hub.citizen.place import Place, Places, count_before
from commune_hub.times import DAY_MS
from kiosk_ui.palette import READABLE, contrast
from tests.commune_hub.citizen.conftest import Hall
from wire.facts import TicketMissed, TicketParked, TicketReturned, TicketTransferred

HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "connection": "close",
}


def test_the_place_counts_down_until_the_counter_stands_there(hall: Hall) -> None:
    hall.give("A001", "A002", "A003")
    assert "Còn <b>2</b> người trước ông/bà" in hall.look("A003")
    assert "Ông/bà là người tiếp theo" in hall.look("A001")
    assert "1 person before you" in hall.look("A002")
    hall.call()
    assert "Còn <b>1</b> người trước ông/bà" in hall.look("A003")
    called = hall.look("A001")
    assert '<p class="counter">Quầy 1</p>' in called
    assert "Còn" not in called
    hall.end()
    assert "Đã phục vụ xong" in hall.look("A001")


def test_the_page_loads_anew_only_while_it_waits(hall: Hall) -> None:
    hall.give("A001", "A002")
    every_s = re.search(r'http-equiv="refresh" content="(\d+)"', hall.look("A002"))
    assert every_s is not None
    assert int(every_s[1]) >= 15
    hall.call()
    assert "http-equiv" not in hall.look("A001"), "a face is being chosen"


def test_put_aside_and_not_seen(hall: Hall) -> None:
    hall.give("A001", "A002", "A003")
    ledger = hall.capabilities.ledger
    for number, body in (("A001", TicketMissed), ("A002", TicketParked)):
        assert hall.call() == number
        ticket = f"sanh-pi-{hall.capabilities.queue.today()}-{number}"
        why = {"reason": "thiếu giấy khai sinh của Nguyễn"} if body is TicketParked else {}
        ledger.record("queue", body(ticket=ticket, counter="quay-1", officer="can-bo", **why))
    assert "chưa thấy ông/bà" in hall.look("A001")
    aside = hall.look("A002")
    assert "tạm gác" in aside
    assert "khai sinh" not in aside, "what is missing is between two people"
    assert "/rate" not in hall.look("A001") + aside
    back = TicketReturned(ticket=ticket, counter="quay-1", officer="can-bo")
    ledger.record("queue", back)
    assert "người trước ông/bà" in hall.look("A002") or "người tiếp theo" in hall.look("A002")


def test_who_was_sent_on_reads_where_to(hall: Hall) -> None:
    hall.give("A001")
    hall.call()
    ticket = f"sanh-pi-{hall.capabilities.queue.today()}-A001"
    body = TicketTransferred(ticket=ticket, counter="quay-1", officer="can-bo", to_counter="quay-2")
    hall.capabilities.ledger.record("queue", body)
    assert "Xin chờ Quầy 2 gọi" in hall.look("A001")


def test_no_name_of_anybody_is_shown(hall: Hall) -> None:
    hall.give("A001")
    hall.call()
    shown = hall.look("A001")
    assert "can-bo" not in shown
    assert "sanh-pi" not in shown


def test_what_is_no_code_of_today_is_one_and_the_same_page(hall: Hall) -> None:
    hall.give("A001")
    old = hall.codes["A001"]
    hall.clock.at_ms += DAY_MS
    hall.give("A001")
    hall.give("A002", code="")
    forged = secrets.token_urlsafe(16)
    real = hall.codes["A001"]
    paths = [
        old,
        forged,
        real[:-1],
        real + "A",
        real.swapcase(),
        "",
        "x",
        "%00",
        "số",
        "..",
        "%2e%2e%2f" + real,
    ]
    answers = [hall.phone.get(f"/t/{path}") for path in paths] + [hall.phone.get(f"//t/{real}")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1
    assert hall.rate("A001", 1).status_code != 404
    assert hall.post(f"/t/{old}/rate", "scale=vi4&level=1").text == answers[0].text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(code=st.one_of(st.text(max_size=30), st.from_regex(r"[A-Za-z0-9_-]{22}", fullmatch=True)))
def test_whatever_is_asked_for_nothing_is_told_and_nothing_breaks(hall: Hall, code: str) -> None:
    hall.clock.at_ms += 1_000
    scope_path = "/t/" + code
    answer = hall.phone.request(
        "GET", "http://testserver/t/" + "".join(f"%{byte:02x}" for byte in code.encode())
    )
    assert answer.status_code == 404, scope_path
    for name, value in HEADERS.items():
        assert answer.headers[name] == value


def test_every_answer_bears_the_headers_and_no_script(hall: Hall) -> None:
    hall.give("A001")
    hall.call()
    for answer in (
        hall.phone.get(f"/t/{hall.codes['A001']}"),
        hall.phone.get("/"),
        hall.phone.put("/t/x"),
        hall.rate("A001", 4),
        hall.rate("A001", 4),
    ):
        assert HEADERS.items() <= dict(answer.headers).items()
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
        assert "noindex" in answer.headers["x-robots-tag"]
        assert "set-cookie" not in answer.headers
        assert "<script" not in answer.text
        assert "http:" not in answer.text
        assert "https:" not in answer.text


def test_words_from_elsewhere_are_only_words(hall: Hall) -> None:
    hall.give("A001", work='<b onclick="x">')
    shown = hall.look("A001")
    assert "<b onclick" not in shown
    assert "&lt;b onclick" in shown


@pytest.mark.parametrize(
    ("ground", "words"),
    [("#f7f4ec", "#182830"), ("#f7f4ec", "#3e4a4e"), ("#ffffff", "#3e4a4e"), ("#073b42", "#ffffff")],
)
def test_words_stand_out(ground: str, words: str) -> None:
    assert ground in STYLE
    assert words in STYLE
    one, other = ((int(c[1:3], 16), int(c[3:5], 16), int(c[5:7], 16)) for c in (ground, words))
    assert contrast(one, other) >= READABLE


TICKETS = st.lists(st.frozensets(st.sampled_from(["1", "2", "3"])), max_size=12)


@given(TICKETS)
def test_who_comes_before_shares_a_counter(order: list[frozenset[str]]) -> None:
    named = [(str(index), counters) for index, counters in enumerate(order)]
    expected = dict.fromkeys((name for name, _ in named), 0)
    for (_, first), (name, later) in combinations(named, 2):
        expected[name] += bool(first & later)
    assert count_before(named) == expected


def test_how_long_is_told_once_visits_have_told_it(hall: Hall) -> None:
    numbers = [f"A{number:03}" for number in range(1, 15)]
    hall.give(*numbers)
    assert "phút" not in hall.look("A014")
    for _ in range(10):
        hall.call()
        hall.clock.at_ms += 240_000
    told = re.search(r"Khoảng (\d+) đến (\d+) phút", hall.look("A014"))
    assert told is not None
    assert int(told[1]) <= 20 <= int(told[2]), "four visits of five minutes, this one's among them"


def test_a_hall_of_phones_costs_one_look(hall: Hall) -> None:
    hall.give("A001", "A002")
    looks: list[int] = []
    queue = hall.capabilities.queue
    places = Places(
        queue, ["quay-1"], hall.clock, lambda _ticket, ahead, _now: (5 * len(ahead), 10 * len(ahead))
    )
    waiting = queue.waiting()
    queue.waiting = lambda limit=None: looks.append(1) or waiting  # type: ignore[method-assign,func-returns-value]
    assert [places.of(ticket) for ticket in waiting * 50] == [Place(0, (0, 0)), Place(1, (5, 10))] * 50
    assert len(looks) == 1
    hall.clock.at_ms -= 3_600_000
    places.of(waiting[0])
    assert len(looks) == 2, "a clock that was set back keeps no old look"
