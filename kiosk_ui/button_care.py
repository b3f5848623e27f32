"""Tells of buttons that are stuck, shorted or chattering: facts for the hub, a problem for the staff."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Sequence

from firmware_agent.node import Context
from kiosk_ui.buttons import ButtonRow, FaultChange
from kiosk_ui.contact_health import Fault
from wire.facts import Body, ButtonFailed, ButtonRecovered

UNTOLD_MAX = 100
"""Changes that wait for a disk that takes no fact; beyond it the oldest are dropped."""

TRY_EVERY_S = 1.0

_WORDS: dict[Fault, str] = {
    "stuck": "bị kẹt",
    "shorted": "bị chập dây",
    "chattering": "tiếp xúc kém",
}

log = logging.getLogger(__name__)


class ButtonCare:
    """Looks after a row of buttons; `names` are what people call them, in their order.

    care = ButtonCare(context, names=["Rất hài lòng", …], meaning="không tính vào đánh giá")
    care.look(row, counter="quay-1", now_s=now_s)      # a few times a second
    """

    def __init__(self, context: Context, names: Sequence[str], meaning: str) -> None:
        """`meaning` tells staff what does not happen while a button is ill."""
        self._context = context
        self._names = names
        self._meaning = meaning
        self._untold: list[Body] = []
        self._try_at_s = float("-inf")

    def look(self, row: ButtonRow, counter: str, now_s: float) -> None:
        """Have the row watched, and tell of what has changed; `now_s` is monotonic."""
        changes = row.watch(now_s)
        if changes:
            self._untold = [*self._untold, *(_fact(counter, each) for each in changes)][-UNTOLD_MAX:]
            self._show(row)
        if self._untold and now_s >= self._try_at_s:
            self._try_at_s = now_s + TRY_EVERY_S
            self._tell()

    def _show(self, row: ButtonRow) -> None:
        faults = row.faults()
        if not faults:
            self._context.problems.clear("buttons")
            return
        told = ", ".join(f"{self._names[place]} ({_WORDS[fault]})" for place, fault in faults.items())
        self._context.problems.report("buttons", f"Nút hỏng, {self._meaning}: {told}")

    def _tell(self) -> None:
        """Record what waits; on a full disk it goes on waiting."""
        try:
            while self._untold:
                self._context.facts.record(self._untold[0])
                self._untold.pop(0)
        except (sqlite3.Error, OSError) as error:
            log.warning("chưa ghi được tình trạng nút (the buttons' state is not told yet): %s", error)


def _fact(counter: str, change: FaultChange) -> Body:
    level = change.place + 1
    if change.fault is None:
        return ButtonRecovered(counter=counter, level=level, edges_left_out=change.edges_left_out)
    return ButtonFailed(counter=counter, level=level, fault=change.fault)
