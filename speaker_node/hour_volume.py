"""How loud a loudspeaker is by the hour: softer at dawn than at noon."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time

from speaker_node.quiet import DAY_MS, LOCAL_OFFSET_MS, of_day_ms
from wire.intents import Bulletin


class HourVolume:
    """Factors by local time of day, each from its time until the next one.

    volume = HourVolume({time(5): 0.5, time(7): 1.0})
    volume.of(bulletin, at_ms)      # its own volume times the factor of that hour
    volume.factor(at_ms)
    """

    def __init__(self, factors: Mapping[time, float]) -> None:
        self._factors = sorted((of_day_ms(begin), factor) for begin, factor in factors.items())

    def of(self, bulletin: Bulletin, at_ms: int) -> float:
        """Return the volume, 0 to 1. An emergency is as loud as it was made at any hour."""
        return bulletin.volume if bulletin.emergency else bulletin.volume * self.factor(at_ms)

    def factor(self, at_ms: int) -> float:
        """Return the factor that holds at a time (UTC milliseconds)."""
        if not self._factors:
            return 1.0
        since_ms = (at_ms + LOCAL_OFFSET_MS) % DAY_MS
        begun = [factor for begin_ms, factor in self._factors if begin_ms <= since_ms]
        return begun[-1] if begun else self._factors[-1][1]
