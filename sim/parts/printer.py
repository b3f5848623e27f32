"""A ticket printer whose tickets are pictures on disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from firmware_agent.hardware import HardwareError

if TYPE_CHECKING:
    from PIL import Image


class SimPrinter:
    """Prints `ticket-0001.png`, `ticket-0002.png`, … into a directory.

    printer.paper_out = True        # from now on it fails, until somebody puts paper in
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.paper_out = False
        """Whether the roll is at its end."""

    def print_image(self, image: Image.Image) -> None:
        """Print a bitmap; raises HardwareError when there is no paper."""
        if self.paper_out:
            raise HardwareError("máy in hết giấy (out of paper)")
        self._directory.mkdir(parents=True, exist_ok=True)
        number = len(list(self._directory.glob("ticket-*.png"))) + 1
        image.save(self._directory / f"ticket-{number:04d}.png")
