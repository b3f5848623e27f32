"""How long to wait before a node that died is started again."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 60.0
WELL_AFTER_S = 60.0
"""A node that ran this long is well again: its next death begins with the first pause."""


@dataclass
class Backoff:
    """Pauses that double with each death in a row, up to a bound. Times are seconds of a monotonic clock."""

    deaths: int = 0
    _started_at_s: float = 0.0

    def started(self, now_s: float) -> None:
        """The node was started."""
        self._started_at_s = now_s

    def well(self, now_s: float) -> bool:
        """Tell whether the node has run long enough for its deaths to be forgotten."""
        return now_s - self._started_at_s >= WELL_AFTER_S

    def died(self, now_s: float) -> float:
        """The node died; return how many seconds to wait before starting it again."""
        if self.well(now_s):
            self.deaths = 0
        self.deaths += 1
        return float(min(FIRST_PAUSE_S * 2 ** min(self.deaths - 1, 20), LONGEST_PAUSE_S))
