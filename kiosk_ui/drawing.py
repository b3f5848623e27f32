"""Smooth shapes and words on a pygame surface."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Literal

import pygame

from firmware_agent.lines import printable
from kiosk_ui.fonts import font
from kiosk_ui.layout import Box, fit
from kiosk_ui.palette import SHADE, Colour

OVERSAMPLE = 4
"""Curves are drawn this many times larger and scaled down: SDL draws them without anti-aliasing."""
SHAPES_KEPT = 128
LINE_HEIGHT = 1.28
"""Of the font's size: room for stacked marks above and below, as in Ể, Ậ, Ộ."""

Align = Literal["left", "centre", "right"]


def smooth(
    width: int, height: int, base: Colour, draw: Callable[[pygame.Surface, int], None]
) -> pygame.Surface:
    """Return a picture with smooth curves; `draw(surface, scale)` draws it `scale` times larger.

    `base` is the colour that the outline fades from, so that edges get no dark fringe.
    """
    large = pygame.Surface((width * OVERSAMPLE, height * OVERSAMPLE), pygame.SRCALPHA)
    large.fill((*base, 0))
    draw(large, OVERSAMPLE)
    return pygame.transform.smoothscale(large, (width, height))


@lru_cache(maxsize=SHAPES_KEPT)
def _disc(radius: int, colour: Colour) -> pygame.Surface:
    def draw(large: pygame.Surface, scale: int) -> None:
        pygame.draw.circle(large, colour, (radius * scale, radius * scale), radius * scale)

    return smooth(2 * radius, 2 * radius, colour, draw)


def disc(surface: pygame.Surface, centre: tuple[int, int], radius: int, colour: Colour) -> None:
    """Draw a smooth full circle."""
    surface.blit(_disc(radius, colour), (centre[0] - radius, centre[1] - radius))


def panel(surface: pygame.Surface, box: Box, colour: Colour, radius: int = 18) -> None:
    """Draw a rectangle with smooth round corners."""
    r = max(1, min(radius, box.w // 2, box.h // 2))
    surface.fill(colour, (box.x + r, box.y, box.w - 2 * r, box.h))
    surface.fill(colour, (box.x, box.y + r, box.w, box.h - 2 * r))
    round_ = _disc(r, colour)
    for x, left in ((box.x, 0), (box.x + box.w - r, r)):
        for y, top in ((box.y, 0), (box.y + box.h - r, r)):
            surface.blit(round_, (x, y), (left, top, r, r))


def raised(surface: pygame.Surface, box: Box, colour: Colour, radius: int = 18, edge: Colour = SHADE) -> None:
    """Draw a panel that stands a little above the ground: something to touch."""
    panel(surface, Box(box.x, box.y + 5, box.w, box.h), edge, radius)
    panel(surface, box, colour, radius)


def words(
    surface: pygame.Surface,
    text: str,
    box: Box,
    colour: Colour,
    size: int,
    *,
    bold: bool = False,
    align: Align = "centre",
    lines_max: int = 1,
    smallest: int = 14,
) -> None:
    """Write `text` into `box`, in the middle of its height, as large as fits and at most `size` pixels."""
    size, lines = fit(
        printable(text),
        (box.w, box.h),
        (size, min(size, smallest)),
        lambda at, part: font(at, bold).size(part)[0],
        lambda at: at * LINE_HEIGHT,
        lines_max,
    )
    step = size * LINE_HEIGHT
    top = box.y + (box.h - step * len(lines)) / 2
    for index, line in enumerate(lines):
        drawn = font(size, bold).render(line, True, colour)
        spare = box.w - drawn.get_width()
        x = box.x + {"left": 0, "centre": spare // 2, "right": spare}[align]
        surface.blit(drawn, (x, round(top + step * index + (step - drawn.get_height()) / 2)))
