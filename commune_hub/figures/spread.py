"""Times of many people as three figures: the usual one, the long one, the longest."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct


class Spread(Struct, frozen=True):
    """`median_ms`: half waited no longer; `p90_ms`: nine in ten waited no longer. None where `n` is 0."""

    n: int
    median_ms: int | None
    p90_ms: int | None
    longest_ms: int | None


def spread(times_ms: Iterable[int | None]) -> Spread:
    """Return the spread of the times that are known (None is left out).

    The nearest rank, so that each figure is a time that somebody really had: the p-th percentile of n
    sorted times is the one at rank ⌈p·n⌉.
    """
    known = sorted(each for each in times_ms if each is not None)
    if not known:
        return Spread(0, None, None, None)
    return Spread(len(known), nearest_rank(known, 50), nearest_rank(known, 90), known[-1])


def nearest_rank(ordered: list[int], percent: int) -> int:
    """Return the `percent`-th percentile of times in ascending order, at least one."""
    return ordered[max(0, -(-percent * len(ordered) // 100) - 1)]
