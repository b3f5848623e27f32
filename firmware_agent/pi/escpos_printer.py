"""Thermal printers that speak ESC/POS, at a device file, on USB or on the network. Never waited for long."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from firmware_agent.hardware import HardwareError

if TYPE_CHECKING:
    from PIL import Image

PATIENCE_S = 4.0
"""A printer that takes nothing for so long is stuck: a slip takes about 1.5 s at 100 mm a second."""

ANSWERS_WITHIN_S = 0.4
"""A printer that can tell of its paper does so within milliseconds."""

NETWORK_PORT = 9100
"""Where printers on a network listen (JetDirect)."""

PLACE = r"^(/[!-~]{1,100}|usb:[0-9a-fA-F]{4}:[0-9a-fA-F]{4}|tcp:[A-Za-z0-9.-]{1,60}(:[0-9]{1,5})?)$"
"""Where a printer is: `/dev/usb/lp0`, `usb:04b8:0e15` (vendor:product as `lsusb` shows) or `tcp:10.0.0.7`."""

_LPGETSTATUS = 0x060B
_PAPER_OUT, _NO_ERROR = 0x20, 0x08
"""linux/lp.h: what a printer at a device file tells of itself."""


class EscPosPrinter:
    """Prints bitmaps: such printers fail on Vietnamese letters even with the right code page.

    printer = EscPosPrinter("/dev/usb/lp0")
    printer.print_image(slip)       # HardwareError: out of paper, off, unplugged, stuck
    """

    def __init__(self, place: str) -> None:
        """`place` matches `PLACE`."""
        self._place = place

    def print_image(self, image: Image.Image) -> None:
        """Print a bitmap and cut."""
        from escpos.exceptions import Error
        from escpos.printer import Dummy

        try:
            composed = Dummy()
            composed.image(image)
            composed.cut()
            self._send(composed.output)
        except (Error, OSError, RuntimeError, ValueError) as error:
            raise HardwareError(f"máy in không in được, hãy xem giấy và dây (printer): {error}") from None

    def _send(self, said: bytes) -> None:
        if self._place.startswith("/"):
            _write_file(self._place, said)
        else:
            _write_escpos(_opener(self._place), said)


def _opener(place: str) -> Callable[[], Any]:
    """Return what opens a printer on USB or on the network."""
    from escpos.printer import Network, Usb

    how, *where = place.split(":")
    if how == "usb":
        if not Usb.is_usable():
            raise HardwareError("máy in USB cần gói pyusb (a printer on USB needs pyusb)")
        vendor, product = (int(part, 16) for part in where)
        return lambda: Usb(vendor, product, timeout=round(PATIENCE_S * 1_000))
    port = int(where[1]) if len(where) > 1 else NETWORK_PORT
    return lambda: Network(where[0], port, timeout=PATIENCE_S)


def _write_escpos(open_printer: Callable[[], Any], said: bytes) -> None:
    """Ask whether there is paper, then print; printers that do not answer are believed to have some."""
    printer = open_printer()
    printer.open()
    try:
        if _paper(printer) == 0:
            raise HardwareError("máy in hết giấy (out of paper)")
        printer._raw(said)
    finally:
        printer.close()


def _paper(printer: Any) -> int | None:
    """Return 0 without paper; None where the printer does not say."""
    _be_patient(printer, ANSWERS_WITHIN_S)
    try:
        return int(printer.paper_status())
    except OSError:
        return None  # it knows no such question; one that is gone takes no slip either
    finally:
        _be_patient(printer, PATIENCE_S)


def _be_patient(printer: Any, patience_s: float) -> None:
    from escpos.printer import Network

    if isinstance(printer, Network):
        printer.device.settimeout(patience_s)
    else:
        printer.timeout = round(patience_s * 1_000)


def _write_file(path: str, said: bytes) -> None:
    """Write to a device file without ever being held up by it."""
    found = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    try:
        _ask_file(found)
        deadline_s = time.monotonic() + PATIENCE_S
        left = memoryview(said)
        while left:
            ready = select.select([], [found], [], max(0.0, deadline_s - time.monotonic()))[1]
            if not ready:
                raise HardwareError("máy in không nhận, hãy xem giấy và nắp máy (the printer takes nothing)")
            left = left[os.write(found, left[:4_096]) :]
    finally:
        os.close(found)


def _ask_file(found: int) -> None:
    """Raise HardwareError when the printer itself says that its paper is out; a plain file says nothing."""
    try:
        told = struct.unpack("i", fcntl.ioctl(found, _LPGETSTATUS, b"\0\0\0\0"))[0]
    except OSError:
        return
    if told & _PAPER_OUT and not told & _NO_ERROR:
        raise HardwareError("máy in hết giấy (out of paper)")
