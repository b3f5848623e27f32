"""What a measurement is, and how it is taken: in turns with its peer, so that both meet the same machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

ROUNDS = 5


@dataclass(frozen=True)
class Measured:
    """Ours beside its peer, medians over the rounds; `ratio` is ours ÷ peer."""

    name: str
    unit: str
    better: str
    """`higher` or `lower`."""
    ours: float
    peer: float
    peer_is: str
    ratio: float | None
    """None where the peer's figure is 0."""
    rounds_ours: list[float]
    rounds_peer: list[float]

    def as_json(self) -> dict[str, Any]:
        """Return it for build/bench.json."""
        return asdict(self)


@dataclass(frozen=True)
class Skipped:
    """A measurement that could not be taken here, and why."""

    name: str
    why: str

    def as_json(self) -> dict[str, Any]:
        """Return it for build/bench.json."""
        return asdict(self)


Found = Measured | Skipped | list[Measured | Skipped]


def side_by_side(
    name: str,
    unit: str,
    better: str,
    ours: Callable[[], float],
    peer: Callable[[], float],
    peer_is: str,
    rounds: int = ROUNDS,
) -> Measured:
    """Call `ours` and `peer` in turns, each returning one figure in `unit`."""
    ours_all: list[float] = []
    peer_all: list[float] = []
    for _ in range(rounds):
        ours_all.append(ours())
        peer_all.append(peer())
    ours_median, peer_median = statistics.median(ours_all), statistics.median(peer_all)
    return Measured(
        name,
        unit,
        better,
        ours_median,
        peer_median,
        peer_is,
        ours_median / peer_median if peer_median else None,
        ours_all,
        peer_all,
    )


def one_to_one(name: str, unit: str, better: str, ours: float, peer: float, peer_is: str) -> Measured:
    """One figure of a long run beside one other: a goal, a limit."""
    return Measured(name, unit, better, ours, peer, peer_is, ours / peer if peer else None, [ours], [peer])


def per_second(count: int, work: Callable[[], object]) -> float:
    """Return how many of `count` things `work` does in a second."""
    start_s = time.perf_counter()
    work()
    return count / (time.perf_counter() - start_s)
