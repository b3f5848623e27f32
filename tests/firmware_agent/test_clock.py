"""What a device knows of the time, and that it says how far to trust it."""

from __future__ import annotations

import time
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from firmware_agent.clock import HOLDOVER_MS, STEP_MS, Holdover, SystemClock, moment
from tests.support.clocks import TEN_O_CLOCK_MS, HandClock
from wire.codec import decode, encode
from wire.facts import Moment


def test_a_stamp_says_all_that_the_clock_knows() -> None:
    clock = HandClock(boot="boot-7", is_synced=False)
    clock.advance(2_500)
    assert moment(clock) == Moment(at_ms=TEN_O_CLOCK_MS + 2_500, mono_ms=3_500, boot="boot-7", synced=False)


def test_the_systems_clock_tells_utc_milliseconds() -> None:
    assert abs(SystemClock().wall_ms() - time.time() * 1_000) < 1_000


def test_the_time_since_boot_is_the_kernels_and_never_goes_back() -> None:
    clock = SystemClock()
    uptime_ms = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0]) * 1_000
    read = [clock.mono_ms() for _ in range(100)]
    assert read == sorted(read)
    assert abs(read[0] - uptime_ms) < 1_000


def test_the_boot_has_one_id_that_fits_into_a_stamp() -> None:
    assert SystemClock().boot == SystemClock().boot
    stamp = moment(SystemClock())
    assert decode(encode(stamp), Moment) == stamp


def test_whether_it_is_synchronised_is_asked_of_the_kernel() -> None:
    assert SystemClock().synced() in (True, False)


def test_a_clock_that_never_heard_of_the_time_is_not_held_over() -> None:
    assert not Holdover().synced(False, TEN_O_CLOCK_MS, 1_000)


def test_a_clock_counts_as_synchronised_for_its_holdover_and_no_longer() -> None:
    held = Holdover()
    assert held.synced(True, TEN_O_CLOCK_MS, 1_000)
    assert held.synced(False, TEN_O_CLOCK_MS + HOLDOVER_MS, 1_000 + HOLDOVER_MS)
    late_ms = HOLDOVER_MS + 1
    assert not held.synced(False, TEN_O_CLOCK_MS + late_ms, 1_000 + late_ms)
    assert not held.synced(False, TEN_O_CLOCK_MS + late_ms, 1_000 + late_ms)
    assert held.synced(True, TEN_O_CLOCK_MS + late_ms + 5, 1_005 + late_ms)
    assert held.synced(False, TEN_O_CLOCK_MS + late_ms + 6, 1_006 + late_ms)


def test_a_clock_that_is_set_without_a_time_service_is_trusted_no_more() -> None:
    held = Holdover()
    assert held.synced(True, TEN_O_CLOCK_MS, 1_000)
    assert not held.synced(False, TEN_O_CLOCK_MS + 61_000, 2_000)
    assert not held.synced(False, TEN_O_CLOCK_MS + 2_000, 3_000)


def test_a_time_service_may_set_the_clock() -> None:
    held = Holdover()
    assert held.synced(True, TEN_O_CLOCK_MS, 1_000)
    assert held.synced(True, TEN_O_CLOCK_MS + 3_600_000, 2_000)
    assert held.synced(False, TEN_O_CLOCK_MS + 3_601_000, 3_000)


@given(
    steps=st.lists(
        st.tuples(
            st.booleans(), st.integers(1, HOLDOVER_MS), st.sampled_from([0, 0, 0, 500, -500, 1_001, -5_000])
        ),
        max_size=30,
    )
)
def test_trust_always_goes_back_to_a_word_of_the_kernel(steps: list[tuple[bool, int, int]]) -> None:
    held, wall_ms, mono_ms, heard_ms, offset_ms = Holdover(), 0, 0, None, 0
    for kernel, passed_ms, set_by_ms in steps:
        mono_ms += passed_ms
        wall_ms += passed_ms + set_by_ms
        trusted = held.synced(kernel, wall_ms, mono_ms)
        if kernel:
            heard_ms, offset_ms = mono_ms, wall_ms - mono_ms
        assert trusted or not kernel
        if trusted:
            assert heard_ms is not None
            assert mono_ms - heard_ms <= HOLDOVER_MS
            assert abs(wall_ms - mono_ms - offset_ms) <= STEP_MS
