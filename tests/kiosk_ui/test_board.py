"""What the display shows when: each call has the stage, then the notices take their turns."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kiosk_ui.board import BoardPages
from kiosk_ui.calls import CallStage
from kiosk_ui.notice_view import LINES_A_PAGE
from wire.calls import CallLine
from wire.intents import Board, Call, Notice, Waiting

NOW_MS = 1_790_000_000_000
DAY_MS = 86_400_000
NOTICES = [Notice(title="Thủ tục", lines=["một", "hai"]), Notice(title="Lịch", lines=[])]


def call(number: str, place: int = 1, at_ms: int = NOW_MS, *, recall: bool = False) -> Call:
    return Call(
        number=number,
        counter=f"quay-{place}",
        counter_name=f"Quầy {place}",
        called_at_ms=at_ms,
        id=f"{number}/{place}/{recall}",
        recall=recall,
    )


def board(*calls: Call, notices: list[Notice] | None = None, waiting: list[Waiting] | None = None) -> Board:
    """A board with these calls, the oldest first."""
    return Board(
        office="UBND xã",
        calls=list(reversed(calls)),
        waiting=waiting or [],
        waiting_total=5,
        notices=NOTICES if notices is None else notices,
    )


def pages(picture: str = "") -> BoardPages:
    return BoardPages(CallStage(CallLine(180_000), 8), quiet_s=20, page_s=10, picture=lambda _: picture)


def large(shown: BoardPages, now_s: float) -> tuple[str, bool]:
    found = shown.view(now_s, NOW_MS, "").large
    assert found is not None
    return found.number, found.fresh


def test_two_calls_in_one_moment_both_have_the_stage_one_after_the_other() -> None:
    shown = pages()
    shown.take(board(call("A001", 1), call("A002", 2)), 5, NOW_MS)
    assert large(shown, 5) == ("A001", True)
    assert large(shown, 12.9) == ("A001", True)
    assert large(shown, 13) == ("A002", True)
    assert large(shown, 21) == ("A002", False), "the last one stays, calm"
    assert [each.number for each in shown.view(21, NOW_MS, "").called] == ["A001"]


def test_a_recall_has_the_stage_again_and_says_so() -> None:
    shown = pages()
    shown.take(board(call("A001")), 0, NOW_MS)
    shown.take(board(call("A001"), call("A001", at_ms=NOW_MS + 30_000, recall=True)), 30, NOW_MS + 30_000)
    found = shown.view(30, NOW_MS, "")
    assert found.large is not None
    assert (found.large.number, found.large.fresh, found.large.again) == ("A001", True, True)
    assert found.called == (), "each number stands once"


def test_what_was_called_long_before_the_display_started_is_only_listed() -> None:
    shown = pages()
    shown.take(board(call("A001", at_ms=NOW_MS - 200_000)), 0, NOW_MS)
    assert large(shown, 0) == ("A001", False)


def test_next_ones_stand_by_field_in_the_order_of_their_turn() -> None:
    waiting = [
        Waiting(number=number, field=field)
        for number, field in (("A3", "Hộ tịch"), ("A4", "Đất đai"), ("A5", "Hộ tịch"), ("B1", "Hộ tịch"))
    ] + [Waiting(number="B2", field="Hộ tịch")]
    shown = pages()
    shown.take(board(waiting=waiting), 0, NOW_MS)
    found = shown.view(0, NOW_MS, "08:15")
    assert [(each.field, each.numbers) for each in found.next] == [
        ("Hộ tịch", ("A3", "A5", "B1")),
        ("Đất đai", ("A4",)),
    ]
    assert (found.waiting_total, found.clock) == (5, "08:15")


def test_calls_first_then_notices_in_turn_with_the_calls_among_them() -> None:
    shown = pages()
    shown.take(board(call("A001")), 100, NOW_MS)
    assert shown.view(108, NOW_MS, "").notice is None
    assert shown.view(127.9, NOW_MS, "").notice is None
    seen = {getattr(shown.view(at_s, NOW_MS, "").notice, "title", "") for at_s in range(128, 190)}
    assert seen == {"", "Thủ tục", "Lịch"}


def test_a_call_ends_the_notices_at_once() -> None:
    shown = pages()
    shown.take(board(), 0, NOW_MS)
    assert {shown.view(at_s, NOW_MS, "").notice for at_s in range(0, 30, 10)} != {None}
    shown.take(board(call("A001")), 500, NOW_MS)
    assert shown.view(500, NOW_MS, "").notice is None


def test_a_notice_shows_from_its_first_moment_to_its_last_and_not_without_a_clock_before_it() -> None:
    today = Notice(title="Hôm nay", lines=["x"], from_ms=NOW_MS, until_ms=NOW_MS + DAY_MS)
    shown = pages()
    shown.take(board(notices=[today]), 0, NOW_MS)

    def titles(now_ms: int | None) -> set[str]:
        return {getattr(shown.view(at_s, now_ms, "").notice, "title", "") for at_s in range(0, 40, 10)}

    assert titles(NOW_MS - 1) == titles(NOW_MS + DAY_MS) == titles(None) == {""}
    assert titles(NOW_MS) == titles(NOW_MS + DAY_MS - 1) == {"", "Hôm nay"}


def test_a_long_notice_takes_several_pages_and_a_missing_picture_leaves_the_text() -> None:
    lines = [f"dòng {index}" for index in range(LINES_A_PAGE + 1)]
    long = Notice(title="Dài", lines=lines, picture="a" * 64)
    for picture in ("", "/a/file"):
        shown = pages(picture)
        shown.take(board(notices=[long]), 0, NOW_MS)
        found = [shown.view(at_s, NOW_MS, "").notice for at_s in (0, 10, 20)]
        first, second, none = found
        assert none is None
        assert first is not None
        assert second is not None
        assert [*first.lines, *second.lines] == lines
        assert (first.page, second.page, second.pages, first.picture) == (1, 2, 2, picture)


def test_without_document_nothing_is_claimed() -> None:
    shown = pages()
    assert shown.view(0, NOW_MS, "08:15").office == ""
    shown.take(board(call("A001")), 0, NOW_MS)
    shown.take(None, 1, NOW_MS)
    assert shown.view(1, NOW_MS, "08:15").large is None


@given(st.lists(st.sampled_from(["A001", "A002", "A003", "B001"]), max_size=12))
def test_the_last_calls_stand_there_each_number_once(numbers: list[str]) -> None:
    shown = pages()
    calls = [msgspec.structs.replace(call(number), id=str(at)) for at, number in enumerate(numbers)]
    shown.take(board(*calls), 0, NOW_MS)
    view = shown.view(0, NOW_MS, "")
    listed = [each.number for each in view.called] + ([view.large.number] if view.large else [])
    assert sorted(listed) == sorted(set(numbers))
