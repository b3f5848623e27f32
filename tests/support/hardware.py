"""A device with a clock and nothing attached to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from firmware_agent.clock import Clock, SystemClock
from firmware_agent.hardware import Capture, HardwareError, Keypad, Microphone, Printer, Screen, SoundCard


@dataclass
class BareHardware:
    """Answers every question for hardware as a device does whose plugs are all out."""

    clock: Clock
    celsius: float | None = None

    def pins(self) -> Any:
        raise HardwareError("không có chân nút (no pins)")

    def screen(self, width: int, height: int) -> Screen:
        raise HardwareError("không có màn hình (no screen)")

    def printer(self) -> Printer:
        raise HardwareError("không có máy in (no printer)")

    def keypad(self) -> Keypad:
        raise HardwareError("không có bàn phím số (no number pad)")

    def sound_card(self) -> SoundCard:
        raise HardwareError("không có loa (no sound card)")

    def microphone(self, name: str) -> Microphone | None:
        return None

    def camera(self, width: int, height: int, frames_per_s: float) -> Capture:
        raise HardwareError("không có máy ảnh (no camera)")

    def cpu_celsius(self) -> float | None:
        return self.celsius

    def close(self) -> None:
        """Nothing was opened."""


def bare_hardware(*_: Any) -> BareHardware:
    """Be a hardware driver, for an entry point."""
    return BareHardware(SystemClock())
