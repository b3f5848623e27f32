"""A sample of how a device feels."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_agent.health import memory_free_mb, sample_health
from tests.support.clocks import HandClock
from tests.support.hardware import BareHardware


@pytest.mark.parametrize(
    ("meminfo", "free_mb"),
    [
        ("MemTotal: 8000000 kB\nMemFree: 10 kB\nMemAvailable:    2000000 kB\n", 2048),
        ("MemTotal: 8000000 kB\n", 0),
        ("", 0),
    ],
)
def test_the_memory_that_is_available_is_read(meminfo: str, free_mb: int) -> None:
    assert memory_free_mb(meminfo) == free_mb


def test_a_sample_is_about_this_machine(tmp_path: Path) -> None:
    clock = HandClock()
    clock.advance(60_000)
    sample = sample_health(BareHardware(clock, celsius=61.5), tmp_path)
    assert sample.cpu_celsius == 61.5
    assert sample.uptime_s == 61
    assert sample.disk_free_mb > 0
    assert sample.memory_free_mb > 0
