"""Fonts with every Vietnamese letter, from the Debian packages that a device installs."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pygame

DIRECTORIES = (Path("/usr/share/fonts/truetype/noto"), Path("/usr/share/fonts/truetype/dejavu"))
FILES = {
    False: ("NotoSans-Regular.ttf", "DejaVuSans.ttf"),
    True: ("NotoSans-Bold.ttf", "DejaVuSans-Bold.ttf"),
}
"""By whether bold; the first that is there is taken (packages fonts-noto-core, fonts-dejavu-core)."""

SIZES_KEPT = 64
"""Font sizes kept open."""


class NoFontError(RuntimeError):
    """No font with Vietnamese letters is installed."""


@lru_cache(maxsize=2)
def font_file(bold: bool) -> Path:
    """Return the font file to use; raises NoFontError."""
    for name in FILES[bold]:
        for directory in DIRECTORIES:
            if (directory / name).is_file():
                return directory / name
    raise NoFontError("thiếu phông chữ (no font): apt install fonts-noto-core")


@lru_cache(maxsize=SIZES_KEPT)
def font(size_px: int, bold: bool = False) -> pygame.font.Font:
    """Return the font for the screen at this size."""
    import pygame

    pygame.font.init()
    return pygame.font.Font(font_file(bold), size_px)
