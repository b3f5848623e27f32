"""Pictures for who does not read well: fields of work and priority classes, drawn as lines and areas.

Each is a few strokes on a square of side 1, so that it is sharp at any size and in any two colours.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from functools import lru_cache

import pygame

from kiosk_ui.drawing import smooth
from kiosk_ui.palette import Colour

UNKNOWN = "folder"
"""Stands for every name that is not known here."""

PICTURES_KEPT = 48
STEPS = 24
"""Points along a curve."""

Point = tuple[float, float]


class _Pen:
    """Draws on a square of side 1 with thick, round-ended lines; what is erased shows the ground again."""

    def __init__(self, surface: pygame.Surface, ink: Colour) -> None:
        self._surface = surface
        self._side = surface.get_width()
        self._ink: tuple[int, ...] = (*ink, 255)
        self._erased = (*ink, 0)

    def erase(self, draw: Callable[[_Pen], None]) -> None:
        """Draw with the ground's colour."""
        ink, self._ink = self._ink, self._erased
        draw(self)
        self._ink = ink

    def disc(self, x: float, y: float, radius: float) -> None:
        """Draw a full circle."""
        pygame.draw.circle(self._surface, self._ink, self._at((x, y)), radius * self._side)

    def area(self, *points: Point) -> None:
        """Fill the area within the points."""
        pygame.draw.polygon(self._surface, self._ink, [self._at(point) for point in points])

    def line(self, *points: Point, thick: float = 0.07) -> None:
        """Draw through the points, with round corners and ends."""
        for start, end in itertools.pairwise(points):
            long = math.dist(start, end) or 1.0
            dx, dy = (end[1] - start[1]) / long * thick / 2, (start[0] - end[0]) / long * thick / 2
            self.area(
                (start[0] + dx, start[1] + dy),
                (end[0] + dx, end[1] + dy),
                (end[0] - dx, end[1] - dy),
                (start[0] - dx, start[1] - dy),
            )
        for x, y in points:
            self.disc(x, y, thick / 2)

    def arc(
        self, x: float, y: float, radius: float, start: float, end: float, *, thick: float = 0.07
    ) -> None:
        """Draw a part of a circle; `start` and `end` in turns, clockwise from the right."""
        self.line(*_bow(x, y, radius, start, end), thick=thick)

    def _at(self, point: Point) -> tuple[int, int]:
        return round(point[0] * self._side), round(point[1] * self._side)


def _bow(x: float, y: float, radius: float, start: float, end: float) -> list[Point]:
    turns = (start + (end - start) * step / STEPS for step in range(STEPS + 1))
    return [(x + radius * math.cos(math.tau * t), y + radius * math.sin(math.tau * t)) for t in turns]


def _folder(pen: _Pen) -> None:
    pen.area((0.12, 0.24), (0.40, 0.24), (0.48, 0.33), (0.88, 0.33), (0.88, 0.80), (0.12, 0.80))
    pen.erase(lambda p: p.line((0.12, 0.44), (0.88, 0.44), thick=0.045))


def _paper(pen: _Pen) -> None:
    pen.area((0.24, 0.10), (0.62, 0.10), (0.78, 0.26), (0.78, 0.90), (0.24, 0.90))
    for y in (0.40, 0.54, 0.68):
        pen.erase(lambda p, y=y: p.line((0.34, y), (0.68, y), thick=0.05))  # type: ignore[misc]


def _card(pen: _Pen) -> None:
    pen.area((0.08, 0.22), (0.92, 0.22), (0.92, 0.78), (0.08, 0.78))

    def face(p: _Pen) -> None:
        p.disc(0.29, 0.43, 0.085)
        p.area((0.16, 0.66), (0.20, 0.57), (0.38, 0.57), (0.42, 0.66))
        for y in (0.40, 0.52, 0.64):
            p.line((0.54, y), (0.80, y), thick=0.05)

    pen.erase(face)


