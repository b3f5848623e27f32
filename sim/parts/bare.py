"""Hardware that is hardly there: what a node needs is put in, and the rest says that it is missing."""

from __future__ import annotations

from typing import Any

from firmware_agent.clock import Clock
from firmware_agent.hardware import Capture, HardwareError, Keypad, Printer, Screen, SoundCard


class BareHardware:
    """Hardware of a device (`firmware_agent.hardware.Hardware`): what it was given, and nothing else."""

    def __init__(self, clock: Clock, pins: Any = None, keypad: Keypad | None = None) -> None:
        self._clock = clock
        self._pins = pins
        self._keypad = keypad

    @property
    def clock(self) -> Clock:
        """The device's clock."""
        return self._clock

    def pins(self) -> Any:
        """Return the pin factory."""
        return self._pins

    def keypad(self) -> Keypad:
        """Return the number pad."""
        if self._keypad is None:
            raise HardwareError("no number pad")
        return self._keypad

    def screen(self, width: int, height: int) -> Screen:
        """There is none: pages are turned, but not painted."""
        raise HardwareError(f"no screen of {width} x {height}")

    def printer(self) -> Printer:
        """There is none."""
        raise HardwareError("no printer")

    def sound_card(self) -> SoundCard:
        """There is none."""
        raise HardwareError("no sound card")

    def microphone(self, name: str) -> None:
        """There is no ear of any name."""

    def camera(self, width: int, height: int, frames_per_s: float) -> Capture:
        """There is none."""
        raise HardwareError(f"no camera of {width} x {height} at {frames_per_s}")

    def cpu_celsius(self) -> float | None:
        """Nobody measures."""
        return None

    def close(self) -> None:
        """Nothing is held."""
