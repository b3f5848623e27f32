"""Whose visit a press belongs to, by the hub's document: served now, just ended, or nobody's. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wire.intents import Serving

Phase = Literal["unknown", "nobody", "serving", "ended"]
"""`unknown`: the hub has told nothing, or this office gives out no tickets."""


@dataclass(frozen=True)
class Visit:
    """What stands between the citizen and the counter now."""

    phase: Phase = "unknown"
    counter: str = ""
    counter_name: str = ""
    number: str = ""
    ticket: str | None = None
    officer: str | None = None


class VisitWindow:
    """Follows the document: a visit that ended may be rated for `window_s` more, then nobody's is.

        window = VisitWindow(window_s=60, counter="quay-1")
        window.take(document, ended_ago_s=0.4, now_s=now_s)
        window.visit(now_s)

    The time runs on the node's own clock from when it learnt of the end, since wall clocks differ.
    """

    def __init__(self, window_s: float, counter: str) -> None:
        self._window_s = window_s
        self._counter = counter
        self._serving: Serving | None = None
        self._closes_s = float("inf")

    def take(self, serving: Serving | None, ended_ago_s: float | None, now_s: float) -> bool:
        """Take the newest document (None: there is none, or it is void); tell whether the visit is another.

        `ended_ago_s` is how long ago the visit ended by the wall clock, None when that is not to be trusted.
        """
        if serving == self._serving:
            return False
        was, self._serving = self._serving, serving
        if serving is None or serving.ended_at_ms is None:
            self._closes_s = float("inf")
        elif was is None or (was.ticket, was.ended_at_ms) != (serving.ticket, serving.ended_at_ms):
            late_s = 0.0 if was is not None and was.ticket == serving.ticket else ended_ago_s or 0.0
            self._closes_s = now_s + self._window_s - max(0.0, late_s)
        return (was.ticket if was else None) != (serving.ticket if serving else None)

    def visit(self, now_s: float) -> Visit:
        """Return whose visit it is now."""
        serving = self._serving
        if serving is None:
            return Visit(counter=self._counter)
        if serving.without_tickets:
            return Visit("unknown", serving.counter, serving.counter_name, officer=serving.officer)
        if serving.ticket is None or now_s >= self._closes_s:
            return Visit("nobody", serving.counter, serving.counter_name)
        return Visit(
            "serving" if serving.ended_at_ms is None else "ended",
            serving.counter,
            serving.counter_name,
            serving.number or "",
            serving.ticket,
            serving.officer,
        )
