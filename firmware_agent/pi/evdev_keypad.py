"""A USB number pad through Linux's input events, for this node alone: what is pressed reaches no console."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from firmware_agent.hardware import HardwareError

LOOK_AGAIN_S = 1.0
"""How often a pad that is not there is looked for."""

EV_KEY, DOWN = 1, 1
"""Type of a key's event and its value when it goes down (linux/input-event-codes.h); 2 is a held key."""

KEYS: dict[int, str] = {
    **dict(zip(range(2, 12), "1234567890", strict=True)),
    71: "7", 72: "8", 73: "9", 74: "-", 75: "4", 76: "5", 77: "6", 78: "+",
    79: "1", 80: "2", 81: "3", 82: "0", 83: ".",
    55: "*", 98: "/", 96: "enter", 28: "enter", 14: "backspace",
}  # fmt: skip
"""Key codes of linux/input-event-codes.h: the pad's own, and those of pads that pose as a keyboard."""

KEYPAD_ENTER, KEYPAD_1, LETTER_A = 96, 79, 30


class InputDevice(Protocol):
    """What is needed of `evdev.InputDevice`."""

    name: str

    def grab(self) -> None:
        """Take it exclusively."""

    def read(self) -> Iterable[Any]:
        """Return the events that wait; raises BlockingIOError when none does, OSError when it is gone."""

    def active_keys(self) -> list[int]:
        """Return the codes of the keys that are down, as the kernel has them; OSError when it is gone."""

    def close(self) -> None:
        """Let go of it."""


class EvdevKeypad:
    """The pad whose name or `vendor:product` (as `lsusb` shows it) holds `wanted`; empty: any number pad."""

    def __init__(self, wanted: str = "", find: Callable[[str], InputDevice | None] | None = None) -> None:
        self._wanted = wanted
        self._find = find or find_pad
        self._device: InputDevice | None = None
        self._look_at_s = 0.0

    def keys(self) -> list[str]:
        """Return the keys pressed since the last call; raises HardwareError while there is no pad."""
        device = self._device or self._take_up()
        try:
            events = list(device.read())
        except BlockingIOError:
            return []
        except OSError as error:
            self.close()
            raise HardwareError(f"bàn phím số bị rút ra (the number pad was unplugged): {error}") from None
        pressed = [event.code for event in events if event.type == EV_KEY and event.value == DOWN]
        return [KEYS[code] for code in pressed if code in KEYS]

    def held(self) -> frozenset[str]:
        """Return the keys that are down now, as the kernel has them: no event can be missed."""
        if self._device is None:
            return frozenset()
        try:
            codes = self._device.active_keys()
        except OSError:
            # The next `keys` says that it is gone.
            return frozenset()
        return frozenset(KEYS[code] for code in codes if code in KEYS)

    def close(self) -> None:
        """Let go of the pad."""
        if self._device is not None:
            with contextlib.suppress(OSError):
                self._device.close()
            self._device = None

    def _take_up(self) -> InputDevice:
        now_s = time.monotonic()
        found = None
        if now_s >= self._look_at_s:
            self._look_at_s = now_s + LOOK_AGAIN_S
            found = self._find(self._wanted)
        if found is None:
            raise HardwareError("không thấy bàn phím số, hãy xem dây USB (no number pad)")
        try:
            found.grab()
        except OSError as error:
            found.close()
            raise HardwareError(f"bàn phím số đang bị chương trình khác giữ (it is taken): {error}") from None
        self._device = found
        return found


def find_pad(wanted: str) -> InputDevice | None:
    """Return the first input device that is meant; None where there is none."""
    import evdev

    for path in evdev.list_devices():
        with contextlib.suppress(OSError):
            device = evdev.InputDevice(path)
            ids = f"{device.info.vendor:04x}:{device.info.product:04x}"
            keys = set(device.capabilities().get(EV_KEY, []))
            if _meant(wanted, f"{device.name} {ids}", keys):
                found: InputDevice = device
                return found
            device.close()
    return None


def _meant(wanted: str, named: str, keys: set[int]) -> bool:
    """A pad has the keys of a pad; one that is asked for by no name must not be somebody's keyboard."""
    if not {KEYPAD_ENTER, KEYPAD_1} <= keys:
        return False
    return wanted.lower() in named.lower() if wanted else LETTER_A not in keys
