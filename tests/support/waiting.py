"""Wait for something to become true, with a deadline, instead of sleeping and hoping."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LOOK_EVERY_S = 0.02

HANGS_S = 60.0
"""What takes longer hangs: the deadline of all that takes a moment on an idle machine. One that is busy
elsewhere takes seconds, and no test may fail by that."""


def await_condition(check: Callable[[], T], within_s: float = HANGS_S) -> T:
    """Call `check` again and again until what it returns is truthy, and return that.

    Fails with the last thing returned when the time is over.
    """
    deadline_s = time.monotonic() + within_s
    while True:
        found = check()
        if found:
            return found
        assert time.monotonic() < deadline_s, f"not within {within_s} s; last seen: {found!r}"
        time.sleep(LOOK_EVERY_S)
