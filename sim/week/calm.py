"""Moments in which nobody could say whose visit a press is: people of the week wait until they are over.

A document needs a fraction of a second to a panel, and a window closes at a moment. What is pressed just then
may rightly be judged either way, so that a truth could not be held against it.
"""

from __future__ import annotations

from sim.faults.schedule import Schedule

ON_ITS_WAY_MS = 1_500
"""A document has arrived after so long."""
WINDOWS_MS = (20_000, 60_000)
"""After its end a visit is rated before the next one, and at all (docs/rating.md)."""
EDGE_MS = 2_500
FINGERS_MS = 300
"""Two fingers are not on one panel within so long."""
SILENT_MS = 5_000
"""A hub that answers nothing for so long is away."""


class Calm:
    """Knows when something happened at each counter."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._changed_ms: dict[str, int] = {}
        self._ended_ms: dict[str, int] = {}
        self._until_ms: dict[str, int] = {}
        self._pressed_ms: dict[str, int] = {}
        self._hub_gone = False
        self._unanswered_ms: dict[str, int] = {}

    def changed(self, counter: str, *, ended: bool = False) -> None:
        """Something was done to a visit there."""
        self._changed_ms[counter] = self._schedule.now_ms
        if ended:
            self._ended_ms[counter] = self._schedule.now_ms

    def pressed(self, counter: str) -> None:
        """A press: with the hub gone it stays unanswered."""
        self._pressed_ms[counter] = self._schedule.now_ms
        if self._hub_gone:
            self._unanswered_ms.setdefault(counter, self._schedule.now_ms)

    def hub_gone(self, gone: bool) -> None:
        """The hub went, or is there again."""
        self._hub_gone = gone
        self._unanswered_ms.clear()

    def hold(self, counter: str, until_ms: int) -> None:
        """Nobody presses there before."""
        self._until_ms[counter] = max(until_ms, self._until_ms.get(counter, 0))

    def clear(self, counter: str) -> bool:
        """Tell whether a press now can be judged in one way only."""
        now_ms = self._schedule.now_ms
        since_ms = now_ms - self._changed_ms.get(counter, -(10**9))
        ended_ms = now_ms - self._ended_ms.get(counter, -(10**9))
        pressed_ms = now_ms - self._pressed_ms.get(counter, -(10**9))
        silent_ms = now_ms - self._unanswered_ms.get(counter, -(10**9))
        return (
            since_ms >= ON_ITS_WAY_MS
            and all(abs(ended_ms - each) > EDGE_MS for each in WINDOWS_MS)
            and abs(silent_ms - SILENT_MS) > EDGE_MS / 2
            and pressed_ms >= FINGERS_MS
            and now_ms >= self._until_ms.get(counter, 0)
        )
