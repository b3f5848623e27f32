"""What a display shows of a board document, and when: pure, with the time as an argument."""

from __future__ import annotations

from kiosk_ui.display_view import DisplayView, ShownCall, ShownNotice, ShownWaiting
from wire.intents import Board, Call

CallKey = tuple[str, str, int]


class BoardPages:
    """Follows board documents: new calls stand out for a while, then the notices take their turns.

    pages = BoardPages(fresh_s=8, quiet_s=20, page_s=10)
    pages.take(board, now_s)
    pages.view(now_s, clock="08:15")

    Times are seconds of a monotonic clock. What was called before the display started is not new.
    """

    def __init__(self, fresh_s: float, quiet_s: float, page_s: float) -> None:
        self._fresh_s = fresh_s
        self._quiet_s = quiet_s
        self._page_s = page_s
        self._board: Board | None = None
        self._seen: dict[CallKey, float] = {}
        self._newest_s = float("-inf")

    def take(self, board: Board | None, now_s: float) -> None:
        """Take the newest document; None: there is none, or it is void."""
        if board is None:
            self._board = None
            return
        first = self._board is None
        for call in board.calls:
            if _key(call) not in self._seen:
                self._seen[_key(call)] = float("-inf") if first else now_s
                self._newest_s = self._newest_s if first else now_s
        listed = {_key(call) for call in board.calls}
        self._seen = {key: at_s for key, at_s in self._seen.items() if key in listed}
        self._board = board

    def view(self, now_s: float, clock: str) -> DisplayView:
        """Return what to show now."""
        board = self._board
        if board is None:
            return DisplayView()
        return DisplayView(
            office=board.office,
            clock=clock,
            calls=tuple(
                ShownCall(call.number, call.counter_name, self._is_fresh(call, now_s)) for call in board.calls
            ),
            waiting=tuple(ShownWaiting(each.number, each.field) for each in board.waiting),
            waiting_total=board.waiting_total,
            notice=self._notice(board, now_s),
        )

    def _is_fresh(self, call: Call, now_s: float) -> bool:
        return now_s - self._seen[_key(call)] < self._fresh_s

    def _notice(self, board: Board, now_s: float) -> ShownNotice | None:
        """After a quiet time the pages take turns, the calls among them."""
        quiet_s = now_s - self._newest_s - self._quiet_s
        if quiet_s < 0 or not board.notices:
            return None
        turn = int(now_s // self._page_s) % (len(board.notices) + 1)
        if turn == len(board.notices):
            return None
        notice = board.notices[turn]
        return ShownNotice(notice.title, tuple(notice.lines))


def _key(call: Call) -> CallKey:
    return call.number, call.counter, call.called_at_ms
