"""One vote a slip, whatever happens."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commune_hub.citizen.forms import BODY_MAX_BYTES
from commune_hub.citizen.slips import REASONS, Slips
from commune_hub.errors import ConflictError
from commune_hub.times import DAY_MS
from kiosk_ui.catalogue import load_catalogue
from kiosk_ui.scale import level_key
from tests.commune_hub.citizen.conftest import Hall, open_hall
from wire.facts import RatingPressed


def served(hall: Hall) -> None:
    hall.give("A001", "A002")
    hall.call()
    hall.end()


def press_in(page: str) -> str:
    return page.partition('name="press" value="')[2].partition('"')[0]


def test_a_vote_is_an_answer_with_its_visit(hall: Hall) -> None:
    served(hall)
    answer = hall.rate("A001", 2)
    assert answer.status_code == 200
    assert "Cảm ơn" in answer.text
    (vote,) = hall.votes()
    assert (vote.level, vote.scale, vote.source, vote.counter) == (2, "vi4", "slip", "quay-1")
    assert (vote.officer, vote.field) == ("can-bo", "ho-tich")
    assert hall.facts("rating.pressed") == 1
    assert hall.capabilities.ratings.today()[0].total == 1


def test_a_used_slip_says_so_and_not_how_it_was_used(hall: Hall) -> None:
    pages = []
    hall.give("A001", "A002")
    for number, level in (("A001", 1), ("A002", 4)):
        hall.call()
        hall.end()
        hall.rate(number, level)
        again = hall.rate(number, 2)
        assert (again.status_code, again.headers["location"]) == (303, f"../{hall.codes[number]}")
        pages.append(hall.look(number).replace(number, ""))
    assert "đã được dùng" in pages[0]
    assert pages[0] == pages[1], "nobody reads from a slip how its bearer voted"
    assert len(hall.votes()) == 2


def test_a_visit_is_rated_once_it_was_called_and_until_its_day_is_over(hall: Hall) -> None:
    hall.give("A001", "A002")
    assert "/rate" not in hall.look("A001")
    assert hall.rate("A001", 1).status_code == 303
    assert hall.votes() == []
    hall.call()
    assert "/rate" in hall.look("A001")
    hall.call()
    assert hall.rate("A001", 1).status_code == 200
    hall.clock.at_ms += DAY_MS
    assert hall.rate("A002", 1).status_code == 404
    assert len(hall.votes()) == 1


def test_a_slip_asks_on_the_scale_of_its_counters_panel(hall: Hall) -> None:
    """Five faces where the panel has five; a form that showed other faces is no vote."""
    served(hall)
    panel = RatingPressed(counter="quay-1", scale="vi5", level=2, source="button", press="p-1")
    hall.senders.send("quay-1-pi", "rating", panel, at_ms=hall.clock.at_ms)
    way_out = RatingPressed(counter="quay-1", scale="vi3", level=1, source="exit", press="p-2")
    hall.senders.send("quay-1-pi", "exit", way_out, at_ms=hall.clock.at_ms)
    shown = hall.look("A001")
    assert re.findall(r'name="level" value="(\d)"', shown) == ["1", "2", "3", "4", "5"]
    assert load_catalogue("vi")(level_key("vi5", 5)) in shown
    assert hall.rate("A001", 4).status_code == 303, "four meant something else"
    assert [vote.source for vote in hall.votes()] == ["button", "exit"]
    assert "Điều gì" in hall.rate("A001", 5, scale="vi5").text
    assert (hall.votes()[-1].scale, hall.votes()[-1].level) == ("vi5", 5)


def test_looking_never_votes(hall: Hall) -> None:
    served(hall)
    code = hall.codes["A001"]
    for method, path in (
        ("GET", f"/t/{code}/rate?level=1"),
        ("HEAD", f"/t/{code}/rate"),
        ("GET", f"/t/{code}/reason?reason=other"),
        ("HEAD", f"/t/{code}"),
        ("PUT", f"/t/{code}/rate"),
        ("DELETE", f"/t/{code}"),
        ("OPTIONS", f"/t/{code}/rate"),
        ("POST", f"/t/{code}"),
    ):
        assert hall.phone.request(method, path).status_code in (200, 303, 405)
    assert hall.votes() == []


def test_the_reason_of_a_low_vote(hall: Hall) -> None:
    served(hall)
    asked = hall.rate("A001", 4).text
    assert "Điều gì làm ông/bà chưa hài lòng?" in asked
    assert all(f'value="{reason}"' in asked for reason in REASONS)
    path, press = f"/t/{hall.codes['A001']}/reason", press_in(asked)
    assert hall.post(path, "press=so%CC%81&reason=waiting").status_code == 303, "whose press?"
    assert hall.post(path, f"press={press}&reason=vi-toi-thich").status_code == 400
    assert hall.votes()[0].reason is None
    assert hall.post(path, f"press={press}&reason=waiting").status_code == 200
    assert hall.post(path, f"press={press}&reason=attitude").status_code == 303
    assert hall.votes()[0].reason == "waiting"
    assert hall.facts("rating.reasoned") == 1


def test_after_a_good_vote_nobody_asks_why(hall: Hall) -> None:
    served(hall)
    assert 'name="press"' not in hall.rate("A001", 3).text
    press = hall.votes()[0].press
    assert hall.post(f"/t/{hall.codes['A001']}/reason", f"press={press}&reason=waiting").status_code == 303
    assert hall.votes()[0].reason is None


def test_many_phones_with_one_slip_make_one_vote(hall: Hall) -> None:
    served(hall)
    parts = hall.capabilities
    slips = Slips(parts.store, hall.clock, parts.queue, parts.ratings, parts.ledger)

    def tap(_phone: int) -> bool:
        try:
            slips.rate(hall.codes["A001"], "vi4", 1)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(8) as phones:
        assert sum(phones.map(tap, range(24))) == 1
    assert len(hall.votes()) == 1


def test_a_used_slip_stays_used_after_a_restart(hall: Hall, tmp_path: Path) -> None:
    served(hall)
    hall.rate("A001", 1)
    hall.capabilities.store.close()
    again = open_hall(tmp_path, hall.clock)
    again.codes = hall.codes
    assert again.rate("A001", 4).status_code == 303
    assert [vote.level for vote in again.votes()] == [1]
    again.capabilities.store.close()


MALFORMED: list[str | bytes] = [
    "",
    "scale=vi4&level=",
    "scale=vi4&level=0",
    "scale=vi4&level=5",
    "scale=vi4&level=9",
    "scale=vi4&level=01",
    "scale=vi4&level=-1",
    "scale=vi4&level=²",
    "scale=vi4&level=1&level=4",
    "level=1",
    "scale=vi4",
    "scale=vi9&level=1",
    "scale=vi3&level=4",
    "scale=&level=1",
    "scale=vi4&scale=vi5&level=1",
    "scale=vi4&level=1&x=2",
    "stars=1",
    "scale=vi4&level=%",
    "scale=vi4&level=%ff",
    "&".join(f"level={n}" for n in range(99)),
    "scale=vi4&level=" + "1" * 500,
    b"\x00\xff",
]


def test_a_malformed_form_is_told_so(hall: Hall) -> None:
    served(hall)
    for body in MALFORMED:
        answer = hall.post(f"/t/{hall.codes['A001']}/rate", body)
        assert answer.status_code == 400, body
        assert "Biểu mẫu không đúng" in answer.text
    assert hall.votes() == []


def test_a_form_of_another_kind_or_size_is_refused(hall: Hall) -> None:
    served(hall)
    path = f"/t/{hall.codes['A001']}/rate"
    assert hall.phone.post(path, json={"scale": "vi4", "level": 1}).status_code == 400
    assert hall.phone.post(path, files={"level": b"1"}).status_code == 400
    assert hall.post(path, b"scale=vi4&level=1" + b"&" * BODY_MAX_BYTES).status_code == 413
    chunked = hall.phone.post(
        path,
        content=iter([b"scale=vi4&level=1"] * 200),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert chunked.status_code == 413
    assert hall.votes() == []


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=60), suffix=st.sampled_from(["/rate", "/reason"]))
def test_no_noise_is_a_vote(hall: Hall, body: bytes, suffix: str) -> None:
    if not hall.codes:
        served(hall)
    hall.clock.at_ms += 100
    assert hall.post(f"/t/{hall.codes['A001']}{suffix}", body).status_code == 400
    assert hall.votes() == []


def test_a_full_disk_is_told_and_takes_no_vote(hall: Hall) -> None:
    served(hall)
    hall.capabilities.store.execute(
        "CREATE TRIGGER full BEFORE INSERT ON presses BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    answer = hall.rate("A001", 1)
    assert answer.status_code == 503
    assert "Máy chưa ghi được" in answer.text
    hall.capabilities.store.execute("DROP TRIGGER full")
    assert hall.facts("rating.pressed") == 0
    assert hall.rate("A001", 1).status_code == 200
