"""The stop button at the pole: told within a few hundredths of a second, whatever else the node is doing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

SETTLE_S = 0.03
"""Down for so long is a press: contacts bounce up to 20 ms, and lightning is shorter."""

LONG_S = 3.0
"""Held for so long is a long press."""

STUCK_S = 20.0
"""Held for longer it is no hand."""

GOODBYE_S = 2.0


class StopButton:
    """A button wired to ground at a pin, watched on a thread of its own.

        button = StopButton(factory, pin, on_press, on_long_press)
        button.stuck        # down for longer than any hand, also from the start
        button.close()

    Both are called from the button's thread: `on_press` SETTLE_S after it went down, `on_long_press` when it
    is still down LONG_S later. A button that is down from the start says nothing until it was up.
    """

    def __init__(
        self, factory: Any, pin: int, on_press: Callable[[], None], on_long_press: Callable[[], None]
    ) -> None:
        from gpiozero import Button

        self._on_press = on_press
        self._on_long_press = on_long_press
        self._down = threading.Event()
        self._up = threading.Event()
        self._closed = threading.Event()
        self._button = Button(pin, pull_up=True, bounce_time=None, pin_factory=factory)
        self._button.when_pressed = self._down.set
        self._button.when_released = self._up.set
        self.stuck = False
        self._thread = threading.Thread(target=self._watch, name="stop-button", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Give the pin back."""
        self._closed.set()
        self._down.set()
        self._up.set()
        self._thread.join(GOODBYE_S)
        self._button.close()

    def _watch(self) -> None:
        self._until_up(STUCK_S)
        while not self._closed.is_set():
            self._down.wait()
            self._down.clear()
            if not self._closed.wait(SETTLE_S) and self._button.is_pressed:
                self._on_press()
                if not self._until_up(LONG_S):
                    self._on_long_press()
                    self._until_up(STUCK_S)

    def _until_up(self, most_s: float) -> bool:
        """Wait until the button is up, however long; with `most_s` below STUCK_S give up then: False."""
        rest_s = most_s
        while self._button.is_pressed and not self._closed.is_set():
            self._up.clear()
            if not self._button.is_pressed or self._up.wait(rest_s):
                continue
            if most_s < STUCK_S:
                return False
            self.stuck = True
            rest_s = 1.0
        self.stuck = False
        return True
