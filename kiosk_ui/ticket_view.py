"""What the ticket kiosk shows: the fields of work, the priority classes, the number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pygame

from kiosk_ui.catalogue import Catalogue
from kiosk_ui.drawing import panel, raised
from kiosk_ui.large_print import draw_key, write
from kiosk_ui.layout import Box
from kiosk_ui.palette import ALARM, CARD, GOLD, INK, PAPER, SHADE, TEAL, TEAL_DEEP, WHITE, Colour
from kiosk_ui.pictures import draw_picture
from kiosk_ui.ticket_layout import (
    HEADER,
    LANE_QUESTION,
    NUMBER,
    NUMBER_ALONE,
    QUESTION,
    band,
    field_boxes,
    greeter_of,
    lane_boxes,
    language_box,
    left_box,
    middle_box,
    shelves,
)
from kiosk_ui.ticket_pages import Page, SlipState
from kiosk_ui.told_wait import wait_text

ADVICE: dict[str, str] = {
    "printed": "ticket.take_slip",
    "broken": "ticket.printer_broken",
    "none": "ticket.keep_in_mind",
}
"""What to do under a number, by what became of its slip."""


@dataclass(frozen=True)
class Choice:
    """A field of work or a priority class, in the words of the language that is shown."""

    name: str
    picture: str = "folder"
    greeter: bool = False


@dataclass(frozen=True)
class TicketView:
    """The state of the kiosk's screen."""

    page: Page = "fields"
    language: str = "vi"
    next_language: str = ""
    """Name, in its own words, of the language that the key chooses; empty: there is no key."""
    office: str = ""
    fields: tuple[Choice, ...] = ()
    """Empty: the kiosk waits for its first document."""
    shelf: int = 0
    lanes: tuple[Choice, ...] = ()
    field: str = ""
    """What was chosen, on the page of priority classes and under a number."""
    number: str = ""
    lane: str = ""
    """Name of its priority class; empty for the ordinary one."""
    slip: SlipState = "printed"
    wait_min: tuple[int, int] | None = None


class TicketDrawing:
    """Paints views in the words of their language.

    drawing = TicketDrawing({"vi": load_catalogue("vi")})
    drawing.draw(surface, TicketView())
    """

    def __init__(self, catalogues: Mapping[str, Catalogue]) -> None:
        self._catalogues = catalogues

    def draw(self, surface: pygame.Surface, view: TicketView) -> None:
        """Paint the kiosk's screen."""
        texts = self._catalogues[view.language]
        if view.page == "failed":
            _draw_told(surface, ALARM, texts("ticket.failed"), texts("ticket.failed_help"))
        elif view.page == "number":
            _draw_number(surface, view, texts)
        elif view.page == "lanes":
            _draw_lanes(surface, view, texts)
        elif view.fields:
            _draw_fields(surface, view, texts)
        else:
            _draw_told(surface, TEAL, texts("ticket.waits_for_hub"), texts("ticket.waits_for_hub_help"))


