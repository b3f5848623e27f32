"""Heed SIGTERM and SIGINT without ever getting stuck in it.

Python runs a signal's handler on the main thread, between any two of its steps: also while that thread holds
the lock of the very `Event` that it is about to wait for. A handler that sets the event then waits for ever
for a lock that its own thread holds. So handlers here only leave a word in a `SimpleQueue`, which is made for
that, and a thread of its own acts on it.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from queue import SimpleQueue
from types import FrameType

ENDING = (signal.SIGTERM, signal.SIGINT)
"""What a process is asked by to end in order."""


class Heeded:
    """A signal's handler that lets `act` be called once for each signal, on another thread.

    signal.signal(signal.SIGTERM, Heeded(stop.set))
    """

    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act
        self._came: SimpleQueue[int] = SimpleQueue()
        threading.Thread(target=self._heed, name="signals", daemon=True).start()

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        """Pass the signal on."""
        self._came.put(number)

    def _heed(self) -> None:
        while True:
            self._came.get()
            self._act()


def stop_on_signals() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    heeded = Heeded(stop.set)
    for number in ENDING:
        signal.signal(number, heeded)
    return stop
