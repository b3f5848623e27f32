"""A clock that a test sets by hand."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

TEN_O_CLOCK_MS = 1_767_236_400_000
"""2026-01-01 10:00 in Vietnam."""


@dataclass
class HandClock:
    """Stands still until `advance`; knows only what the test told it."""

    boot: str = "boot-1"
    is_synced: bool = True
    held_ms: int = 0
    _wall_ms: int = TEN_O_CLOCK_MS
    _mono_ms: int = 1_000
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wall_ms(self) -> int:
        return self._wall_ms

    def mono_ms(self) -> int:
        return self._mono_ms

    def exact_mono_ms(self) -> float:
        return float(self.mono_ms())

    def wall_ahead_ms(self) -> float:
        return float(self._wall_ms - self._mono_ms)

    def synced(self) -> bool:
        return self.is_synced

    def held_over_ms(self) -> int:
        return self.held_ms

    def advance(self, by_ms: int) -> None:
        """Let time pass, on the wall and since boot."""
        with self._lock:
            self._wall_ms += by_ms
            self._mono_ms += by_ms

    def set_wall(self, wall_ms: int) -> None:
        """Put the hands elsewhere, as a time server or a bad battery does."""
        self._wall_ms = wall_ms


@dataclass
class RunningClock(HandClock):
    """Runs with the machine's monotonic clock, and can be advanced on top of that."""

    _started_s: float = field(default_factory=time.monotonic)

    def wall_ms(self) -> int:
        return self._wall_ms + self._run_ms()

    def mono_ms(self) -> int:
        return self._mono_ms + self._run_ms()

    def exact_mono_ms(self) -> float:
        return self._mono_ms + (time.monotonic() - self._started_s) * 1_000

    def _run_ms(self) -> int:
        return int((time.monotonic() - self._started_s) * 1_000)
