"""Presses over the hours of the week, and day by day: local time of the commune."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from msgspec import Struct

from commune_hub.figures.proportion import Proportion, proportion
from commune_hub.figures.rows import Press, Rows
from commune_hub.figures.spread import nearest_rank

HOUR_MS, DAY_MS = 3_600_000, 86_400_000

EAST_MS = 7 * HOUR_MS
"""Asia/Ho_Chi_Minh is UTC+7 without summer time since 1975: every day is as long as another, and a year of
presses is sorted into hours without asking the calendar for each."""

_EPOCH = date(1970, 1, 1).toordinal()

DAILY_UP_TO = 35
"""A trend of up to so many days has a point a day, a longer one a point a week (Monday to Sunday)."""


class Heat(Struct, frozen=True):
    """Counted presses by weekday (0 = Monday) and local hour: `presses[weekday][hour]`."""

    presses: list[list[int]]
    satisfied: list[list[int]]


class Point(Struct, frozen=True):
    """A day or a week of the trend; `day` is its first day within the stretch, YYYY-MM-DD."""

    day: str
    visits: int
    satisfied: Proportion
    wait_p90_ms: int | None


def heat(counted: Sequence[Press]) -> Heat:
    """Return presses by weekday and hour."""
    presses = [[0] * 24 for _ in range(7)]
    satisfied = [[0] * 24 for _ in range(7)]
    for press in counted:
        ordinal, in_day_ms = _local(press.at_ms)
        weekday, hour = (ordinal - 1) % 7, in_day_ms // HOUR_MS
        presses[weekday][hour] += 1
        satisfied[weekday][hour] += press.satisfied
    return Heat(presses, satisfied)


def trend_step(first: date, last: date) -> int:
    """Return how many days a point of the trend stands for."""
    return 1 if (last - first).days < DAILY_UP_TO else 7


def trend(rows: Rows, first: date, last: date) -> list[Point]:
    """Return a point for each day, or for each week of a long stretch; days without presses too."""
    step = trend_step(first, last)
    starts = _starts(first, last, step)
    presses = Counter(_slot(press.at_ms, step) for press in rows.counted)
    satisfied = Counter(_slot(press.at_ms, step) for press in rows.counted if press.satisfied)
    visits = Counter(_slot(visit.issued_at_ms, step) for visit in rows.visits)
    waits: dict[int, list[int]] = {}
    for visit in rows.visits:
        if visit.wait_ms is not None:
            waits.setdefault(_slot(visit.issued_at_ms, step), []).append(visit.wait_ms)
    points = []
    for start in starts:
        slot = _slot_of_day(start.toordinal(), step)
        waited = sorted(waits.get(slot, []))
        points.append(
            Point(
                day=start.isoformat(),
                visits=visits[slot],
                satisfied=proportion(satisfied[slot], presses[slot]),
                wait_p90_ms=nearest_rank(waited, 90) if waited else None,
            )
        )
    return points


def _starts(first: date, last: date, step: int) -> list[date]:
    """The first day itself, then each day or each Monday after it."""
    next_one = first + timedelta(days=1 if step == 1 else 7 - first.weekday())
    count = max(0, -(-((last - next_one).days + 1) // step))
    return [first, *(next_one + timedelta(days=step * index) for index in range(count))]


def _slot(at_ms: int, step: int) -> int:
    return _slot_of_day(_local(at_ms)[0], step)


def _slot_of_day(ordinal: int, step: int) -> int:
    """A number that all days of a step share; weeks begin on Monday (day 1 of the calendar was one)."""
    return (ordinal - 1) // step


def _local(at_ms: int) -> tuple[int, int]:
    """Return the local day as `date.toordinal` counts it, and the milliseconds since its midnight."""
    days, in_day_ms = divmod(at_ms + EAST_MS, DAY_MS)
    return _EPOCH + days, in_day_ms
