"""Simulated pins: gpiozero's mock factory, with contacts that bounce and callbacks on another thread.

The library's mock changes a line in one clean edge and calls back in the caller's own thread; a real contact
chatters for milliseconds, and edges are told on a thread of their own.
"""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPin

from sim.control import ControlError

STATES_KEPT = 64
"""The library's mock keeps every state for ever."""

BOUNCES_MAX = 6
BOUNCE_MIN_S = 0.0002
BOUNCE_TRAIN_S = 0.020
"""Contacts of push buttons chatter between 0.2 and 20 ms, rarely longer."""

FINGERS = 8
"""Presses that may be under way at a time."""


class _BoundedPin(MockPin):  # type: ignore[misc]
    """A mock pin that forgets old states, and whose edges are stamped when they were meant to be.

    On a Pi the kernel stamps an edge at the pin. Here a busy machine may let the finger's thread wait for
    longer than any contact bounces; stamped late, one press would truly be two.
    """

    stamp_s: float | None = None

    def _change_state(self, value: bool) -> bool:
        changed = bool(super()._change_state(value))
        if changed and self.stamp_s is not None:
            self._last_change = self.stamp_s
        del self.states[:-STATES_KEPT]
        return changed


class SimPins:
    """Pins of one node: buttons to press, lamps to look at.

    pins = SimPins(seed=7)
    button = Button(17, pin_factory=pins.factory)
    pins.press(17)          # down and up again, with bounces; returns when the button is at rest
    pins.hold(17)           # stuck, until pins.free(17)
    pins.chatter(17, 3.0)   # a loose wire
    pins.lamp(5)
    """

    def __init__(self, seed: int) -> None:
        self.factory: Any = MockFactory(pin_class=_BoundedPin)
        """What gpiozero's devices are made with."""
        self._random = random.Random(seed)
        self._edges = threading.Lock()
        self._fingers = ThreadPoolExecutor(FINGERS, thread_name_prefix="finger")

    def press(self, pin: int, hold_s: float = 0.15) -> None:
        """Press the button at `pin` (wired to ground, pulled up) for `hold_s`; raises ControlError."""
        line = self._line(pin)
        self._fingers.submit(self._press, line, hold_s, self._train(), self._train()).result()

    def hold(self, pin: int) -> None:
        """Let the button at `pin` stick, or short its wire: down until `free`; raises ControlError."""
        self._fingers.submit(self._drive, self._line(pin), time.monotonic(), down=True).result()

    def free(self, pin: int) -> None:
        """Let the button at `pin` come up; raises ControlError."""
        self._fingers.submit(self._drive, self._line(pin), time.monotonic(), down=False).result()

    def chatter(self, pin: int, for_s: float, every_s: float = 0.05) -> None:
        """Let a loose wire at `pin` make and break contact every `every_s` seconds; raises ControlError.

        Returns when it has come to rest, open.
        """
        line = self._line(pin)
        pauses_s = [every_s] * (2 * max(1, round(for_s / every_s / 2)) - 1)
        self._fingers.submit(self._chatter, line, pauses_s, time.monotonic(), down=True).result()

    def lamp(self, pin: int) -> bool:
        """Tell whether the lamp at `pin` is lit."""
        return bool(self.factory.pin(pin).state)

    def close(self) -> None:
        """Let go of the pins."""
        self._fingers.shutdown()
        self.factory.close()

    def _line(self, pin: int) -> Any:
        line = self.factory.pin(pin)
        if line.function != "input" or line.pull != "up":
            raise ControlError(f"chân {pin}: không có nút nào nối ở đó (no button is wired to this pin)")
        return line

    def _train(self) -> list[float]:
        """Return how long the contact stays at each bounce, seconds; nothing for a clean edge."""
        with self._edges:
            count = self._random.randint(0, BOUNCES_MAX)
            longest_s = BOUNCE_TRAIN_S / (2 * BOUNCES_MAX)
            return [self._random.uniform(BOUNCE_MIN_S, longest_s) for _ in range(2 * count)]

    def _press(self, line: Any, hold_s: float, closing: list[float], opening: list[float]) -> None:
        closed_s = self._chatter(line, closing, time.monotonic(), down=True)
        time.sleep(max(0.0, closed_s + hold_s - time.monotonic()))
        self._chatter(line, opening, max(closed_s + hold_s, time.monotonic()), down=False)

    def _chatter(self, line: Any, pauses_s: list[float], at_s: float, *, down: bool) -> float:
        """Bring the line to its new state through bounces; an even number of pauses ends there.

        The first edge is at `at_s`; returns when the last one was.
        """
        state = down
        self._drive(line, at_s, down=state)
        for pause_s in pauses_s:
            at_s += pause_s
            time.sleep(max(0.0, at_s - time.monotonic()))
            state = not state
            self._drive(line, at_s, down=state)
        return at_s

    def _drive(self, line: Any, at_s: float, *, down: bool) -> None:
        # One edge at a time over all pins: real edges are told by one thread.
        with self._edges:
            line.stamp_s = at_s
            if down:
                line.drive_low()
            else:
                line.drive_high()
            line.stamp_s = None
