"""What the display hears while the hub is away lies over the last board, and gives way to the next one."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from firmware_agent.delivery.neighbours import Heard
from kiosk_ui.overlay import HUB_ANSWERS_S, Overlay
from wire.facts import Body, Moment, TicketCalled, TicketIssued, TicketRecalled
from wire.intents import Board, Call, Waiting, call_id
from wire.topics import Address

KEYS = Address("xuan-luong", "quay-2-pi", "keys")
EPOCH = "0123456789abcdef"
NOW_MS = 5_000
BOARD = Board(
    office="UBND xã",
    calls=[Call(number="A001", counter="quay-1", counter_name="Quầy 1", called_at_ms=1, id="hub/queue/e/1")],
    waiting=[Waiting(number="A002", field="Hộ tịch"), Waiting(number="A003", field="Hộ tịch")],
    waiting_total=2,
    notices=[],
    names={"quay-2": "Quầy 2", "ho-tich": "Hộ tịch"},
)


def heard(seq: int, body: Body) -> Heard:
    return Heard(KEYS, EPOCH, seq, Moment(at_ms=1_000 + seq, mono_ms=1, boot="b", synced=True), body)


def called(seq: int, number: str, kind: type[TicketCalled] | type[TicketRecalled] = TicketCalled) -> Heard:
    return heard(seq, kind(ticket=f"t-{number}", number=number, counter="quay-2", officer="hoa"))


def issued(seq: int, number: str) -> Heard:
    return heard(
        seq, TicketIssued(ticket=f"t-{number}", number=number, field="ho-tich", day="d", printed=True)
    )


def over(overlay: Overlay, now_s: float) -> Board:
    found = overlay.board(now_s)
    assert found is not None
    return found


def test_a_call_by_keys_shows_at_once_with_its_counter_and_waits_no_more() -> None:
    overlay = Overlay()
    overlay.take(BOARD, 0)
    overlay.hear(called(7, "A002"), 1, NOW_MS)
    shown = over(overlay, 1)
    assert [(each.number, each.counter_name) for each in shown.calls] == [
        ("A002", "Quầy 2"),
        ("A001", "Quầy 1"),
    ]
    assert shown.calls[0].id == call_id("quay-2-pi", "keys", EPOCH, 7)
    assert ([each.number for each in shown.waiting], shown.waiting_total) == (["A003"], 1)


def test_a_recall_is_a_call_of_its_own() -> None:
    overlay = Overlay()
    overlay.take(BOARD, 0)
    overlay.hear(called(7, "A002"), 1, NOW_MS)
    overlay.hear(called(8, "A002", TicketRecalled), 2, NOW_MS)
    assert [(each.number, each.recall) for each in over(overlay, 2).calls[:2]] == [
        ("A002", True),
        ("A002", False),
    ]


def test_a_neighbour_without_a_clock_called_when_it_was_heard() -> None:
    overlay = Overlay()
    overlay.take(BOARD, 0)
    lost = msgspec.structs.replace(called(7, "A002").moment, at_ms=3, synced=False)
    overlay.hear(replace(called(7, "A002"), moment=lost), 1, NOW_MS)
    assert over(overlay, 1).calls[0].called_at_ms == NOW_MS


def test_a_visit_that_goes_on_calls_nobody() -> None:
    overlay = Overlay()
    overlay.take(BOARD, 0)
    resumed = TicketCalled(ticket="t", number="A002", counter="quay-2", officer="hoa", why="resumed")
    overlay.hear(heard(7, resumed), 1, NOW_MS)
    assert over(overlay, 1) == BOARD


def test_the_hubs_board_takes_the_place_of_what_was_heard() -> None:
    overlay = Overlay()
    overlay.take(BOARD, 0)
    overlay.hear(called(7, "A002"), 1, NOW_MS)
    overlay.hear(issued(1, "B001"), 1, NOW_MS)
    known = Call(
        number="A002", counter="quay-2", counter_name="Quầy 2", called_at_ms=9, id=called(7, "A002").id
    )
    from_hub = msgspec.structs.replace(
        BOARD, calls=[known, *BOARD.calls], waiting=BOARD.waiting[1:], waiting_total=1
    )
    overlay.take(from_hub, 30)
    assert over(overlay, 30 + HUB_ANSWERS_S) == from_hub


def test_a_number_that_the_hub_counts_in_time_is_never_counted_twice() -> None:
    overlay = Overlay()
    overlay.take(BOARD, 0)
    overlay.hear(issued(1, "B001"), 10, NOW_MS)
    assert over(overlay, 10.1).waiting_total == 2
    overlay.take(msgspec.structs.replace(BOARD, waiting_total=3), 10.3)
    assert over(overlay, 10.4).waiting_total == 3
    overlay.take(msgspec.structs.replace(BOARD, waiting_total=4), 10 + HUB_ANSWERS_S)
    assert over(overlay, 100).waiting_total == 4


def test_without_the_hub_a_new_number_waits_on_the_board() -> None:
    overlay = Overlay()
    overlay.take(BOARD, 0)
    overlay.hear(issued(1, "B001"), 10, NOW_MS)
    shown = over(overlay, 10 + HUB_ANSWERS_S)
    assert shown.waiting[-1] == Waiting(number="B001", field="Hộ tịch")
    assert shown.waiting_total == 3


def test_without_any_board_nothing_is_claimed_but_calls_are_heard() -> None:
    overlay = Overlay()
    overlay.hear(called(7, "A002"), 1, NOW_MS)
    assert overlay.board(1) is None
    assert [each.number for each in overlay.heard_calls()] == ["A002"]


@given(st.lists(st.tuples(st.sampled_from(["issue", "call", "board"]), st.integers(1, 40)), max_size=60))
def test_whatever_is_heard_the_board_stays_within_its_bounds(steps: list[tuple[str, int]]) -> None:
    overlay = Overlay()
    overlay.take(BOARD, 0)
    for at_s, (what, which) in enumerate(steps, 1):
        if what == "board":
            overlay.take(msgspec.structs.replace(BOARD, waiting_total=which), at_s)
        else:
            overlay.hear((issued if what == "issue" else called)(at_s, f"B{which:03}"), at_s, NOW_MS)
        shown = over(overlay, at_s + HUB_ANSWERS_S)
        numbers = [each.number for each in shown.waiting]
        assert len(shown.calls) <= 64
        assert len(numbers) == len(set(numbers)) <= 16
        assert shown.waiting_total >= 0
        msgspec.json.decode(msgspec.json.encode(shown), type=Board)
