"""What the rating screen shows: the calm picture, the question, the answer (and `reason_view`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pygame

from kiosk_ui.calm import draw_calm
from kiosk_ui.catalogue import Catalogue
from kiosk_ui.drawing import disc, panel, raised
from kiosk_ui.faces import draw_face
from kiosk_ui.large_print import draw_key, write
from kiosk_ui.layout import Box
from kiosk_ui.palette import ALARM, CARD, GOLD, INK, MIST, PAPER, SHADE, SOFT_INK, TEAL, WHITE, mix
from kiosk_ui.rating_layout import (
    HEADER,
    QUESTION,
    REASONS,
    band,
    language_box,
    level_boxes,
    listen_box,
    middle_box,
)
from kiosk_ui.rating_pages import Page
from kiosk_ui.reason_view import draw_reasons
from kiosk_ui.scale import LOOKS, Look, level_key


@dataclass(frozen=True)
class RatingView:
    """The state of the rating screen."""

    page: Page = "ask"
    language: str = "vi"
    next_language: str = ""
    """Name, in its own words, of the language that the button chooses; empty: there is no button."""
    scale: str = "vi4"
    counter_name: str = ""
    number: str = ""
    """Number of the ticket that is served, or has just been; empty when nobody's."""
    ended: bool = False
    """That visit has just ended."""
    at_exit: bool = False
    level: int = 0
    """The level that was just committed; 0: none."""
    corrected: bool = False
    """It took the place of another."""
    reasons: tuple[str, ...] = ()
    listens: bool = False
    """Whether there is a button that reads aloud."""


class RatingDrawing:
    """Paints views in the words of their language.

    drawing = RatingDrawing({"vi": load_catalogue("vi")})
    drawing.draw(surface, RatingView())
    """

    def __init__(self, catalogues: Mapping[str, Catalogue]) -> None:
        self._catalogues = catalogues

    def draw(self, surface: pygame.Surface, view: RatingView) -> None:
        """Paint the rating screen."""
        texts = self._catalogues[view.language]
        match view.page:
            case "failed":
                _draw_failed(surface, texts)
                return
            case "idle":
                draw_calm(surface, texts("rating.idle"), texts("rating.idle_hint"))
            case "reason":
                surface.fill(PAPER)
                _draw_answer(surface, view, texts, REASONS[0] - 0.02)
                draw_reasons(surface, view.reasons, texts)
                return
            case _:
                _draw_faces_page(surface, view, texts)
        _draw_bar(surface, view, texts)


def _draw_faces_page(surface: pygame.Surface, view: RatingView, texts: Catalogue) -> None:
    surface.fill(PAPER)
    if view.page == "ask":
        _draw_question(surface, view, texts)
    else:
        _draw_answer(surface, view, texts, QUESTION[1])
    looks = LOOKS[view.scale]
    boxes = level_boxes(*surface.get_size(), len(looks))
    for level, (look, box) in enumerate(zip(looks, boxes, strict=True), 1):
        standing = "asked" if not view.level else "chosen" if level == view.level else "other"
        _draw_level(surface, look, box, texts(level_key(view.scale, level)), standing)


