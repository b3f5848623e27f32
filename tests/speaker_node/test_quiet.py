from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speaker_node.quiet import DAY_MS, QuietHours

NIGHT = QuietHours(time(21), time(5, 30))
LOCAL = timezone(timedelta(hours=7))


def local_ms(hour: int, minute: int = 0) -> int:
    return round(datetime(2026, 3, 1, hour, minute, tzinfo=LOCAL).timestamp() * 1000)


@pytest.mark.parametrize(
    ("hour", "minute", "quiet"),
    [
        (20, 59, False),
        (21, 0, True),
        (23, 59, True),
        (0, 0, True),
        (5, 29, True),
        (5, 30, False),
        (12, 0, False),
    ],
)
def test_a_night_goes_over_midnight(hour: int, minute: int, quiet: bool) -> None:
    assert NIGHT.touch(local_ms(hour, minute), local_ms(hour, minute) + 1) is quiet


def test_a_sound_that_runs_into_the_night_touches_it() -> None:
    assert not NIGHT.touch(local_ms(20), local_ms(21))
    assert NIGHT.touch(local_ms(20), local_ms(21) + 1)


def test_quiet_hours_by_day() -> None:
    noon = QuietHours(time(11, 30), time(13))
    assert noon.touch(local_ms(12), local_ms(12) + 1)
    assert not noon.touch(local_ms(13), local_ms(22))


@given(st.times(), st.times(), st.integers(0, 2 * DAY_MS), st.integers(1, DAY_MS), st.integers(0, DAY_MS))
def test_it_agrees_with_the_calendar(
    begin: time, until: time, after_ms: int, lasts_ms: int, within_ms: int
) -> None:
    begin, until = (each.replace(microsecond=0, second=0) for each in (begin, until))
    start_ms = local_ms(0) + after_ms
    inside_ms = start_ms + within_ms % lasts_ms
    at = datetime.fromtimestamp(inside_ms / 1000, UTC).astimezone(LOCAL).time()
    quiet = begin <= at < until if begin <= until else (at >= begin or at < until)
    if quiet:
        assert QuietHours(begin, until).touch(start_ms, start_ms + lasts_ms)
    assert QuietHours(begin, until).touch(inside_ms, inside_ms + 1) is quiet
