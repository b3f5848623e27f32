"""A device that floods is refused, in time, and only it."""

from __future__ import annotations

import contextlib

import pytest

from commune_hub.intake.bucket import DEVICES_MAX, MESSAGES_AT_ONCE, MESSAGES_PER_S, PACED, Buckets
from wire.codec import WireError


def admitted(buckets: Buckets, device: str, at_ms: int) -> bool:
    with contextlib.suppress(WireError):
        buckets.check(device, at_ms)
        return True
    return False


def test_it_is_refused_by_its_name() -> None:
    buckets = Buckets(per_s=10, at_once=0)
    with pytest.raises(WireError, match="quay sends more than 10 messages a second") as refused:
        buckets.check("quay", 0)
    assert refused.value.reason == PACED


def test_a_flood_gets_its_burst_and_then_its_rate_and_the_neighbour_everything() -> None:
    buckets = Buckets()
    through = neighbour = 0
    for tenth_ms in range(100_000):  # ten seconds of 10,000 messages a second
        at_ms = tenth_ms // 10
        through += admitted(buckets, "flood", at_ms)
        if tenth_ms % 1_000 == 0:
            neighbour += admitted(buckets, "quay", at_ms)
    assert through == pytest.approx(MESSAGES_AT_ONCE + 10 * MESSAGES_PER_S, rel=0.01)
    assert neighbour == 100


def test_after_a_pause_the_bucket_is_full_again_and_no_fuller() -> None:
    buckets = Buckets(per_s=10, at_once=5)
    assert [admitted(buckets, "quay", 0) for _ in range(6)] == [True] * 5 + [False]
    assert [admitted(buckets, "quay", 60_000) for _ in range(6)] == [True] * 5 + [False]


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing() -> None:
    buckets = Buckets(per_s=10, at_once=1)
    assert admitted(buckets, "quay", 1_000)
    assert not admitted(buckets, "quay", 0)
    assert admitted(buckets, "quay", 100)


def test_invented_devices_do_not_fill_the_memory_nor_empty_the_bucket_of_a_flood() -> None:
    buckets = Buckets(per_s=1, at_once=3)
    while admitted(buckets, "flood", 0):
        pass
    for number in range(DEVICES_MAX + 10):
        admitted(buckets, f"pi-{number}", 0)
    assert not admitted(buckets, "flood", 0)
    assert len(buckets) <= DEVICES_MAX
