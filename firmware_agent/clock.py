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

    def exact_mono_ms(self) -> float:
        """Return milliseconds since boot as fine as the kernel tells them: what sound is timed by."""

    def wall_ahead_ms(self) -> float:
        """Return how far wall time is ahead of the time since boot, to the microsecond."""

    def synced(self) -> bool:
        """Tell whether the wall clock is synchronised."""

    def held_over_ms(self) -> int:
        """Return for how long a clock that counts as synchronised has not heard of its time service."""


def moment(clock: Clock) -> Moment:
    """Return the stamp that a fact of this instant carries."""
    return Moment(at_ms=clock.wall_ms(), mono_ms=clock.mono_ms(), boot=clock.boot, synced=clock.synced())


HOLDOVER_MS = 7 * 86_400_000
"""A clock that was synchronised counts as synchronised for so long after its time service fell silent.

A crystal at its worst (100 ppm) strays 60 s in 7 days; disciplined by NTP up to then, commonly under 10 s.
A village whose mobile link is gone for days still gets its bulletins in the right minute, and a bulletin may
begin minutes late anyway. See docs/time.md."""

STEP_MS = 1_000
"""A wall clock that moves by more than this against the time since boot was set by somebody."""


class Holdover:
    """Decide whether a clock counts as synchronised, from what the kernel says each time it is asked.

    The kernel calls a clock unsynchronised when it has not heard of its time service for some nine hours,
    though it hardly strays. Once the kernel has called it synchronised, it is trusted for HOLDOVER_MS more,
    unless it is set meanwhile: by whom, and by what, nobody knows then.
    """

    def __init__(self) -> None:
        self._synced_at_ms: int | None = None
        self._offset_ms = 0

    def synced(self, kernel_synced: bool, wall_ms: int, mono_ms: int) -> bool:
        """Take the kernel's word of this moment; return whether the wall time is to be trusted."""
        offset_ms = wall_ms - mono_ms
        if kernel_synced:
            self._synced_at_ms = mono_ms
            self._offset_ms = offset_ms
            return True
        if self._synced_at_ms is None:
            return False
        if abs(offset_ms - self._offset_ms) > STEP_MS or mono_ms - self._synced_at_ms > HOLDOVER_MS:
            self._synced_at_ms = None
            return False
        return True

    def held_ms(self, mono_ms: int) -> int:
        """Return how long the kernel has not called it synchronised; 0 while it does, or never did."""
        return 0 if self._synced_at_ms is None else max(0, mono_ms - self._synced_at_ms)


class _Timex(ctypes.Structure):
    """Room for the kernel's `struct timex` (adjtimex(2)): 208 bytes on 64-bit Linux, with reserve."""

    _fields_ = (("modes", ctypes.c_uint), ("rest", ctypes.c_byte * 508))


_TIME_ERROR = 5
"""adjtimex(2) returns this while the clock is not synchronised."""


READINGS = 3
"""So often both clocks are read, since a process may be held up between the two."""


def _read_both() -> tuple[int, float]:
    """Return how long the reading took (nanoseconds), and wall time less time since boot (milliseconds)."""
    before_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    wall_ns = time.time_ns()
    after_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    return after_ns - before_ns, (wall_ns - (before_ns + after_ns) // 2) / 1e6


class SystemClock:
    """The kernel's clocks."""

    def __init__(self) -> None:
        self._boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._holdover = Holdover()

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

    def exact_mono_ms(self) -> float:
        """Return milliseconds since boot, in fractions."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) / 1e6

    def wall_ahead_ms(self) -> float:
        """Read both clocks; of several readings the quickest is the truest."""
        return min(_read_both() for _ in range(READINGS))[1]

    def synced(self) -> bool:
        """Tell whether a time service (chrony, timesyncd) disciplines the clock, or did not long ago.

        Asks the kernel, and holds over its yes (`Holdover`): known to this process only, so that a node
        that was started anew without its time service says no, which is the safe side.
        """
        kernel_synced = self._kernel_synced()
        mono_ms = self.mono_ms()
        wall_ms = self.wall_ms()
        while self.mono_ms() - mono_ms > STEP_MS // 10:
            # The process was held up between the two: their difference would look like a clock that was set.
            mono_ms = self.mono_ms()
            wall_ms = self.wall_ms()
        return self._holdover.synced(kernel_synced, wall_ms, mono_ms)

    def held_over_ms(self) -> int:
        """Return how long ago the kernel last called the clock synchronised, as far as `synced` asked it."""
        return self._holdover.held_ms(self.mono_ms())

    def _kernel_synced(self) -> bool:
        timex = _Timex(modes=0)
        state = int(self._libc.adjtimex(ctypes.byref(timex)))
        return state not in (-1, _TIME_ERROR)
