"""How a device feels: heat, disk, memory, uptime."""

from __future__ import annotations

import shutil
from pathlib import Path

from firmware_agent.hardware import Hardware
from wire.facts import HealthSampled


def sample_health(hardware: Hardware, directory: Path) -> HealthSampled:
    """Return a sample; the disk is the one that holds `directory`."""
    return HealthSampled(
        cpu_celsius=hardware.cpu_celsius(),
        disk_free_mb=shutil.disk_usage(directory).free // 1_000_000,
        memory_free_mb=memory_free_mb(Path("/proc/meminfo").read_text(encoding="ascii")),
        uptime_s=hardware.clock.mono_ms() // 1000,
    )


def memory_free_mb(meminfo: str) -> int:
    """Return the available memory from the text of /proc/meminfo (proc(5): `MemAvailable: N kB`)."""
    for line in meminfo.splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024 // 1_000_000
    return 0
