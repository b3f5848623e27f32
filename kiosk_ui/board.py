"""What a display shows of its board, and when: pure, with the time as an argument."""

from __future__ import annotations

from collections.abc import Callable

from kiosk_ui.calls import CallStage
from kiosk_ui.display_view import DisplayView, NextInField, ShownCall
from kiosk_ui.notice_view import ShownNotice, pages_of
from wire.intents import Board, Call, Notice, Waiting

CALLED_SHOWN = 6
FIELDS_SHOWN = 6
NEXT_SHOWN = 3
"""Numbers listed for each field of work."""


class BoardPages:
    """New calls have the stage one after the other; when it is quiet the notices take their turns.

        pages = BoardPages(stage, quiet_s=20, page_s=10)
        pages.take(board, now_s, now_ms)
        pages.view(now_s, now_ms, clock="08:15")

    `now_s` are seconds of a monotonic clock; `now_ms` is the wall time, None while it is not to be trusted.
    """

    def __init__(
        self,
        stage: CallStage,
        quiet_s: float,
        page_s: float,
        picture: Callable[[str], str] = lambda _sha256: "",
    ) -> None:
        """`picture` returns the file of a picture by its hash; empty: it is not here, only the text shows."""
        self._stage = stage
        self._quiet_s = quiet_s
        self._page_s = page_s
        self._picture = picture
        self._board: Board | None = None

    def take(self, board: Board | None, now_s: float, now_ms: int | None) -> Call | None:
        """Take the newest board (None: there is none, or it is void); return the call on the stage now."""
        self._board = board
        if board is not None:
            self._stage.take(board.calls, now_ms)
        return self._stage.look(now_s)

    def view(self, now_s: float, now_ms: int | None, clock: str) -> DisplayView:
        """Return what to show now."""
        board = self._board
        if board is None:
            return DisplayView()
        on_stage = self._stage.look(now_s)
        large = on_stage or (board.calls[0] if board.calls else None)
        return DisplayView(
            office=board.office,
            clock=clock,
            large=_shown(large, fresh=on_stage is not None) if large else None,
            called=_called(board.calls, large),
            next=_next(board.waiting),
            waiting_total=board.waiting_total,
            notice=None if on_stage else self._notice(board, now_s, now_ms),
        )

    def _notice(self, board: Board, now_s: float, now_ms: int | None) -> ShownNotice | None:
        """After a quiet time the pages take turns, the calls among them."""
        if now_s - self._stage.emptied_s < self._quiet_s:
            return None
        pages = [page for notice in board.notices if _is_on(notice, now_ms) for page in self._pages(notice)]
        turn = int(now_s // self._page_s) % (len(pages) + 1)
        return pages[turn] if turn < len(pages) else None

    def _pages(self, notice: Notice) -> list[ShownNotice]:
        return pages_of(notice, self._picture(notice.picture) if notice.picture else "")


def _shown(call: Call, *, fresh: bool = False) -> ShownCall:
    return ShownCall(call.number, call.counter_name, fresh=fresh, again=call.recall)


def _called(calls: list[Call], large: Call | None) -> tuple[ShownCall, ...]:
    """The last calls, each number once, without the one that stands large."""
    seen = {large.number} if large else set()
    found: list[ShownCall] = []
    for call in calls:
        if call.number not in seen:
            seen.add(call.number)
            found.append(_shown(call))
    return tuple(found[:CALLED_SHOWN])


def _next(waiting: list[Waiting]) -> tuple[NextInField, ...]:
    """Who is next in each field of work, the fields in the order of their first number."""
    by_field: dict[str, list[str]] = {}
    for each in waiting:
        by_field.setdefault(each.field, []).append(each.number)
    return tuple(NextInField(field, tuple(numbers[:NEXT_SHOWN])) for field, numbers in by_field.items())[
        :FIELDS_SHOWN
    ]


def _is_on(notice: Notice, now_ms: int | None) -> bool:
    """Without a clock nobody can say that a day has come; that one has passed, the hub says in time."""
    if now_ms is None:
        return notice.from_ms is None
    return (notice.from_ms or now_ms) <= now_ms and (notice.until_ms is None or now_ms < notice.until_ms)
