"""How long who takes a number now will wait: an honest range, or nothing. Pure arithmetic, no chance in it.

Whoever comes when all `c` counters are busy and `n` stand before him waits for `n + 1` counters to become
free: with service times of mean s and spread σ that takes (n·s + r) / c on average, where r = (s + σ²/s) / 2
is what is left of a visit that somebody happens upon (renewal theory, the inspection paradox). Its spread is
that of the sum, of what the other counters still have to do when he is called, and of not knowing s better
than from so many visits. Sums of service times are close to a
gamma distribution; its percentiles come from the Wilson-Hilferty approximation (Proc. N.A.S. 17, 1931).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pvariance

KNOWN_LEAST = 8
"""Visits of which the length must be known before anything is said."""
KNOWN_MAX = 400
"""Visits of one field that are looked at, the newest."""
Z_90 = 1.2816
"""The 90th percentile of the normal distribution; the 10th is its negative."""
ROUND_MIN = 5
TOLD_MAX_MIN = 240
"""Of longer waits nothing is said: lunch, closing time and people who leave weigh more than any sum."""
GAP_MAX_MS = 10 * 60_000
"""A counter that calls the next one within so long went on without a rest."""
SERVED_MAX_MS = 3 * 3_600_000
"""A visit of more is one that nobody ended."""


@dataclass(frozen=True)
class Served:
    """A visit that was called at a counter, as far as its length goes. Times in milliseconds, UTC."""

    field: str
    counter: str
    issued_ms: int
    called_ms: int
    ended_ms: int


@dataclass(frozen=True)
class Length:
    """How long visits take, minutes."""

    mean_min: float
    variance: float
    known: int


@dataclass(frozen=True)
class Lengths:
    """How long visits take by field, and on the whole: lengths.of("ho-tich").mean_min."""

    by_field: Mapping[str, Length]
    on_the_whole: Length

    def of(self, field: str) -> Length:
        """Return that of a field; of too few visits nothing of its own is known."""
        return self.by_field.get(field, self.on_the_whole)

    def of_one(self, fields: Collection[str]) -> Length:
        """Return that of visits which are all of one of these fields."""
        return self.of(next(iter(fields))) if len(fields) == 1 else self.on_the_whole


@dataclass(frozen=True)
class Line:
    """Whom somebody finds before him who comes now.

    `ahead` are the visits that will be called before his, `counters` how many call for him, `free` how many
    of these serve nobody.
    """

    ahead: Sequence[Length]
    counters: int
    free: int = 0


def service_times(visits: Iterable[Served]) -> dict[str, list[float]]:
    """Return by field how many minutes a counter was taken up by each visit, the oldest first.

    While somebody waits that is from call to call, the walk to the counter included; else from call to end.
    """
    by_counter: dict[str, list[Served]] = defaultdict(list)
    for visit in visits:
        by_counter[visit.counter].append(visit)
    timed: list[tuple[int, str, float]] = []
    for served in by_counter.values():
        served.sort(key=lambda each: each.called_ms)
        for visit, following in zip(served, [*served[1:], None], strict=True):
            until_ms = visit.ended_ms
            if following is not None and following.issued_ms <= visit.ended_ms:
                gap_ms = following.called_ms - visit.ended_ms
                until_ms = following.called_ms if 0 <= gap_ms <= GAP_MAX_MS else until_ms
            if 0 < until_ms - visit.called_ms <= SERVED_MAX_MS:
                timed.append((visit.called_ms, visit.field, (until_ms - visit.called_ms) / 60_000))
    found: dict[str, list[float]] = defaultdict(list)
    for _, field, taken_min in sorted(timed):
        found[field].append(taken_min)
    return dict(found)


def lengths(times_min: Mapping[str, Sequence[float]]) -> Lengths | None:
    """Return how long visits take; None while that is known of too few."""
    pooled = [each for times in times_min.values() for each in times[-KNOWN_MAX:]]
    if len(pooled) < KNOWN_LEAST:
        return None
    known = {
        field: _length(times[-KNOWN_MAX:]) for field, times in times_min.items() if len(times) >= KNOWN_LEAST
    }
    return Lengths(known, _length(pooled))


def wait_range(line: Line, served_now: Length) -> tuple[float, float] | None:
    """Return (10th, 90th percentile) of the waiting time, minutes; None while no counter calls.

    `served_now` is the length of visits such as those that the counters serve now.
    """
    if line.counters <= 0:
        return None
    if line.free > 0 and not line.ahead:
        return 0.0, 0.0
    left = (served_now.mean_min + served_now.variance / served_now.mean_min) / 2
    all_visits = [*line.ahead, served_now]
    mean = (sum(each.mean_min for each in line.ahead) + left) / line.counters
    of_the_sum = sum(each.variance for each in line.ahead) + max(served_now.variance, left**2)
    of_the_others = left**2 * (line.counters - 1) / 2
    of_knowing = fmean(each.variance / each.known for each in all_visits) * len(all_visits) ** 2
    variance = (of_the_sum + of_the_others + of_knowing) / line.counters**2
    return _gamma_percentile(mean, variance, -Z_90), _gamma_percentile(mean, variance, Z_90)


def told_range(range_min: tuple[float, float] | None) -> tuple[int, int] | None:
    """Return the range as people are told it: outwards to five minutes; None where nothing is to be said."""
    if range_min is None or range_min[1] > TOLD_MAX_MIN:
        return None
    low = math.floor(range_min[0] / ROUND_MIN) * ROUND_MIN
    high = math.ceil(range_min[1] / ROUND_MIN) * ROUND_MIN
    return low, max(high, low + ROUND_MIN)


def _length(times_min: Sequence[float]) -> Length:
    return Length(fmean(times_min), pvariance(times_min), len(times_min))


def _gamma_percentile(mean: float, variance: float, z: float) -> float:
    if variance <= 0:
        return mean
    shape = mean**2 / variance
    root = 1 - 1 / (9 * shape) + z / (3 * math.sqrt(shape))
    return float(mean * max(0.0, root) ** 3)