def _draw_question(surface: pygame.Surface, view: RatingView, texts: Catalogue) -> None:
    size = surface.get_size()
    bar = band(*size, HEADER)
    surface.fill(TEAL, (bar.x, bar.y, bar.w, bar.h))
    surface.fill(GOLD, (bar.x, bar.y + bar.h - 4, bar.w, 4))
    inner = bar.inset(bar.w // 40, 4)
    letters = round(bar.h * 0.52)
    name = view.counter_name or texts("rating.title")
    write(surface, name, inner.part(0, 0, 0.42, 1), WHITE, letters, bold=True, align="left")
    if view.number:
        told = texts("rating.ended" if view.ended else "rating.serving")
        write(surface, told, inner.part(0.42, 0, 0.8, 1), MIST, round(letters * 0.8), align="right")
        chip = inner.part(0.82, 0.04, 1, 0.94)
        panel(surface, chip, GOLD, chip.h // 2)
        write(surface, view.number, chip.inset(8, 0), INK, letters, bold=True)
    question = texts("rating.exit" if view.at_exit else "rating.question")
    asked = band(*size, QUESTION).inset(size[0] // 40, 0)
    write(surface, question, asked, INK, round(size[1] * 0.075), bold=True, lines_max=2)


def _draw_answer(surface: pygame.Surface, view: RatingView, texts: Catalogue, bottom: float) -> None:
    """Thank, in the colour of the answer, down to `bottom` (share of the height): the faces stay in place."""
    look = LOOKS[view.scale][max(view.level, 1) - 1]
    size = surface.get_size()
    area = band(*size, (0.0, bottom))
    surface.fill(look.deep, (area.x, area.y, area.w, area.h))
    draw_face(surface, (area.x + round(area.h * 0.62), area.centre[1]), round(area.h * 0.82) // 2 * 2, look)
    told = Box(round(area.h * 1.2), area.y, area.w - round(area.h * 1.2) - size[0] // 40, area.h)
    first, second = _thanks(view, texts)
    write(surface, first, told.part(0, 0.04, 1, 0.56), WHITE, round(area.h * 0.42), bold=True)
    write(surface, second, told.part(0, 0.56, 1, 0.97), WHITE, round(area.h * 0.26), bold=True)


def _thanks(view: RatingView, texts: Catalogue) -> tuple[str, str]:
    """Return the large line and the one below it."""
    if view.page == "noted":
        return texts("rating.thanks"), texts("reason.noted")
    level = texts(level_key(view.scale, max(view.level, 1)))
    done = texts("rating.corrected" if view.corrected else "rating.recorded", level=level)
    if view.page == "reason":
        return done, texts("reason.question")
    return texts("rating.thanks"), done


def _draw_level(surface: pygame.Surface, look: Look, box: Box, name: str, standing: str) -> None:
    """Draw a tile: `standing` is `asked`, `chosen`, or `other` than the chosen one."""
    ground, ink, edge = {
        "asked": (look.pale, look.dark, mix(look.colour, look.dark, 0.25)),
        "chosen": (look.deep, WHITE, look.dark),
        "other": (CARD, INK, SHADE),
    }[standing]
    raised(surface, box, edge, 24, edge=mix(edge, look.dark, 0.3))
    panel(surface, box.inset(4), ground, 20)
    face = min(round(box.w * 0.78), round(box.h * 0.47))
    draw_face(surface, (box.centre[0], box.y + round(box.h * 0.28)), face, look)
    write(surface, name, box.part(0.04, 0.525, 0.96, 0.97), ink, round(box.h * 0.13), bold=True, lines_max=3)


def _draw_bar(surface: pygame.Surface, view: RatingView, texts: Catalogue) -> None:
    size = surface.get_size()
    if view.listens:
        draw_key(surface, listen_box(*size), texts("rating.listen"))
    if view.next_language:
        draw_key(surface, language_box(*size), view.next_language)
    if view.page == "ask":
        write(surface, texts("rating.hint"), middle_box(*size), SOFT_INK, round(size[1] * 0.05))


def _draw_failed(surface: pygame.Surface, texts: Catalogue) -> None:
    screen = Box(0, 0, *surface.get_size())
    surface.fill(ALARM)
    centre = (screen.w // 2, round(screen.h * 0.25))
    disc(surface, centre, round(screen.h * 0.14), WHITE)
    mark = Box(centre[0] - screen.h // 8, centre[1] - screen.h // 8, screen.h // 4, screen.h // 4)
    write(surface, "!", mark, ALARM, round(screen.h * 0.19), bold=True)
    told, help_ = screen.part(0.04, 0.45, 0.96, 0.64), screen.part(0.04, 0.66, 0.96, 0.9)
    write(surface, texts("rating.failed"), told, WHITE, round(screen.h * 0.1), bold=True)
    write(surface, texts("rating.failed_help"), help_, WHITE, round(screen.h * 0.07), lines_max=2)
