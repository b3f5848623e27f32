"""The last board, with what the display itself heard of kiosks and counters laid over it.

While the hub is away the broker still carries what kiosks give out and counters call. Nothing here counts:
as soon as the hub's next board comes, the board is right. Pure: the time comes as an argument.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from firmware_agent.delivery.neighbours import Heard
from wire.calls import CALLING, call_key, call_told
from wire.facts import TicketIssued
from wire.intents import Board, Call, Waiting

HEARS = CALLING | {TicketIssued.KIND}
"""Kinds of facts that a display goes by."""

HUB_ANSWERS_S = 2.0
"""Within this time a hub that is there has put what was heard on its board."""

CALLS_MAX = 64
WAITING_MAX = 16
"""As many as a board holds (wire.intents.Board)."""

TICKETS_MAX = 500
"""Numbers that are remembered as given out or called; beyond it the oldest are forgotten."""


@dataclass(frozen=True)
class _Issued:
    waiting: Waiting
    heard_s: float


class Overlay:
    """What was heard since the last board.

        overlay = Overlay()
        overlay.take(board, now_s)              # each look; the same board again changes nothing
        overlay.hear(heard, now_s, now_ms)
        overlay.board(now_s)                    # the board to show

    `now_s` are seconds of a monotonic clock. Calls show at once: the board knows them by the same id. Numbers
    that wait show only after the hub had its time to count them, so that none is counted twice.
    """

    def __init__(self) -> None:
        self._board: Board | None = None
        self._calls: dict[str, Call] = {}
        self._issued: dict[str, _Issued] = {}
        self._gone: dict[str, float] = {}
        """Numbers that were called, and when that was heard: they wait no more."""

    def take(self, board: Board | None, now_s: float) -> None:
        """Take the newest document; what it can be expected to know is dropped."""
        if board is None or board == self._board:
            self._board = board
            return
        self._board = board
        listed = self._listed()
        self._calls = {key: call for key, call in self._calls.items() if key not in listed}
        before_s = now_s - HUB_ANSWERS_S
        self._issued = {number: each for number, each in self._issued.items() if each.heard_s > before_s}
        self._gone = {number: at_s for number, at_s in self._gone.items() if at_s > before_s}

    def hear(self, heard: Heard, now_s: float, now_ms: int | None) -> None:
        """Take what another node tells; `now_ms` is the wall time, None while it is not to be trusted."""
        body = heard.body
        call = call_told(heard.id, heard.moment, body, self._names(), now_ms)
        if isinstance(body, TicketIssued):
            field = self._names().get(body.field, body.field)
            self._issued[body.number] = _Issued(Waiting(number=body.number, field=field), now_s)
            self._gone.pop(body.number, None)
        elif call is not None:
            self._gone[call.number] = now_s
            self._issued.pop(call.number, None)
            if heard.id not in self._listed():
                self._calls[heard.id] = call
        for kept in (self._calls, self._issued, self._gone):
            while len(kept) > TICKETS_MAX:
                kept.pop(next(iter(kept)))

    def heard_calls(self) -> list[Call]:
        """Return the calls that no board has told of yet, newest first."""
        return list(reversed(self._calls.values()))

    def board(self, now_s: float) -> Board | None:
        """Return the last board with what was heard laid over it; None without one."""
        board = self._board
        if board is None:
            return None
        return msgspec.structs.replace(
            board,
            calls=[*self.heard_calls(), *board.calls][:CALLS_MAX],
            waiting=self._all_waiting(board, now_s)[:WAITING_MAX],
            waiting_total=self._total(board, now_s),
        )

    def _new_waiting(self, board: Board, now_s: float) -> list[Waiting]:
        listed = {each.number for each in board.waiting}
        return [
            each.waiting
            for number, each in self._issued.items()
            if number not in listed and now_s - each.heard_s >= HUB_ANSWERS_S
        ]

    def _all_waiting(self, board: Board, now_s: float) -> list[Waiting]:
        still = [each for each in board.waiting if each.number not in self._gone]
        return still + self._new_waiting(board, now_s)

    def _total(self, board: Board, now_s: float) -> int:
        listed = {each.number for each in board.waiting}
        gone = len(listed.intersection(self._gone))
        return max(0, board.waiting_total - gone + len(self._new_waiting(board, now_s)))

    def _listed(self) -> set[str]:
        return {call_key(call) for call in self._board.calls} if self._board else set()

    def _names(self) -> Mapping[str, str]:
        return self._board.names if self._board else {}
