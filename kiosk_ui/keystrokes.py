"""What the keys of a number pad mean. Pure: the time comes as an argument.

| keys | meaning |
| --- | --- |
| `Enter` or `+` | call the next number |
| figures, `Enter` | call that number |
| `0`, `Enter` | end the visit |
| `*` | call out once more |
| `/` | nobody came |
| `-` | park: a paper is missing |
| figures, `.` | this number is back |
| `Backspace` | forget the figures typed |
"""

from __future__ import annotations

from dataclasses import dataclass

TYPED_MAX = 6
FORGET_AFTER_S = 6.0
"""Figures that nobody went on with are forgotten, so that the next `Enter` calls the next number."""

SAME_AGAIN_S = 1.0
"""The same order again so soon is an impatient second press."""

SINGLE = {"*": "recall", "/": "missed", "-": "park"}


@dataclass(frozen=True)
class Order:
    """What an officer wants; `action` as in `wire.facts.CounterAsked`, `number` as typed."""

    action: str
    number: str = ""


class Keystrokes:
    """Make orders of keys: `order = strokes.key("enter", now_s)`; None: nothing is meant yet."""

    def __init__(self) -> None:
        self._typed = ""
        self._typed_at_s = 0.0
        self._last: tuple[Order, float] | None = None

    def key(self, name: str, now_s: float) -> Order | None:
        """Take one key."""
        if now_s - self._typed_at_s > FORGET_AFTER_S:
            self._typed = ""
        if name.isdecimal():
            self._typed = (self._typed + name)[-TYPED_MAX:]
            self._typed_at_s = now_s
            return None
        typed, self._typed = self._typed, ""
        order = _order(name, typed)
        return order if order is not None and self._is_new(order, now_s) else None

    def button(self, action: str, now_s: float) -> Order | None:
        """Take a press of a push button that means `action`."""
        order = Order(action)
        return order if self._is_new(order, now_s) else None

    def _is_new(self, order: Order, now_s: float) -> bool:
        last = self._last
        if last is not None and last[0] == order and now_s - last[1] < SAME_AGAIN_S:
            return False
        self._last = (order, now_s)
        return True


def _order(name: str, typed: str) -> Order | None:
    if name in ("enter", "+"):
        if not typed:
            return Order("next")
        return Order("call", str(int(typed))) if int(typed) else Order("end")
    if name == ".":
        return Order("return", str(int(typed))) if typed and int(typed) else None
    action = SINGLE.get(name)
    return Order(action) if action else None
