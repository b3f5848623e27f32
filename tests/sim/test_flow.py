"""How long bytes are on their way: bandwidth is shared, latency is not, nothing overtakes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.flow import MOBILE, PERFECT, Quality, Way

CHANCE = random.Random(1)


def test_a_cable_takes_no_time() -> None:
    assert Way().arrival_s(5.0, 1_000_000, PERFECT, CHANCE) == 5.0


def test_bandwidth_adds_up_and_latency_does_not() -> None:
    way, quality = Way(), Quality(latency_s=0.3, bytes_per_s=1_000)
    assert [way.arrival_s(0.0, 500, quality, CHANCE) for _ in range(3)] == pytest.approx([0.8, 1.3, 1.8])
    assert way.arrival_s(10.0, 500, quality, CHANCE) == pytest.approx(10.8), "what was idle is not saved up"


@given(
    sizes=st.lists(st.tuples(st.floats(0, 2), st.integers(0, 4_000)), min_size=1, max_size=40),
    seed=st.integers(0, 99),
)
def test_nothing_overtakes_and_no_second_carries_more_than_it_can(
    sizes: list[tuple[float, int]], seed: int
) -> None:
    way, chance, now_s = Way(), random.Random(seed), 0.0
    arrivals = []
    for pause_s, size in sizes:
        now_s += pause_s
        arrivals.append(way.arrival_s(now_s, size, MOBILE, chance))
        assert arrivals[-1] >= now_s + MOBILE.latency_s
    assert arrivals == sorted(arrivals)
    total = sum(size for _, size in sizes)
    assert MOBILE.bytes_per_s is not None
    assert arrivals[-1] >= sizes[0][0] + total / MOBILE.bytes_per_s


@pytest.mark.parametrize(("bytes_per_s", "piece"), [(None, 65_536), (500, 256), (16_000, 800), (1e9, 65_536)])
def test_a_throttled_line_trickles(bytes_per_s: float | None, piece: int) -> None:
    assert Quality(bytes_per_s=bytes_per_s).piece_bytes == piece
