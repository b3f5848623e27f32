"""The relay that powers the amplifier: on shortly before a sound, off after it."""

from __future__ import annotations

from typing import Any

WARM_UP_MS = 500
"""So long before the first sample the amplifier is switched on."""


class Amplifier:
    """The amplifier's relay at a pin; without a pin it is taken to be always on.

    amplifier = Amplifier(hardware.pins, pin=17)
    amplifier.switch(on=True)

    `pins` returns the gpiozero pin factory; it is asked for only when there is a pin.
    """

    def __init__(self, pins: Any, pin: int | None) -> None:
        self._relay: Any = None
        if pin is not None:
            from gpiozero import DigitalOutputDevice

            self._relay = DigitalOutputDevice(pin, initial_value=False, pin_factory=pins())

    def switch(self, *, on: bool) -> bool:
        """Power the amplifier, or not; return whether it was otherwise until now."""
        if self._relay is None or bool(self._relay.value) == on:
            return False
        self._relay.value = on
        return True

    def close(self) -> None:
        """Power off and give the pin back."""
        if self._relay is not None:
            self._relay.off()
            self._relay.close()
