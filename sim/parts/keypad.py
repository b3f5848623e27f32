"""A simulated number pad: keys that a person presses, and a plug that comes out."""

from __future__ import annotations

import threading
from collections import deque

from firmware_agent.hardware import HardwareError
from firmware_agent.pi.evdev_keypad import KEYS
from sim.control import ControlError

PRESSED_MAX = 256
"""Keys that wait for the node, as many as the kernel keeps for a slow reader."""

NAMES = frozenset(KEYS.values())


class SimKeypad:
    """pad.press(["7", "enter"]); node: pad.keys() → ["7", "enter"]

    pad.hold("enter"): it is stuck, or something lies on it, until pad.free("enter").
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pressed: deque[str] = deque(maxlen=PRESSED_MAX)
        self._down: set[str] = set()
        self._plugged = True

    def press(self, names: list[str]) -> None:
        """Press these keys one after the other; raises ControlError for a key that the pad has not.

        Keys of a pad that is unplugged reach nobody.
        """
        _check(names)
        with self._lock:
            if self._plugged:
                self._pressed.extend(names)

    def hold(self, name: str) -> None:
        """Press a key and leave it down until `free`; raises ControlError for a key it has not."""
        _check([name])
        with self._lock:
            if self._plugged and name not in self._down:
                self._pressed.append(name)
            self._down.add(name)

    def free(self, name: str) -> None:
        """Let a key that is held come up; raises ControlError for a key it has not."""
        _check([name])
        with self._lock:
            self._down.discard(name)

    def plug(self, plugged: bool) -> None:
        """Plug it in, or pull it out: what waited in it is gone."""
        with self._lock:
            self._plugged = plugged
            self._pressed.clear()

    def keys(self) -> list[str]:
        """Return the keys pressed since the last call; raises HardwareError while it is unplugged."""
        with self._lock:
            if not self._plugged:
                raise HardwareError("không thấy bàn phím số, hãy xem dây USB (no number pad)")
            pressed = list(self._pressed)
            self._pressed.clear()
        return pressed

    def held(self) -> frozenset[str]:
        """Return the keys that are down now; none while it is unplugged."""
        with self._lock:
            return frozenset(self._down) if self._plugged else frozenset()

    def close(self) -> None:
        """There is nothing to let go of."""


def _check(names: list[str]) -> None:
    unknown = sorted(set(names) - NAMES)
    if unknown:
        raise ControlError(f"bàn phím số không có phím (no such key): {', '.join(unknown)}")
