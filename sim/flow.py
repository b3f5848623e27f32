"""How long bytes are on their way through a line: latency, jitter, bandwidth.

Pure: the time and the dice are handed in. `sim.network` waits as long as this says.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

PIECES_PER_S = 20
"""A throttled line hands its bytes over in so many pieces a second, so that it trickles and does not gush."""
PIECE_BYTES = (256, 64 * 1024)
"""Smallest and largest piece."""


@dataclass(frozen=True)
class Quality:
    """How well a line carries, each way: Quality(latency_s=0.3, jitter_s=0.1, bytes_per_s=16_000)."""

    latency_s: float = 0.0
    """How long every byte takes from one end to the other."""
    jitter_s: float = 0.0
    """How much longer it may take, by chance. Nothing overtakes."""
    bytes_per_s: float | None = None
    """What passes in a second; None: as much as this machine can."""

    @property
    def piece_bytes(self) -> int:
        """How much to hand over at a time."""
        smallest, largest = PIECE_BYTES
        if self.bytes_per_s is None:
            return largest
        return min(largest, max(smallest, int(self.bytes_per_s / PIECES_PER_S)))


PERFECT = Quality()
"""A cable in the office."""

MOBILE = Quality(latency_s=0.3, jitter_s=0.1, bytes_per_s=16_000)
"""A hamlet at the edge of a cell: EDGE, about 128 kbit/s (made up, on the bad side of what people report)."""


class Way:
    """One direction of a line; what goes this way shares its bandwidth and keeps its order."""

    def __init__(self) -> None:
        self._free_at_s = 0.0
        self._last_arrival_s = 0.0

    def arrival_s(self, now_s: float, size_bytes: int, quality: Quality, chance: random.Random) -> float:
        """Return when a piece that is handed in now comes out at the other end."""
        begins_s = max(now_s, self._free_at_s)
        takes_s = size_bytes / quality.bytes_per_s if quality.bytes_per_s else 0.0
        self._free_at_s = begins_s + takes_s
        arrives_s = self._free_at_s + quality.latency_s + chance.uniform(0, quality.jitter_s)
        self._last_arrival_s = max(arrives_s, self._last_arrival_s)
        return self._last_arrival_s
