"""What the ticket kiosk shows, and where its targets are."""

from __future__ import annotations

from dataclasses import dataclass

import pygame

from kiosk_ui.drawing import panel, raised, words
from kiosk_ui.layout import Box, grid_for, split
from kiosk_ui.palette import ALARM, CARD, GOLD, INK, MIST, PAPER, SOFT_INK, TEAL, TEAL_DEEP, WHITE

TAKE_SLIP = "Hãy lấy phiếu và nhìn bảng gọi số"
KEEP_IN_MIND = "Xin nhớ số này và nhìn bảng gọi số"
PRINTER_BROKEN = "Máy in đang hỏng. Xin nhớ số này, số vẫn có giá trị"


@dataclass(frozen=True)
class Choice:
    """A field of work to choose."""

    name: str
    name_en: str


@dataclass(frozen=True)
class TicketView:
    """The state of the kiosk's screen: one of its pages."""

    office: str = ""
    choices: tuple[Choice, ...] = ()
    """Empty: the kiosk waits for its first document."""
    number: str = ""
    """The number that was just given; empty: the screen asks."""
    field: str = ""
    """The field of work that it was given for."""
    advice: str = ""
    """What to do now, under the number."""
    failed: bool = False
    """The last number could not be kept, so none was given."""


def choice_boxes(width: int, height: int, count: int) -> list[Box]:
    """Return where the fields of work stand on the screen, in their order."""
    if count == 0:
        return []
    columns, rows = grid_for(count)
    margin = width // 32
    top = round(height * 0.31)
    area = Box(margin, top, width - 2 * margin, round(height * 0.95) - top)
    return split(area, columns, rows, width // 50)[:count]


def choice_at(width: int, height: int, count: int, x: int, y: int) -> int | None:
    """Return which field of work (0 …) stands at that point of the screen."""
    for index, box in enumerate(choice_boxes(width, height, count)):
        if box.holds(x, y):
            return index
    return None


def done_box(width: int, height: int) -> Box:
    """Return where “Xong” stands under a number."""
    return Box(0, 0, width, height).part(0.35, 0.83, 0.65, 0.96)


def draw_ticket(surface: pygame.Surface, view: TicketView) -> None:
    """Paint the kiosk's screen."""
    screen = Box(0, 0, *surface.get_size())
    if view.failed:
        _draw_failed(surface, screen)
    elif view.number:
        _draw_number(surface, screen, view)
    elif view.choices:
        _draw_choices(surface, screen, view)
    else:
        _draw_waiting(surface, screen)


def _draw_choices(surface: pygame.Surface, screen: Box, view: TicketView) -> None:
    surface.fill(PAPER)
    bar = screen.part(0, 0, 1, 0.135)
    surface.fill(TEAL, (bar.x, bar.y, bar.w, bar.h))
    surface.fill(GOLD, (bar.x, bar.y + bar.h - 4, bar.w, 4))
    words(surface, view.office, bar.inset(bar.w // 40, 6), WHITE, round(bar.h * 0.5), bold=True)
    ask = screen.part(0.03, 0.15, 0.97, 0.24)
    words(surface, "Ông/bà cần làm việc gì? Chạm để lấy số", ask, INK, round(screen.h * 0.066), bold=True)
    ask_en = screen.part(0.03, 0.235, 0.97, 0.295)
    words(surface, "What do you need? Touch to take a number", ask_en, SOFT_INK, round(screen.h * 0.038))
    boxes = choice_boxes(screen.w, screen.h, len(view.choices))
    for choice, box in zip(view.choices, boxes, strict=True):
        raised(surface, box, TEAL, 22, edge=TEAL_DEEP)
        size = min(round(box.h * 0.3), round(screen.h * 0.085))
        name = box.part(0.05, 0.1, 0.95, 0.68)
        words(surface, choice.name, name, WHITE, size, bold=True, lines_max=2)
        words(surface, choice.name_en, box.part(0.05, 0.66, 0.95, 0.92), MIST, round(size * 0.5))


def _draw_number(surface: pygame.Surface, screen: Box, view: TicketView) -> None:
    surface.fill(TEAL)
    told = screen.part(0.05, 0.05, 0.95, 0.17)
    words(surface, "Số của ông/bà  ·  Your number", told, WHITE, round(screen.h * 0.075), bold=True)
    card = screen.part(0.2, 0.2, 0.8, 0.62)
    panel(surface, card, CARD, 30)
    words(surface, view.number, card.inset(20, 0), INK, round(card.h * 0.72), bold=True)
    field = screen.part(0.05, 0.64, 0.95, 0.73)
    words(surface, view.field, field, GOLD, round(screen.h * 0.06), bold=True)
    words(surface, view.advice, screen.part(0.05, 0.735, 0.95, 0.81), WHITE, round(screen.h * 0.048))
    done = done_box(screen.w, screen.h)
    raised(surface, done, GOLD, 24, edge=TEAL_DEEP)
    words(surface, "Xong  ·  Done", done.inset(10, 0), INK, round(done.h * 0.42), bold=True)


def _draw_waiting(surface: pygame.Surface, screen: Box) -> None:
    surface.fill(TEAL)
    told = screen.part(0.06, 0.3, 0.94, 0.52)
    words(surface, "Máy lấy số đang chờ thiết lập từ hub", told, WHITE, round(screen.h * 0.08), bold=True)
    help_ = screen.part(0.06, 0.53, 0.94, 0.66)
    words(surface, "Xin mời ông/bà đến thẳng quầy hướng dẫn", help_, GOLD, round(screen.h * 0.06))
    english = screen.part(0.06, 0.68, 0.94, 0.76)
    words(surface, "Not set up yet. Please ask at the desk.", english, MIST, round(screen.h * 0.042))


def _draw_failed(surface: pygame.Surface, screen: Box) -> None:
    surface.fill(ALARM)
    told = screen.part(0.06, 0.3, 0.94, 0.52)
    words(surface, "Chưa lấy được số. Xin thử lại", told, WHITE, round(screen.h * 0.1), bold=True)
    help_ = screen.part(0.06, 0.55, 0.94, 0.7)
    words(surface, "Nếu vẫn lỗi, xin mời đến quầy hướng dẫn", help_, WHITE, round(screen.h * 0.06))
    english = screen.part(0.06, 0.72, 0.94, 0.8)
    words(surface, "No number was given. Please try again.", english, WHITE, round(screen.h * 0.042))
