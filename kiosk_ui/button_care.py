"""Tells of buttons that are stuck, shorted or chattering: facts for the hub, a problem for the staff."""

from __future__ import annotations

from collections.abc import Sequence

from firmware_agent.node import Context
from kiosk_ui.buttons import ButtonRow, FaultChange
from kiosk_ui.contact_health import Fault
from kiosk_ui.untold import Untold
from wire.facts import Body, ButtonFailed, ButtonRecovered

_WORDS: dict[Fault, str] = {
    "stuck": "bị kẹt",
    "shorted": "bị chập dây",
    "chattering": "tiếp xúc kém",
}


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
        self._untold = Untold(context)

    def look(self, row: ButtonRow, counter: str, now_s: float) -> None:
        """Have the row watched, and tell of what has changed; `now_s` is monotonic."""
        changes = row.watch(now_s)
        for each in changes:
            self._untold.add(_fact(counter, each))
        if changes:
            self._show(row)
        self._untold.tell(now_s)

    def _show(self, row: ButtonRow) -> None:
        faults = row.faults()
        if not faults:
            self._context.problems.clear("buttons")
            return
        told = ", ".join(f"{self._names[place]} ({_WORDS[fault]})" for place, fault in faults.items())
        self._context.problems.report("buttons", f"Nút hỏng, {self._meaning}: {told}")


def _fact(counter: str, change: FaultChange) -> Body:
    level = change.place + 1
    if change.fault is None:
        return ButtonRecovered(counter=counter, level=level, edges_left_out=change.edges_left_out)
    return ButtonFailed(counter=counter, level=level, fault=change.fault)
