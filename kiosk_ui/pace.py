"""How fast a hand calls numbers: a loose wire empties a whole hall. Pure: time is an argument."""

from __future__ import annotations

from collections import deque

WITHIN_S = 15.0
NEXTS_MAX = 5
"""Calls in `WITHIN_S`: nobody gets up, comes to the counter and is served in three seconds."""


class Pace:
    """`Pace(5).allows(now_s)` tells whether one more call is a hand's doing; `now_s` is monotonic.

    What is refused counts, too: a wire that goes on calling stays refused, a hand that rests is heard again.
    """

    def __init__(self, most: int = NEXTS_MAX, within_s: float = WITHIN_S) -> None:
        self._most = most
        self._within_s = within_s
        self._asked: deque[float] = deque(maxlen=most + 1)

    def allows(self, now_s: float) -> bool:
        """Count a call at `now_s`; False: there were `most` of them within the time before it."""
        self._asked.append(now_s)
        while now_s - self._asked[0] >= self._within_s:
            self._asked.popleft()
        return len(self._asked) <= self._most
