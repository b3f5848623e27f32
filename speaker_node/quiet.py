"""Quiet hours: the part of the night in which a loudspeaker does not sound, by local time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

LOCAL_OFFSET_MS = 7 * 3_600_000
"""Asia/Ho_Chi_Minh is UTC+7 all year, so no table of time zones is needed on the device."""

DAY_MS = 86_400_000


@dataclass(frozen=True)
class QuietHours:
    """From one time of day until another, over midnight where `until` is the earlier one.

    night = QuietHours(time(21, 0), time(5, 30))
    night.touch(begin_ms, end_ms)       # True: some of that sound would fall into the night
    """

    begin: time
    until: time

    @property
    def length_ms(self) -> int:
        """How long they last."""
        return (of_day_ms(self.until) - of_day_ms(self.begin)) % DAY_MS

    def touch(self, begin_ms: int, end_ms: int) -> bool:
        """Tell whether a sound in [begin_ms, end_ms) (UTC milliseconds) would touch quiet hours."""
        since_ms = (begin_ms + LOCAL_OFFSET_MS - of_day_ms(self.begin)) % DAY_MS
        duration_ms = max(1, end_ms - begin_ms)
        return since_ms < self.length_ms or since_ms + duration_ms > DAY_MS


def of_day_ms(of_day: time) -> int:
    """Return milliseconds since midnight."""
    seconds = of_day.hour * 3_600 + of_day.minute * 60 + of_day.second
    return seconds * 1000 + of_day.microsecond // 1000
