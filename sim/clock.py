"""The clocks of a simulated commune: a device's clock that may be wrong, and the run's own time line."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
from msgspec import Struct

from firmware_agent.clock import SystemClock
from firmware_agent.files import write_durably

START_FILE = "start.json"


class SimClock(SystemClock):
    """A device's clock: right and synchronised unless told otherwise.

    `ahead_s` is how far its wall time is ahead of the truth, `is_synced` what it believes of itself.
    """

    def __init__(self, ahead_s: float = 0.0, is_synced: bool = True) -> None:
        super().__init__()
        self._ahead_ms = round(ahead_s * 1000)
        self._is_synced = is_synced

    def wall_ms(self) -> int:
        """Return UTC milliseconds since 1970, as this device believes."""
        return super().wall_ms() + self._ahead_ms

    def wall_ahead_ms(self) -> float:
        """Return how far wall time, as this device believes it, is ahead of the time since boot."""
        return super().wall_ahead_ms() + self._ahead_ms

    def synced(self) -> bool:
        """Tell whether the device believes that its wall clock is right."""
        return self._is_synced


class Start(Struct, frozen=True):
    """When a run began, on both clocks of the machine. Every `t` of the run counts from here.

    CLOCK_MONOTONIC is one for all processes of the machine, so each of them can say the same `t`.
    """

    wall_ms: int
    mono_ns: int

    def now_s(self) -> float:
        """Return seconds since the run's start."""
        return (time.monotonic_ns() - self.mono_ns) / 1e9

    def now_ms(self) -> int:
        """Return milliseconds since the run's start."""
        return (time.monotonic_ns() - self.mono_ns) // 1_000_000

    def at_mono_s(self, mono_s: float) -> float:
        """Return the run's time of a moment of CLOCK_MONOTONIC in seconds."""
        return mono_s - self.mono_ns / 1e9

    def at_wall_ms(self, t_s: float) -> int:
        """Return the UTC milliseconds of the moment `t_s` of the run."""
        return self.wall_ms + round(t_s * 1000)

    def since_s(self, wall_ms: float) -> float:
        """Return the run's time of a moment in UTC milliseconds."""
        return (wall_ms - self.wall_ms) / 1000


def begin_run(directory: Path) -> Start:
    """Note in the run's directory that it begins now."""
    start = Start(wall_ms=time.time_ns() // 1_000_000, mono_ns=time.monotonic_ns())
    write_durably(directory / START_FILE, msgspec.json.encode(start))
    return start


def read_start(directory: Path) -> Start:
    """Read when the run in `directory` began; raises OSError, or ValueError for a file that is not ours."""
    try:
        return msgspec.json.decode((directory / START_FILE).read_bytes(), type=Start)
    except msgspec.DecodeError as error:
        raise ValueError(f"{directory / START_FILE}: {error}") from None
