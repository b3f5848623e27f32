"""What the display shows when: every new call stands out, notices take their turns in between."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kiosk_ui.board import BoardPages
from wire.intents import Board, Call, Notice, Waiting

NOTICES = [Notice(title="Thủ tục", lines=["một", "hai"]), Notice(title="Lịch", lines=[])]


def board(*numbers: str, notices: list[Notice] | None = None) -> Board:
    return Board(
        office="UBND xã",
        calls=[
            Call(number=number, counter=f"quay-{place}", counter_name=f"Quầy {place}", called_at_ms=1)
            for place, number in enumerate(numbers, 1)
        ],
        waiting=[Waiting(number="A009", field="Hộ tịch")],
        waiting_total=5,
        notices=NOTICES if notices is None else notices,
    )


def pages() -> BoardPages:
    return BoardPages(fresh_s=8, quiet_s=20, page_s=10)


def fresh(shown: BoardPages, now_s: float) -> list[str]:
    return [call.number for call in shown.view(now_s, "").calls if call.fresh]


def test_two_calls_in_one_moment_both_stand_out() -> None:
    shown = pages()
    shown.take(board(), 0)
    shown.take(board("A001", "A002"), 5)
    assert fresh(shown, 5) == ["A001", "A002"]
    assert fresh(shown, 12.9) == ["A001", "A002"]
    assert fresh(shown, 13) == []


def test_a_new_call_does_not_make_old_ones_new() -> None:
    shown = pages()
    shown.take(board("A001"), 0)
    shown.take(board("A001", "A002"), 60)
    assert fresh(shown, 60) == ["A002"]


def test_what_was_called_before_the_display_started_is_not_new() -> None:
    shown = pages()
    shown.take(board("A001"), 0)
    assert fresh(shown, 0) == []


def test_the_same_number_called_again_stands_out_again() -> None:
    shown = pages()
    shown.take(board("A001"), 0)
    again = board("A001")
    later = msgspec.structs.replace(again.calls[0], called_at_ms=2)
    shown.take(msgspec.structs.replace(again, calls=[later]), 30)
    assert fresh(shown, 30) == ["A001"]


def test_calls_first_then_notices_in_turn_with_the_calls_among_them() -> None:
    shown = pages()
    shown.take(board(), 0)
    shown.take(board("A001"), 100)
    assert shown.view(119, "").notice is None
    seen = {getattr(shown.view(at_s, "").notice, "title", "") for at_s in range(120, 180)}
    assert seen == {"", "Thủ tục", "Lịch"}


def test_a_call_ends_the_notices_at_once() -> None:
    shown = pages()
    shown.take(board(), 0)
    shown.take(board("A001"), 500)
    assert shown.view(500, "").notice is None


def test_without_document_nothing_is_claimed() -> None:
    shown = pages()
    assert shown.view(0, "08:15").office == ""
    shown.take(board("A001"), 0)
    shown.take(None, 1)
    assert shown.view(1, "08:15").calls == ()


def test_the_clock_is_shown_as_it_was_given() -> None:
    shown = pages()
    shown.take(board(), 0)
    assert shown.view(0, "08:15").clock == "08:15"
    assert (shown.view(0, "").waiting_total, shown.view(0, "").waiting[0].number) == (5, "A009")


@given(st.lists(st.lists(st.sampled_from(["A001", "A002", "A003", "B001"]), unique=True, max_size=4)))
def test_what_is_on_the_board_is_what_is_shown(boards: list[list[str]]) -> None:
    shown = pages()
    for at_s, numbers in enumerate(boards):
        shown.take(board(*numbers), at_s)
        assert [call.number for call in shown.view(at_s, "").calls] == numbers
