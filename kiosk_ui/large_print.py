"""Words and keys for old eyes and unsteady fingers: nothing is written smaller than it can be read."""

from __future__ import annotations

import pygame

from kiosk_ui.drawing import Align, raised, words
from kiosk_ui.layout import Box
from kiosk_ui.palette import TEAL, TEAL_DEEP, WHITE, Colour

SMALLEST_PX = 28
"""No letter is smaller, on a 7-inch screen of 800 by 480 either: some 5 mm from line to line."""


def write(
    surface: pygame.Surface,
    text: str,
    box: Box,
    colour: Colour,
    size: int,
    *,
    bold: bool = False,
    align: Align = "centre",
    lines_max: int = 1,
) -> None:
    """Write `text` into `box`, about `size` pixels large, as `drawing.words`, and never too small to read."""
    words(
        surface,
        text,
        box,
        colour,
        max(size, SMALLEST_PX),
        bold=bold,
        align=align,
        lines_max=lines_max,
        smallest=SMALLEST_PX,
    )


def draw_key(surface: pygame.Surface, box: Box, text: str) -> None:
    """Draw a key to touch."""
    raised(surface, box, TEAL, box.h // 3, edge=TEAL_DEEP)
    write(surface, text, box.inset(6, 0), WHITE, round(box.h * 0.5), bold=True)
