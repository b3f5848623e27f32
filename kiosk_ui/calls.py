"""Which call stands large on the display, and for how long. Pure: the time comes as an argument.

Calls are events: each gets its own time on the stage, in order, whatever comes after it.
"""

from __future__ import annotations

from collections.abc import Iterable

from wire.calls import CallLine
from wire.intents import Call

SHORTEST_S = 2.0
"""The least that a call stands: time to look up and to read a number and a counter."""

BURST_CALLS = 2
"""A burst of calls together stands for as long as so many single ones, shared evenly among them."""


class CallStage:
    """The stage for one call after the other.

        stage = CallStage(CallLine(late_ms=180_000), fresh_s=8.0)
        stage.take(board.calls, now_ms)
        stage.look(now_s)       # the call that stands now, or None; at least every SHORTEST_S while one does
        stage.seen(now_s)       # once for each, when it is before everybody's eyes
        stage.due_s             # when to look again

    `now_s` are seconds of a monotonic clock. A call that stands alone stands for `fresh_s`; of a burst each
    stands equally long, and never shorter than SHORTEST_S.
    """

    def __init__(self, line: CallLine, fresh_s: float) -> None:
        self._line = line
        self._fresh_s = fresh_s
        self._call: Call | None = None
        self._since_s = 0.0
        self._burst = 0
        self.emptied_s = float("-inf")
        """When the last call had had its time."""

    def take(self, calls: Iterable[Call], now_ms: int | None) -> None:
        """Take calls, newest first; `now_ms` as for `CallLine.take`."""
        self._line.take(calls, now_ms)
        self._measure_burst()

    def look(self, now_s: float) -> Call | None:
        """Return the call that stands at `now_s`, after the next one's coming if it is its turn."""
        if self._call is not None and now_s < self.due_s:
            return self._call
        if self._call is not None:
            self.emptied_s = now_s
        self._call = self._line.start()
        self._since_s = now_s
        if self._call is None:
            self._burst = 0
        self._measure_burst()
        return self._call

    def seen(self, now_s: float) -> None:
        """Count the time of the call that has just come on the stage from now: drawing it took a while."""
        self._since_s = now_s

    @property
    def due_s(self) -> float:
        """Until when the call that stands now stays; without one, never."""
        if self._call is None:
            return float("inf")
        share_s = BURST_CALLS * self._fresh_s / max(1, self._burst)
        return self._since_s + max(SHORTEST_S, min(self._fresh_s, share_s))

    def done(self) -> list[str]:
        """Return the ids of the calls that stand or stood, to be kept on disk."""
        return self._line.done()

    def _measure_burst(self) -> None:
        self._burst = max(self._burst, len(self._line) + (self._call is not None))
