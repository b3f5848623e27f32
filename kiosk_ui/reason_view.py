"""The page that asks a dissatisfied citizen why: large tiles with pictures, never free text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import pygame

from kiosk_ui.catalogue import Catalogue
from kiosk_ui.drawing import raised, smooth
from kiosk_ui.faces import Pen, Point, bow, straight
from kiosk_ui.large_print import draw_key, write
from kiosk_ui.layout import Box
from kiosk_ui.palette import CARD, INK, TEAL, WHITE, Colour
from kiosk_ui.rating_layout import language_box, middle_box, reason_boxes

PICTURES_KEPT = 24


def draw_reasons(surface: pygame.Surface, reasons: Sequence[str], texts: Catalogue) -> None:
    """Paint the tiles and the two keys below them: change the answer, skip."""
    size = surface.get_size()
    for reason, box in zip(reasons, reason_boxes(*size, len(reasons)), strict=True):
        _draw_reason(surface, reason, box, texts(f"reason.{reason.replace('-', '_')}"))
    draw_key(surface, middle_box(*size), texts("rating.change"))
    draw_key(surface, language_box(*size), texts("rating.skip"))


def _draw_reason(surface: pygame.Surface, reason: str, box: Box, name: str) -> None:
    raised(surface, box, CARD, 22)
    side = min(round(box.h * 0.4), round(box.w * 0.7))
    picture = _picture(side, reason if reason in PICTURES else "other", TEAL)
    surface.blit(picture, (box.centre[0] - side // 2, box.y + round(box.h * 0.05)))
    write(surface, name, box.part(0.03, 0.45, 0.97, 0.99), INK, round(box.h * 0.16), bold=True, lines_max=2)


@lru_cache(maxsize=PICTURES_KEPT)
def _picture(side: int, reason: str, colour: Colour) -> pygame.Surface:
    return smooth(side, side, colour, lambda large, _: PICTURES[reason](Pen(large, colour)))


def _frame(pen: Pen, corners: list[Point], thickness: float) -> None:
    for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
        pen.line(straight(start, end), thickness)


def _clock(pen: Pen) -> None:
    pen.dot((0.5, 0.5), 0.45)
    pen.colour = WHITE
    pen.dot((0.5, 0.5), 0.37)
    pen.colour = TEAL
    pen.line(straight((0.5, 0.5), (0.5, 0.24)), 0.07)
    pen.line(straight((0.5, 0.5), (0.69, 0.6)), 0.07)


def _papers(pen: Pen) -> None:
    for left, top in ((0.3, 0.06), (0.14, 0.2)):
        corners = [(left, top), (left + 0.54, top), (left + 0.54, top + 0.72), (left, top + 0.72)]
        pen.colour = WHITE
        pen.shape(corners)
        pen.colour = TEAL
        _frame(pen, corners, 0.06)
    for y in (0.38, 0.53, 0.68):
        pen.line(straight((0.25, y), (0.57, y)), 0.05)


def _talk(pen: Pen) -> None:
    """A person who speaks."""
    pen.dot((0.3, 0.38), 0.16)
    pen.shape([(0.02, 0.94), (0.08, 0.68), (0.2, 0.6), (0.4, 0.6), (0.52, 0.68), (0.58, 0.94)])
    _frame(pen, [(0.56, 0.1), (0.96, 0.1), (0.96, 0.42), (0.74, 0.42), (0.6, 0.54), (0.62, 0.42)], 0.05)
    pen.line(bow((0.77, 0.33), 0.22, -0.1), 0.05)


def _chair(pen: Pen) -> None:
    pen.line(straight((0.26, 0.08), (0.26, 0.94)), 0.09)
    pen.line(straight((0.26, 0.56), (0.76, 0.56)), 0.1)
    pen.line(straight((0.74, 0.56), (0.74, 0.94)), 0.09)
    pen.line(straight((0.26, 0.16), (0.36, 0.46)), 0.07)


def _dots(pen: Pen) -> None:
    for x in (0.2, 0.5, 0.8):
        pen.dot((x, 0.5), 0.1)


PICTURES: dict[str, Callable[[Pen], None]] = {
    "waiting": _clock,
    "procedure": _papers,
    "attitude": _talk,
    "facilities": _chair,
    "other": _dots,
}
"""By reason; one of a commune's own has the picture of `other`."""
