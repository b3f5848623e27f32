"""The documents a node goes by: the newest good one, kept over a restart, void when its time is over."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware_agent.shelf import Shelf
from tests.support.clocks import TEN_O_CLOCK_MS, HandClock
from tests.support.documents import HOUR_MS, SERVING, sealed
from wire.codec import MAX_MESSAGE_BYTES, WireError
from wire.intents import Serving, Watch
from wire.topics import Address

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
ADDRESS = Address("xuan-luong", "quay-1-pi", "rating")


def serving(number: int, officer: str = "hoa", expires_in_ms: int = HOUR_MS) -> bytes:
    body = Serving(counter="quay-1", counter_name="Quầy 1", officer=officer)
    return sealed(KEY, ADDRESS, number, body, expires_at_ms=TEN_O_CLOCK_MS + expires_in_ms)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def shelf(tmp_path: Path, clock: HandClock) -> Shelf:
    return Shelf(tmp_path, ADDRESS, KEY.public_key(), clock)


def reopened(tmp_path: Path, clock: HandClock) -> Shelf:
    return Shelf(tmp_path, ADDRESS, KEY.public_key(), clock)


def officer(shelf: Shelf) -> str | None:
    document = shelf.current(Serving)
    return document.officer if document else None


def refusal(shelf: Shelf, payload: bytes, name: str = "serving") -> str:
    with pytest.raises(WireError) as caught:
        shelf.offer(name, payload)
    return caught.value.reason


def test_without_a_document_there_is_none(shelf: Shelf) -> None:
    assert shelf.current(Serving) is None


def test_a_good_document_is_taken_told_and_gone_by(shelf: Shelf) -> None:
    told: list[str | None] = []
    shelf.on_change = lambda: told.append(officer(shelf))
    intent = shelf.offer("serving", sealed(KEY, ADDRESS))
    assert intent is not None
    assert intent.number == 1
    assert shelf.current(Serving) == SERVING
    assert shelf.current(Watch) is None
    assert told == ["hoa"]


def test_the_same_document_again_is_no_news(shelf: Shelf) -> None:
    shelf.offer("serving", serving(1))
    shelf.on_change = lambda: pytest.fail("told twice")
    assert shelf.offer("serving", serving(1)) is None


def test_an_older_document_is_refused_and_the_newer_one_stays(shelf: Shelf) -> None:
    shelf.offer("serving", serving(5, "new"))
    assert refusal(shelf, serving(4, "old")) == "stale"
    assert officer(shelf) == "new"


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 50), min_size=1, max_size=12))
def test_whatever_the_order_the_highest_number_wins(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[int]
) -> None:
    directory, clock = tmp_path_factory.mktemp("shelf"), HandClock()
    shelf = reopened(directory, clock)
    highest = 0
    for number in numbers:
        if number < highest:
            assert refusal(shelf, serving(number, f"officer {number}")) == "stale"
        else:
            shelf.offer("serving", serving(number, f"officer {number}"))
        highest = max(highest, number)
    assert officer(shelf) == officer(reopened(directory, clock)) == f"officer {highest}"


def test_a_document_is_kept_over_a_restart(tmp_path: Path, shelf: Shelf, clock: HandClock) -> None:
    shelf.offer("serving", serving(3))
    again = reopened(tmp_path, clock)
    assert officer(again) == "hoa"
    assert again.unreadable == []
    assert refusal(again, serving(2)) == "stale"


def test_a_document_is_void_when_its_time_is_over(shelf: Shelf, clock: HandClock) -> None:
    shelf.offer("serving", serving(1, expires_in_ms=1_000))
    clock.advance(1_000)
    assert officer(shelf) == "hoa"
    clock.advance(1)
    assert officer(shelf) is None


def test_a_document_that_comes_too_late_is_refused(tmp_path: Path, shelf: Shelf, clock: HandClock) -> None:
    clock.advance(2_000)
    assert refusal(shelf, serving(1, expires_in_ms=1_000)) == "expired"
    assert list(tmp_path.iterdir()) == []


def test_a_clock_that_is_not_synchronised_cannot_call_a_document_void(shelf: Shelf, clock: HandClock) -> None:
    clock.is_synced = False
    clock.set_wall(TEN_O_CLOCK_MS + 100 * HOUR_MS)
    shelf.offer("serving", serving(1))
    assert officer(shelf) == "hoa"
    clock.is_synced = True
    assert officer(shelf) is None


def test_a_void_document_is_still_not_followed_by_an_older_one(shelf: Shelf, clock: HandClock) -> None:
    shelf.offer("serving", serving(5, expires_in_ms=1_000))
    clock.advance(2_000)
    assert refusal(shelf, serving(4)) == "stale"
    assert officer(shelf) is None


@pytest.mark.parametrize(
    ("payload", "name", "reason"),
    [
        (b"", "serving", "not_json"),
        (b"\xff\x00 rubbish", "serving", "not_json"),
        (b"{}", "serving", "wrong_shape"),
        (b" " * (MAX_MESSAGE_BYTES + 1), "serving", "too_large"),
        (sealed(Ed25519PrivateKey.from_private_bytes(b"o" * 32), ADDRESS), "serving", "bad_seal"),
        (sealed(KEY, Address("xuan-luong", "quay-2-pi", "rating")), "serving", "bad_seal"),
        (sealed(KEY, ADDRESS), "watch", "bad_seal"),
    ],
)
def test_what_is_not_good_is_refused_and_leaves_no_trace(
    tmp_path: Path, shelf: Shelf, payload: bytes, name: str, reason: str
) -> None:
    assert refusal(shelf, payload, name) == reason
    assert list(tmp_path.iterdir()) == []
    assert shelf.current(Serving) is None


@pytest.mark.parametrize("content", [b"", b"rubbish", serving(9, "forged").replace(b"A", b"B", 3)])
def test_a_file_that_was_tampered_with_is_set_aside_and_said(
    tmp_path: Path, shelf: Shelf, clock: HandClock, content: bytes
) -> None:
    shelf.offer("serving", serving(3))
    (path,) = tmp_path.iterdir()
    path.write_bytes(content)
    again = reopened(tmp_path, clock)
    assert again.current(Serving) is None
    assert [line.partition(":")[0] for line in again.unreadable] == ["serving.sealed.json"]
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [content]
    assert again.offer("serving", serving(3)) is not None
    assert reopened(tmp_path, clock).unreadable == [], "it is said once, not at each start"


def test_a_document_that_cannot_be_kept_is_not_gone_by(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("firmware_agent.shelf.write_durably", full)
    with pytest.raises(OSError, match="No space left"):
        shelf.offer("serving", serving(1))
    assert shelf.current(Serving) is None
    monkeypatch.undo()
    assert shelf.offer("serving", serving(1)) is not None
