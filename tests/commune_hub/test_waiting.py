"""The waiting time that citizens are told: it holds as often as it says, and nothing is said without need."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator

import pytest

from commune_hub.documents.waiting import (
    KNOWN_LEAST,
    Length,
    Line,
    Served,
    lengths,
    service_times,
    told_range,
    wait_range,
)

MINUTE_MS = 60_000


class Office:
    """A morning of arrivals and visits; the truth that estimates are held against."""

    def __init__(self, chance: random.Random, counters: int, spread: float) -> None:
        self.chance = chance
        self.counters = counters
        self.spread = spread
        """Coefficient of variation of the visits' lengths."""
        self.means = {"ngan": 4.0, "dai": 14.0}

    def length(self, field: str) -> float:
        shape = 1 / self.spread**2
        return self.chance.gammavariate(shape, self.means[field] / shape)

    def day(self, people: int, load: float) -> Iterator[tuple[str, int, list[str], int, float]]:
        """Yield (field, counters, fields ahead, free counters, the wait that it became)."""
        gap = sum(self.means.values()) / 2 / self.counters / load
        free_at = [0.0] * self.counters
        waiting: list[tuple[float, str]] = []
        now = 0.0
        for _ in range(people):
            now += self.chance.expovariate(1 / gap)
            field = self.chance.choice(list(self.means))
            waiting = [each for each in waiting if each[0] > now]
            idle = sum(each <= now for each in free_at)
            begins = max(now, heapq.heappop(free_at))
            heapq.heappush(free_at, begins + self.length(field))
            yield field, self.counters, [each for _, each in waiting], idle, begins - now
            if begins > now:
                waiting.append((begins, field))


def learnt(office: Office, known: int) -> dict[str, list[float]]:
    return {field: [office.length(field) for _ in range(known)] for field in office.means}


@pytest.mark.parametrize("counters", [1, 2, 5])
@pytest.mark.parametrize("spread", [0.4, 1.0])
@pytest.mark.parametrize("known", [12, 200])
def test_the_range_holds_the_true_wait_about_as_often_as_it_says(
    counters: int, spread: float, known: int
) -> None:
    office = Office(random.Random(7), counters, spread)
    held, asked, short, long = 0, 0, 0, 0
    for _ in range(40):
        times = lengths(learnt(office, known))
        assert times is not None
        for _, open_, ahead, free, waited in office.day(60, load=0.97):
            if free and not ahead:
                continue
            found = wait_range(Line([times.of(each) for each in ahead], open_), times.on_the_whole)
            assert found is not None
            asked += 1
            held += found[0] <= waited <= found[1]
            short += waited < found[0]
            long += waited > found[1]
    assert asked > 500
    assert 0.70 <= held / asked <= 0.95, (held / asked, short / asked, long / asked)


def test_nothing_is_said_of_too_few_visits_or_with_no_counter_open() -> None:
    assert lengths({"a": [5.0] * (KNOWN_LEAST - 1)}) is None
    some = lengths({"a": [5.0] * (KNOWN_LEAST - 1), "b": [7.0] * KNOWN_LEAST})
    assert some is not None
    assert some.of("b").mean_min == 7.0
    assert some.of("a") == some.on_the_whole, "too few of its own"
    assert wait_range(Line([], 0), some.on_the_whole) is None
    assert told_range(None) is None


def test_a_free_counter_is_no_wait_and_a_longer_line_a_longer_one() -> None:
    each = Length(6.0, 9.0, 100)
    assert told_range(wait_range(Line([], 3, free=1), each)) == (0, 5)
    one, ten, shared = (
        wait_range(Line([each] * ahead, counters), each) for ahead, counters in ((1, 1), (10, 1), (10, 4))
    )
    assert one is not None
    assert ten is not None
    assert shared is not None
    assert one[1] < ten[0]
    assert shared[1] < ten[0]
    assert told_range(ten) == (50, 80)
    assert told_range(wait_range(Line([each] * 60, 1), each)) is None, "hours: nothing is promised"


@pytest.mark.parametrize(
    ("range_min", "told"),
    [((0.0, 0.0), (0, 5)), ((9.9, 24.1), (5, 25)), ((10.0, 25.0), (10, 25)), ((5.0, 5.0), (5, 10))],
)
def test_people_are_told_five_minutes_outwards(range_min: tuple[float, float], told: tuple[int, int]) -> None:
    assert told_range(range_min) == told


def test_a_visit_lasts_to_the_next_call_only_while_somebody_waits() -> None:
    def served(issued: float, called: float, ended: float, counter: str = "quay-1") -> Served:
        return Served("a", counter, *(round(each * MINUTE_MS) for each in (issued, called, ended)))

    pressed = [served(0, 1, 5), served(2, 6, 9), served(20, 21, 24)]
    assert service_times(pressed) == {"a": [5.0, 3.0, 3.0]}
    rested = [served(0, 1, 5), served(2, 40, 44)]
    assert service_times(rested) == {"a": [4.0, 4.0]}, "a rest is no visit"
    forgotten = [served(0, 1, 500), served(0, 2, 7, "quay-2")]
    assert service_times(forgotten) == {"a": [5.0]}
