"""Faces that need no words: drawn as curves, at any size."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import pygame

from kiosk_ui.drawing import smooth
from kiosk_ui.palette import WHITE, Colour
from kiosk_ui.scale import Face, Look

FACES_KEPT = 24
STEPS = 48
"""Points along a curve."""

Point = tuple[float, float]


class Pen:
    """Draws on a square of side 1 with thick, round-ended lines."""

    def __init__(self, surface: pygame.Surface, colour: Colour) -> None:
        self._surface = surface
        self._side = surface.get_width()
        self.colour = colour

    def line(self, points: list[Point], thickness: float) -> None:
        """Draw through the points."""
        for point in points:
            self.dot(point, thickness / 2)

    def dot(self, at: Point, radius: float) -> None:
        """Draw a full circle."""
        centre = (round(at[0] * self._side), round(at[1] * self._side))
        pygame.draw.circle(self._surface, self.colour, centre, max(1, round(radius * self._side)))

    def shape(self, points: list[Point]) -> None:
        """Fill the area within the points."""
        pygame.draw.polygon(self._surface, self.colour, [(x * self._side, y * self._side) for x, y in points])


def bow(centre: Point, width: float, depth: float) -> list[Point]:
    """Return a curve of that width that hangs `depth` below its ends (above, when negative)."""
    return [
        (centre[0] + width * (step / STEPS - 0.5), centre[1] + depth * math.sin(math.pi * step / STEPS))
        for step in range(STEPS + 1)
    ]


def straight(start: Point, end: Point) -> list[Point]:
    """Return the points between two."""
    return [
        (start[0] + (end[0] - start[0]) * step / STEPS, start[1] + (end[1] - start[1]) * step / STEPS)
        for step in range(STEPS + 1)
    ]


def _delighted(pen: Pen) -> None:
    for x in (0.33, 0.67):
        pen.line(bow((x, 0.42), 0.17, -0.085), 0.05)
    mouth = bow((0.5, 0.57), 0.46, 0.26)
    pen.shape(mouth)
    pen.line(mouth, 0.05)
    pen.line(straight((0.27, 0.57), (0.73, 0.57)), 0.05)
    pen.colour = WHITE
    pen.shape([(0.30, 0.585), (0.70, 0.585), (0.68, 0.64), (0.32, 0.64)])


def _content(pen: Pen) -> None:
    for x in (0.34, 0.66):
        pen.dot((x, 0.40), 0.058)
    pen.line(bow((0.5, 0.60), 0.44, 0.15), 0.055)


def _neutral(pen: Pen) -> None:
    for x in (0.34, 0.66):
        pen.dot((x, 0.41), 0.058)
    pen.line(straight((0.31, 0.66), (0.69, 0.66)), 0.055)


def _unhappy(pen: Pen) -> None:
    for x, lean in ((0.33, 1), (0.67, -1)):
        pen.dot((x, 0.45), 0.058)
        pen.line(straight((x - 0.09 * lean, 0.29), (x + 0.09 * lean, 0.345)), 0.045)
    pen.line(bow((0.5, 0.735), 0.42, -0.13), 0.055)


def _upset(pen: Pen) -> None:
    for x, lean in ((0.33, 1), (0.67, -1)):
        pen.dot((x, 0.47), 0.058)
        pen.line(straight((x - 0.11 * lean, 0.28), (x + 0.11 * lean, 0.385)), 0.055)
    mouth = bow((0.5, 0.78), 0.44, -0.2)
    pen.shape(mouth)
    pen.line(mouth, 0.05)
    pen.line(straight((0.28, 0.78), (0.72, 0.78)), 0.05)


_FACES: dict[Face, Callable[[Pen], None]] = {
    "delighted": _delighted,
    "content": _content,
    "neutral": _neutral,
    "unhappy": _unhappy,
    "upset": _upset,
}


@lru_cache(maxsize=FACES_KEPT)
def _face(diameter: int, face: Face, ground: Colour, dark: Colour) -> pygame.Surface:
    def draw(large: pygame.Surface, _scale: int) -> None:
        Pen(large, ground).dot((0.5, 0.5), 0.5)
        _FACES[face](Pen(large, dark))

    return smooth(diameter, diameter, ground, draw)


def draw_face(surface: pygame.Surface, centre: tuple[int, int], diameter: int, look: Look) -> None:
    """Draw the face of a level."""
    picture = _face(diameter, look.face, look.colour, look.dark)
    surface.blit(picture, (centre[0] - diameter // 2, centre[1] - diameter // 2))
