"""Time as a device knows it. A Pi has no battery clock: wall time may be wrong, and the clock says so."""

from __future__ import annotations

import ctypes
import time
from pathlib import Path
from typing import Protocol

from wire.facts import Moment


class Clock(Protocol):
    """What a node may ask about time. Durations come from `mono_ms`, always."""

    @property
    def boot(self) -> str:
        """Id of this boot."""

    def wall_ms(self) -> int:
        """Return UTC milliseconds since 1970, as believed."""

    def mono_ms(self) -> int:
        """Return milliseconds since boot, sleep included; never goes back."""

    def synced(self) -> bool:
        """Tell whether the wall clock is synchronised."""


def moment(clock: Clock) -> Moment:
    """Return the stamp that a fact of this instant carries."""
    return Moment(at_ms=clock.wall_ms(), mono_ms=clock.mono_ms(), boot=clock.boot, synced=clock.synced())


class _Timex(ctypes.Structure):
    """Room for the kernel's `struct timex` (adjtimex(2)): 208 bytes on 64-bit Linux, with reserve."""

    _fields_ = (("modes", ctypes.c_uint), ("rest", ctypes.c_byte * 508))


_TIME_ERROR = 5
"""adjtimex(2) returns this while the clock is not synchronised."""


class SystemClock:
    """The kernel's clocks."""

    def __init__(self) -> None:
        self._boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        self._libc = ctypes.CDLL(None, use_errno=True)

    @property
    def boot(self) -> str:
        """Id of this boot, from the kernel."""
        return self._boot

    def wall_ms(self) -> int:
        """Return UTC milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    def mono_ms(self) -> int:
        """Return milliseconds since boot (CLOCK_BOOTTIME)."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000

    def synced(self) -> bool:
        """Ask the kernel whether a time service (chrony, timesyncd) disciplines the clock."""
        timex = _Timex(modes=0)
        state = int(self._libc.adjtimex(ctypes.byref(timex)))
        return state not in (-1, _TIME_ERROR)
