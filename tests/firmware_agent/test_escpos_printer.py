"""Slips reach a printer at a device file or on the network; one that is stuck or empty holds nobody up."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest
from PIL import Image
from pydantic import ValidationError

from firmware_agent.hardware import HardwareError
from firmware_agent.pi import escpos_printer
from firmware_agent.pi.escpos_printer import EscPosPrinter
from firmware_agent.pi.hardware import PiOptions
from tests.support.waiting import HANGS_S

SLIP = Image.new("1", (576, 400), 0)
CUT = b"\x1dV"
RASTER = b"\x1dv0"


class NetworkPrinter:
    """A printer on this machine's network that tells of its paper and keeps what it is sent."""

    def __init__(self, status: bytes | None) -> None:
        self.status = status
        self.heard = b""
        self._door = socket.create_server(("127.0.0.1", 0))
        self.place = f"tcp:127.0.0.1:{self._door.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        line, _ = self._door.accept()
        with line:
            while said := line.recv(65_536):
                if b"\x10\x04" in said and self.status is not None:
                    line.sendall(self.status)
                self.heard += said

    def close(self) -> None:
        self._thread.join(HANGS_S)
        self._door.close()


@pytest.mark.parametrize("status", [b"\x12", None], ids=["tells", "says nothing"])
def test_a_network_printer_prints_and_cuts(status: bytes | None) -> None:
    printer = NetworkPrinter(status)
    EscPosPrinter(printer.place).print_image(SLIP)
    printer.close()
    assert RASTER in printer.heard
    assert printer.heard.index(RASTER) < printer.heard.rindex(CUT)
    assert len(printer.heard) > 576 * 400 // 8


def test_a_network_printer_without_paper_is_sent_no_slip() -> None:
    printer = NetworkPrinter(b"\x72")
    with pytest.raises(HardwareError, match="hết giấy"):
        EscPosPrinter(printer.place).print_image(SLIP)
    printer.close()
    assert RASTER not in printer.heard


def test_a_device_file_gets_the_slip(tmp_path: Path) -> None:
    paper = tmp_path / "lp0"
    paper.touch()
    EscPosPrinter(str(paper)).print_image(SLIP)
    assert RASTER in paper.read_bytes()
    assert CUT in paper.read_bytes()


def test_a_stuck_printer_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(escpos_printer, "PATIENCE_S", 0.2)
    pipe = tmp_path / "lp0"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(HardwareError, match="không nhận"):
        EscPosPrinter(str(pipe)).print_image(Image.new("1", (576, 4_000), 0))
    os.close(reader)


@pytest.mark.parametrize("place", ["/nowhere/lp0", "usb:04b8:0e15", "tcp:127.0.0.1:1"])
def test_a_printer_that_is_not_there_is_an_error_of_the_hardware(place: str) -> None:
    with pytest.raises(HardwareError, match="máy in"):
        EscPosPrinter(place).print_image(SLIP)


@pytest.mark.parametrize("place", ["lp0", "usb:4b8:0e15", "tcp:", "tcp:host:port", "http://printer"])
def test_a_place_that_is_none_is_refused(place: str) -> None:
    with pytest.raises(ValidationError):
        PiOptions(printer=place)
