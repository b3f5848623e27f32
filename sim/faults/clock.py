"""A device's clocks in virtual time: no battery, so the wall begins in 1970; the other one drifts."""

from __future__ import annotations

import random

from sim.faults.schedule import Schedule

TRUE_START_MS = 1_767_236_400_000
"""The true wall time at virtual time 0: 2026-01-01 10:00 in Vietnam."""
DRIFT_PPM_MAX = 200
"""How much faster or slower than the truth a cheap quartz runs at most."""


class FaultyClock:
    """The clock of one boot; speaks `firmware_agent.clock.Clock`."""

    def __init__(
        self,
        schedule: Schedule,
        chance: random.Random,
        boot: str,
        true_start_ms: int = TRUE_START_MS,
        drift_ppm_max: float = DRIFT_PPM_MAX,
    ) -> None:
        """`true_start_ms`: the true wall time at virtual time 0."""
        self._schedule = schedule
        self._true_start_ms = true_start_ms
        self._booted_ms = schedule.now_ms
        self._rate = 1 + chance.uniform(-drift_ppm_max, drift_ppm_max) / 1e6
        self._boot = boot
        self._wall_at_boot_ms = 0
        self._synced = False

    @property
    def boot(self) -> str:
        """Id of this boot."""
        return self._boot

    def mono_ms(self) -> int:
        """Return milliseconds since this boot, as the quartz counts them."""
        return int((self._schedule.now_ms - self._booted_ms) * self._rate)

    def wall_ms(self) -> int:
        """Return the wall time as believed."""
        return max(0, self._wall_at_boot_ms + self.mono_ms())

    def exact_mono_ms(self) -> float:
        """Return milliseconds since this boot, in fractions."""
        return (self._schedule.now_ms - self._booted_ms) * self._rate

    def wall_ahead_ms(self) -> float:
        """Return how far the wall time, as believed, is ahead of the time since boot."""
        return float(self._wall_at_boot_ms)

    def synced(self) -> bool:
        """Tell whether a time server was reached since boot."""
        return self._synced

    def held_over_ms(self) -> int:
        """Return 0: this clock is not held over."""
        return 0

    def sync(self) -> None:
        """A time server was reached."""
        self._wall_at_boot_ms = self._true_start_ms + self._schedule.now_ms - self.mono_ms()
        self._synced = True

    def jump(self, by_ms: int) -> None:
        """Somebody, or a bad server, puts the hands elsewhere."""
        self._wall_at_boot_ms += by_ms
