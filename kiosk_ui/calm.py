"""The calm picture that stands while nobody is served: morning over the fields, and a greeting."""

from __future__ import annotations

import math

import pygame

from kiosk_ui.drawing import disc
from kiosk_ui.large_print import write
from kiosk_ui.layout import Box
from kiosk_ui.palette import GOLD, GOLD_PALE, INK, PAPER, TEAL, TEAL_PALE, WHITE, Colour, mix

STEP_PX = 8
"""Width of the strips that hills are drawn of."""


def draw_calm(surface: pygame.Surface, greeting: str, hint: str) -> None:
    """Paint it; the lowest eighth is left for keys."""
    screen = Box(0, 0, *surface.get_size())
    surface.fill(PAPER)
    disc(surface, (round(screen.w * 0.5), round(screen.h * 0.62)), round(screen.h * 0.2), GOLD_PALE)
    disc(surface, (round(screen.w * 0.5), round(screen.h * 0.62)), round(screen.h * 0.15), GOLD)
    for top, height, waves, colour in (
        (0.62, 0.05, 1.3, mix(TEAL_PALE, TEAL, 0.12)),
        (0.68, 0.04, 2.1, mix(TEAL_PALE, TEAL, 0.38)),
        (0.75, 0.03, 1.7, mix(WHITE, TEAL, 0.72)),
    ):
        _hill(surface, screen, (top, height, waves), colour)
    told = screen.part(0.04, 0.06, 0.96, 0.26)
    write(surface, greeting, told, INK, round(screen.h * 0.13), bold=True)
    write(surface, hint, screen.part(0.08, 0.26, 0.92, 0.42), INK, round(screen.h * 0.06), lines_max=2)


def _hill(surface: pygame.Surface, screen: Box, shape: tuple[float, float, float], colour: Colour) -> None:
    top, height, waves = shape
    edge = [
        (x, screen.h * (top + height * math.sin(2 * math.pi * waves * x / screen.w)))
        for x in range(0, screen.w + STEP_PX, STEP_PX)
    ]
    outline = [*edge, (screen.w + STEP_PX, screen.h), (0, screen.h)]
    pygame.draw.polygon(surface, colour, outline)
    pygame.draw.aalines(surface, colour, False, edge)
