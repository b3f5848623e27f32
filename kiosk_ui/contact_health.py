"""Whether a contact behaves as a finger would: stuck, shorted and chattering ones are found. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

Fault = Literal["stuck", "shorted", "chattering"]
"""Down too long; down since the start; more edges than a hand makes."""

WATCHED_S = 3.0
PRESSES_MAX = 25
"""More presses in `WATCHED_S` than a hand manages: the fastest tap eight times a second, and not for long."""
EDGES_MAX = 600
"""More edges in `WATCHED_S` than the worst contact gives under such a hand: 24 presses with 13 each way."""
CALM_S = 1.0
"""A contact that was down too long behaves again once it was open and still for so long …"""
CALM_CHATTER_S = 5.0
"""… and one that chattered after so long."""


@dataclass(frozen=True)
class Reading:
    """What is known of a contact at one look: how it stands, and its counts since the start."""

    down: bool
    edges: int
    presses: int


class ContactHealth:
    """Follows one contact; look at it a few times a second.

        health = ContactHealth(stuck_after_s=20)
        health.look(now_s, Reading(down=False, edges=0, presses=0))
        health.fault            # None, "stuck", "shorted" or "chattering"

    Times are seconds of a monotonic clock.
    """

    def __init__(self, stuck_after_s: float) -> None:
        self.fault: Fault | None = None
        self.edges_left_out = 0
        """Edges while the last fault lasted."""
        self._stuck_after_s = stuck_after_s
        self._down_since_s: float | None = None
        self._calm_since_s: float | None = None
        self._was_up = False
        self._faulty_from = 0
        self._last: Reading | None = None
        self._looks: deque[tuple[float, Reading]] = deque()

    def look(self, now_s: float, reading: Reading) -> bool:
        """Take a look; tell whether the fault changed."""
        self._note(now_s, reading)
        before = self.fault
        if before is None:
            self.fault = self._found(now_s, reading)
            if self.fault is not None:
                self._faulty_from = reading.edges
        else:
            self.edges_left_out = reading.edges - self._faulty_from
            if self._is_calm(now_s, CALM_CHATTER_S if before == "chattering" else CALM_S):
                self.fault = None
                self._looks = deque([(now_s, reading)])
        return self.fault != before

    def _note(self, now_s: float, reading: Reading) -> None:
        still = self._last is not None and reading.edges == self._last.edges and not reading.down
        self._calm_since_s = (now_s if self._calm_since_s is None else self._calm_since_s) if still else None
        self._last = reading
        self._was_up = self._was_up or not reading.down
        if not reading.down:
            self._down_since_s = None
        elif self._down_since_s is None:
            self._down_since_s = now_s
        self._looks.append((now_s, reading))
        while now_s - self._looks[0][0] > WATCHED_S:
            self._looks.popleft()

    def _is_calm(self, now_s: float, calm_s: float) -> bool:
        return self._calm_since_s is not None and now_s - self._calm_since_s >= calm_s

    def _found(self, now_s: float, reading: Reading) -> Fault | None:
        first = self._looks[0][1]
        if reading.presses - first.presses > PRESSES_MAX or reading.edges - first.edges > EDGES_MAX:
            return "chattering"
        if self._down_since_s is not None and now_s - self._down_since_s >= self._stuck_after_s:
            return "stuck" if self._was_up else "shorted"
        return None
