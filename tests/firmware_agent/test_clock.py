"""What a device knows of the time, and that it says how far to trust it."""

from __future__ import annotations

import time
from pathlib import Path

from firmware_agent.clock import SystemClock, moment
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
