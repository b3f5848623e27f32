"""Virtual time: things happen in the order of their milliseconds, and nobody waits."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

Action = Callable[[], None]


class Schedule:
    """What will happen, and when. Things of the same millisecond happen in the order they were planned."""

    def __init__(self) -> None:
        self.now_ms = 0
        self._count = itertools.count()
        self._heap: list[tuple[int, int, Action]] = []

    def after(self, delay_ms: int, action: Action) -> None:
        """Do `action` in `delay_ms`."""
        heapq.heappush(self._heap, (self.now_ms + max(0, delay_ms), next(self._count), action))

    def run_until(self, end_ms: int, enough: Callable[[], bool] = lambda: False) -> None:
        """Let time pass up to `end_ms`, or until `enough`."""
        while self._heap and self._heap[0][0] <= end_ms and not enough():
            self.now_ms, _, action = heapq.heappop(self._heap)
            action()
        if not enough():
            self.now_ms = max(self.now_ms, end_ms)
