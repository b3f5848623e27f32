"""Times at the hub: stored in UTC, shown to people in Asia/Ho_Chi_Minh."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")

_LOCAL_FIRST_MS, _LOCAL_LAST_MS = -62_135_510_400_000, 253_402_214_399_000
"""A day inside the first and the last that a calendar holds: no local time falls out of it."""

_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_000
"""The first and the last second of the calendar."""

DAY_MS = 86_400_000
"""Every day is as long as another in Asia/Ho_Chi_Minh."""

_ISO_SECONDS = [f":{second:02d}" for second in range(60)]
_ISO_MILLIS = [f".{ms:03d}Z" for ms in range(1_000)]
"""Spelt once: each fact is stamped with one of each."""

NowMs = Callable[[], int]
"""A wall clock: UTC milliseconds since 1970."""


def now_ms() -> int:
    """Return the hub's wall time, UTC milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def iso_utc(at_ms: int) -> str:
    """Return `at_ms` as ISO 8601 in UTC with milliseconds, e.g. `2026-01-31T01:02:03.004Z`; sorts as text.

    Times that no calendar holds (a device's clock may say anything) are shown at the calendar's edge.
    """
    if not _FIRST_MS <= at_ms <= _LAST_MS:
        at_ms = min(max(at_ms, _FIRST_MS), _LAST_MS)
    minute, ms = divmod(at_ms, 60_000)
    return _iso_minute(minute) + _ISO_SECONDS[ms // 1_000] + _ISO_MILLIS[ms % 1_000]


@functools.lru_cache(maxsize=1_024)
def _iso_minute(minute: int) -> str:
    """Facts come in the order of their times: most stand in a minute that was just spelt."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    return moment.isoformat()[:16]


def local_time(at_ms: int) -> datetime:
    """Return `at_ms` as people in the commune read it; beyond the calendar, its edge, as `iso_utc`."""
    return datetime.fromtimestamp(min(max(at_ms, _LOCAL_FIRST_MS), _LOCAL_LAST_MS) / 1000, LOCAL)


def local_time_if(at_ms: int | None) -> datetime | None:
    """Return `local_time` of a moment that there may not have been."""
    return None if at_ms is None else local_time(at_ms)


def local_day(at_ms: int) -> str:
    """Return the local date of `at_ms`, YYYY-MM-DD."""
    return local_time(at_ms).date().isoformat()


def day_start_ms(at_ms: int) -> int:
    """Return when the local day of `at_ms` began."""
    start = local_time(at_ms).replace(hour=0, minute=0, second=0, microsecond=0)
    return int(start.timestamp() * 1000)


def to_ms(moment: datetime) -> int:
    """Return a datetime with offset as UTC milliseconds."""
    return int(moment.timestamp() * 1000)