def _house(pen: _Pen) -> None:
    pen.area((0.50, 0.10), (0.93, 0.48), (0.07, 0.48))
    pen.area((0.19, 0.46), (0.81, 0.46), (0.81, 0.80), (0.19, 0.80))
    pen.erase(lambda p: p.area((0.43, 0.58), (0.57, 0.58), (0.57, 0.80), (0.43, 0.80)))
    pen.line((0.06, 0.88), (0.94, 0.88), thick=0.06)


def _field_of_rice(pen: _Pen) -> None:
    pen.line((0.08, 0.86), (0.92, 0.86))
    for x in (0.28, 0.50, 0.72):
        pen.line((x, 0.84), (x, 0.30), thick=0.05)
        for y in (0.30, 0.44, 0.58):
            pen.line((x, y + 0.10), (x - 0.09, y), thick=0.05)
            pen.line((x, y + 0.10), (x + 0.09, y), thick=0.05)


def _baby(pen: _Pen) -> None:
    pen.disc(0.50, 0.34, 0.24)
    pen.area((0.24, 0.62), (0.76, 0.62), (0.66, 0.92), (0.34, 0.92))

    def face(p: _Pen) -> None:
        p.disc(0.42, 0.31, 0.032)
        p.disc(0.58, 0.31, 0.032)
        p.arc(0.50, 0.36, 0.10, 0.06, 0.44, thick=0.04)
        p.line((0.28, 0.66), (0.62, 0.90), thick=0.045)

    pen.erase(face)
    pen.arc(0.50, 0.11, 0.06, 0.4, 1.2, thick=0.045)


def _rings(pen: _Pen) -> None:
    pen.arc(0.36, 0.58, 0.24, 0.0, 1.0)
    pen.arc(0.64, 0.58, 0.24, 0.0, 1.0)
    pen.area((0.64, 0.30), (0.54, 0.16), (0.60, 0.09), (0.68, 0.09), (0.74, 0.16))


def _stamp(pen: _Pen) -> None:
    pen.disc(0.50, 0.22, 0.15)
    pen.area((0.42, 0.30), (0.58, 0.30), (0.62, 0.56), (0.38, 0.56))
    pen.area((0.16, 0.56), (0.84, 0.56), (0.84, 0.74), (0.16, 0.74))
    pen.line((0.14, 0.88), (0.86, 0.88))


def _heart(pen: _Pen, x: float, y: float, size: float) -> None:
    pen.disc(x - size * 0.25, y - size * 0.16, size * 0.27)
    pen.disc(x + size * 0.25, y - size * 0.16, size * 0.27)
    pen.area((x - size * 0.49, y - size * 0.04), (x + size * 0.49, y - size * 0.04), (x, y + size * 0.52))


def _care(pen: _Pen) -> None:
    """An open hand that holds a heart."""
    _heart(pen, 0.52, 0.28, 0.38)
    pen.area((0.06, 0.58), (0.20, 0.58), (0.20, 0.90), (0.06, 0.90))
    pen.area((0.24, 0.62), (0.40, 0.58), (0.58, 0.68), (0.58, 0.74), (0.90, 0.64), (0.92, 0.70), (0.62, 0.90))
    pen.area((0.24, 0.62), (0.62, 0.90), (0.24, 0.88))
    pen.line((0.60, 0.78), (0.90, 0.66), thick=0.06)


def _question(pen: _Pen) -> None:
    pen.disc(0.50, 0.50, 0.43)

    def mark(p: _Pen) -> None:
        p.arc(0.50, 0.38, 0.15, 0.5, 1.12, thick=0.09)
        p.line(_bow(0.50, 0.38, 0.15, 1.12, 1.12)[0], (0.50, 0.56), (0.50, 0.60), thick=0.09)
        p.disc(0.50, 0.75, 0.06)

    pen.erase(mark)


