"""Time as people in the office read it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from firmware_agent.clock import Clock

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""UTC+7 all year, without summer time, since 1975 (IANA tz database): needs no zone files on the card."""


def local_time(at_ms: int) -> datetime:
    """Return UTC milliseconds since 1970 as the office's time."""
    return datetime.fromtimestamp(at_ms / 1000, VIETNAM)


def local_day(at_ms: int) -> str:
    """Return the office's date of that moment, YYYY-MM-DD."""
    return local_time(at_ms).date().isoformat()


def clock_text(clock: Clock) -> str:
    """Return the hour and minute to show, or nothing while the clock is not to be trusted."""
    return f"{local_time(clock.wall_ms()):%H:%M}" if clock.synced() else ""