def _draw_fields(surface: pygame.Surface, view: TicketView, texts: Catalogue) -> None:
    size = surface.get_size()
    surface.fill(PAPER)
    bar = band(*size, HEADER)
    surface.fill(TEAL, (bar.x, bar.y, bar.w, bar.h))
    surface.fill(GOLD, (bar.x, bar.y + bar.h - 4, bar.w, 4))
    write(surface, view.office, bar.inset(bar.w // 40, 5), WHITE, round(bar.h * 0.52), bold=True)
    asked = band(*size, QUESTION, size[0] // 40)
    write(surface, texts("ticket.question"), asked, INK, round(size[1] * 0.07), bold=True)
    greeter = greeter_of(view.fields)
    for index, box in field_boxes(*size, view.fields, view.shelf).items():
        if index == greeter:
            _draw_unknown(surface, box, texts("ticket.unknown"), view.fields[index].picture)
        else:
            _draw_choice(surface, box, view.fields[index], TEAL, WHITE)
    if len(shelves(view.fields)) > 1:
        draw_key(surface, left_box(*size), texts("ticket.back" if view.shelf else "ticket.more"))
    _draw_language(surface, view)


def _draw_lanes(surface: pygame.Surface, view: TicketView, texts: Catalogue) -> None:
    size = surface.get_size()
    surface.fill(PAPER)
    asked = band(*size, LANE_QUESTION, size[0] // 40)
    write(surface, texts("ticket.lanes"), asked, INK, round(size[1] * 0.075), bold=True)
    ordinary, *others = lane_boxes(*size, len(view.lanes))
    _draw_choice(surface, ordinary, Choice(texts("ticket.ordinary"), "person"), TEAL, WHITE)
    for lane, box in zip(view.lanes, others, strict=True):
        _draw_choice(surface, box, lane, CARD, INK)
    draw_key(surface, left_box(*size), texts("ticket.back"))
    write(surface, view.field, middle_box(*size), INK, round(size[1] * 0.055), bold=True)
    _draw_language(surface, view)


def _draw_number(surface: pygame.Surface, view: TicketView, texts: Catalogue) -> None:
    size = surface.get_size()
    surface.fill(TEAL)
    alone = view.slip != "printed"
    if not alone:
        told = band(*size, (0.01, 0.125), size[0] // 40)
        write(surface, texts("ticket.number"), told, WHITE, round(size[1] * 0.075), bold=True)
    card = band(*size, NUMBER_ALONE if alone else NUMBER, size[0] // (20 if alone else 5))
    panel(surface, card, CARD, 30)
    write(surface, view.number, card.inset(16, 0), INK, card.h, bold=True)
    lines = [(" · ".join(filter(None, (view.field, view.lane))), GOLD, 0.06)]
    lines += [(wait_text(texts, view.wait_min), WHITE, 0.06)] if view.wait_min is not None else []
    lines += [(texts(ADVICE[view.slip]), WHITE, 0.055)]
    bottom = NUMBER_ALONE[1] if alone else NUMBER[1]
    area = band(*size, (bottom + 0.01, 0.865), size[0] // 40)
    for place, (line, colour, share) in enumerate(lines):
        box = area.part(0, place / len(lines), 1, (place + 1) / len(lines))
        write(surface, line, box, colour, round(size[1] * share), bold=True, lines_max=2)
    done = middle_box(*size)
    raised(surface, done, GOLD, done.h // 3, edge=TEAL_DEEP)
    write(surface, texts("ticket.done"), done.inset(6, 0), INK, round(done.h * 0.5), bold=True)


def _draw_told(surface: pygame.Surface, ground: Colour, told: str, help_: str) -> None:
    screen = Box(0, 0, *surface.get_size())
    surface.fill(ground)
    first, second = screen.part(0.05, 0.22, 0.95, 0.52), screen.part(0.05, 0.54, 0.95, 0.78)
    write(surface, told, first, WHITE, round(screen.h * 0.1), bold=True, lines_max=2)
    write(surface, help_, second, WHITE, round(screen.h * 0.065), lines_max=2)


def _draw_choice(surface: pygame.Surface, box: Box, choice: Choice, ground: Colour, ink: Colour) -> None:
    """Draw a tile: its picture at the left, its words beside it."""
    raised(surface, box, ground, 20, edge=TEAL_DEEP if ground == TEAL else SHADE)
    side = min(round(box.h * 0.78), round(box.w * 0.27))
    gap = min(12, (box.h - side) // 2)
    draw_picture(surface, choice.picture, box.x + gap, box.y + (box.h - side) // 2, side, ink)
    left = side + 2 * gap
    told = Box(box.x + left, box.y + 2, box.w - left - 8, box.h - 4)
    write(surface, choice.name, told, ink, min(round(box.h * 0.5), 46), bold=True, align="left", lines_max=3)


def _draw_unknown(surface: pygame.Surface, box: Box, text: str, picture: str) -> None:
    raised(surface, box, GOLD, box.h // 3, edge=TEAL_DEEP)
    side = round(box.h * 0.8)
    draw_picture(surface, picture, box.x + 8, box.y + (box.h - side) // 2, side, INK)
    told = Box(box.x + side + 12, box.y, box.w - side - 20, box.h)
    write(surface, text, told, INK, round(box.h * 0.5), bold=True)


def _draw_language(surface: pygame.Surface, view: TicketView) -> None:
    if view.next_language:
        draw_key(surface, language_box(*surface.get_size()), view.next_language)