def _shop(pen: _Pen) -> None:
    pen.area((0.14, 0.14), (0.86, 0.14), (0.93, 0.40), (0.07, 0.40))
    for x in (0.18, 0.39, 0.61, 0.82):
        pen.disc(x, 0.40, 0.10)
    pen.area((0.14, 0.46), (0.86, 0.46), (0.86, 0.88), (0.14, 0.88))
    pen.erase(lambda p: p.area((0.24, 0.58), (0.50, 0.58), (0.50, 0.74), (0.24, 0.74)))
    pen.erase(lambda p: p.area((0.60, 0.58), (0.76, 0.58), (0.76, 0.88), (0.60, 0.88)))


def _person(pen: _Pen) -> None:
    pen.disc(0.50, 0.27, 0.17)
    pen.disc(0.50, 0.74, 0.26)
    pen.area((0.24, 0.74), (0.76, 0.74), (0.76, 0.90), (0.24, 0.90))


def _elder(pen: _Pen) -> None:
    """Bent, with a stick."""
    pen.disc(0.54, 0.18, 0.12)
    pen.line((0.46, 0.38), (0.38, 0.62), thick=0.20)
    pen.line((0.38, 0.64), (0.46, 0.92), thick=0.08)
    pen.line((0.34, 0.64), (0.26, 0.92), thick=0.08)
    pen.line((0.48, 0.38), (0.58, 0.54), (0.74, 0.52), thick=0.07)
    pen.line((0.76, 0.50), (0.76, 0.92), thick=0.055)
    pen.arc(0.70, 0.50, 0.06, 0.5, 1.0, thick=0.055)


def _wheelchair(pen: _Pen) -> None:
    pen.disc(0.40, 0.15, 0.10)
    pen.line((0.40, 0.32), (0.42, 0.56), (0.66, 0.56), (0.78, 0.84), (0.88, 0.80), thick=0.085)
    pen.line((0.41, 0.40), (0.62, 0.40), thick=0.07)
    pen.arc(0.42, 0.67, 0.23, 0.0, 0.66, thick=0.07)


def _pregnant(pen: _Pen) -> None:
    pen.disc(0.46, 0.16, 0.12)
    pen.area((0.36, 0.32), (0.56, 0.32), (0.60, 0.62), (0.56, 0.92), (0.34, 0.92), (0.32, 0.60))
    pen.disc(0.60, 0.56, 0.16)
    pen.erase(lambda p: _heart(p, 0.60, 0.57, 0.15))


def _medal(pen: _Pen) -> None:
    pen.area((0.24, 0.06), (0.44, 0.06), (0.56, 0.42), (0.42, 0.46))
    pen.area((0.76, 0.06), (0.56, 0.06), (0.44, 0.42), (0.58, 0.46))
    pen.disc(0.50, 0.66, 0.26)
    star = [
        (0.50 + r * math.sin(math.tau * step / 10), 0.66 - r * math.cos(math.tau * step / 10))
        for step, r in enumerate((0.19, 0.075) * 5)
    ]
    pen.erase(lambda p: p.area(*star))


_DRAWN: dict[str, Callable[[_Pen], None]] = {
    "folder": _folder,
    "paper": _paper,
    "card": _card,
    "house": _house,
    "land": _field_of_rice,
    "baby": _baby,
    "rings": _rings,
    "stamp": _stamp,
    "care": _care,
    "shop": _shop,
    "question": _question,
    "person": _person,
    "elder": _elder,
    "wheelchair": _wheelchair,
    "pregnant": _pregnant,
    "medal": _medal,
}

PICTURES = frozenset(_DRAWN)
"""Names that fields of work and priority classes may use."""


@lru_cache(maxsize=PICTURES_KEPT)
def _picture(name: str, side: int, ink: Colour) -> pygame.Surface:
    draw = _DRAWN.get(name, _DRAWN[UNKNOWN])
    return smooth(side, side, ink, lambda large, _scale: draw(_Pen(large, ink)))


def draw_picture(surface: pygame.Surface, name: str, x: int, y: int, side: int, ink: Colour) -> None:
    """Draw a picture with its top left at (x, y), `side` pixels wide and high."""
    surface.blit(_picture(name, side, ink), (x, y))
