"""What the queue display shows: the call of the moment, the last ones, who is next, notices in between.

All words stand dark on light or light on deep with a contrast of 7:1 or better (WCAG 2.1, AAA).
"""

from __future__ import annotations

from dataclasses import dataclass

import pygame

from kiosk_ui.bilingual import Bilingual
from kiosk_ui.drawing import panel, words
from kiosk_ui.layout import Box, split
from kiosk_ui.notice_view import ShownNotice, draw_notice
from kiosk_ui.palette import (
    CARD,
    GOLD,
    GOLD_PALE,
    INK,
    MIST,
    PAPER,
    TEAL,
    TEAL_DEEP,
    TEAL_PALE,
    WHITE,
    Colour,
)

READ = (
    (INK, PAPER),
    (INK, CARD),
    (INK, GOLD),
    (INK, GOLD_PALE),
    (INK, TEAL_PALE),
    (TEAL, CARD),
    (TEAL, PAPER),
    (TEAL, TEAL_PALE),
    (WHITE, TEAL_DEEP),
    (GOLD, TEAL_DEEP),
    (MIST, TEAL_DEEP),
)
"""Every pair of words and ground on this screen and on its notices."""

CALLED_ROWS = 6
CALLED_IN_STRIP = 4


@dataclass(frozen=True)
class ShownCall:
    """A number that is or was called; `fresh` has the stage, `again`: it was called before."""

    number: str
    counter_name: str
    fresh: bool = False
    again: bool = False


@dataclass(frozen=True)
class NextInField:
    """The next numbers of a field of work."""

    field: str
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class DisplayView:
    """The state of the display."""

    office: str = ""
    """Empty: nothing is known yet."""
    clock: str = ""
    """Hour and minute, empty while the clock is not sure."""
    large: ShownCall | None = None
    """The call of the moment, or the last one."""
    called: tuple[ShownCall, ...] = ()
    """The calls before it, newest first."""
    next: tuple[NextInField, ...] = ()
    waiting_total: int = 0
    notice: ShownNotice | None = None
    """Shown instead of the large call, which then stands in a strip."""


def draw_display(surface: pygame.Surface, view: DisplayView, texts: Bilingual) -> None:
    """Paint the display."""
    screen = Box(0, 0, *surface.get_size())
    surface.fill(PAPER)
    if not view.office:
        _draw_nothing_known(surface, screen, texts)
        return
    _draw_header(surface, screen.part(0, 0, 1, 0.11), view)
    body = screen.part(0, 0.11, 1, 1).inset(screen.w // 60, screen.h // 45)
    if view.notice is not None:
        draw_notice(surface, body.part(0, 0, 1, 0.76), view.notice)
        _draw_strip(surface, body.part(0, 0.79, 1, 1), view, texts)
        return
    _draw_large(surface, body.part(0, 0, 0.6, 0.76), view.large, texts)
    _draw_called(surface, body.part(0.62, 0, 1, 0.76), view, texts)
    _draw_next(surface, body.part(0, 0.79, 1, 1), view, texts)


def _draw_header(surface: pygame.Surface, bar: Box, view: DisplayView) -> None:
    surface.fill(TEAL_DEEP, (bar.x, bar.y, bar.w, bar.h))
    surface.fill(GOLD, (bar.x, bar.y + bar.h - 5, bar.w, 5))
    inner = bar.inset(bar.w // 60, 5)
    name = inner.part(0, 0, 0.82, 1)
    words(surface, view.office, name, WHITE, round(bar.h * 0.54), bold=True, align="left")
    words(surface, view.clock, inner.part(0.84, 0, 1, 1), GOLD, round(bar.h * 0.66), bold=True, align="right")


def _draw_large(surface: pygame.Surface, box: Box, call: ShownCall | None, texts: Bilingual) -> None:
    panel(surface, box, GOLD if call and call.fresh else CARD, 28)
    inner = box.inset(box.w // 24, box.h // 24)
    if call is None:
        words(surface, texts("display.nobody_called"), inner, INK, round(inner.h * 0.13), lines_max=2)
        return
    said = ("display.calling_again" if call.again else "display.calling") if call.fresh else "display.last"
    words(surface, texts.both(said), inner.part(0, 0, 1, 0.14), INK, round(inner.h * 0.1), bold=True)
    words(surface, call.number, inner.part(0, 0.13, 1, 0.68), INK, round(inner.h * 0.52), bold=True)
    to = inner.part(0, 0.7, 1, 1)
    panel(surface, to, TEAL_DEEP, 20)
    _arrow(surface, to.part(0.05, 0.3, 0.17, 0.7), GOLD)
    name = to.part(0.21, 0.05, 0.97, 0.95)
    words(surface, call.counter_name, name, WHITE, round(to.h * 0.7), bold=True)


def _draw_called(surface: pygame.Surface, area: Box, view: DisplayView, texts: Bilingual) -> None:
    title = area.part(0, 0, 1, 0.09)
    words(surface, texts.both("display.called"), title, INK, round(title.h * 0.74), bold=True, align="left")
    rows = split(area.part(0, 0.11, 1, 1), 1, CALLED_ROWS, area.h // 60)
    for call, box in zip(view.called, rows, strict=False):
        panel(surface, box, CARD, 14)
        inner = box.inset(box.w // 28, 0)
        number = inner.part(0, 0, 0.4, 1)
        words(surface, call.number, number, INK, round(box.h * 0.62), bold=True, align="left")
        _arrow(surface, inner.part(0.42, 0.34, 0.5, 0.66), TEAL)
        name = inner.part(0.54, 0, 1, 1)
        words(surface, call.counter_name, name, INK, round(box.h * 0.5), bold=True, align="left", lines_max=2)


def _arrow(surface: pygame.Surface, box: Box, colour: Colour) -> None:
    middle = box.y + box.h // 2
    head = box.w // 2
    thick = max(4, box.h // 4)
    surface.fill(colour, (box.x, middle - thick // 2, box.w - head, thick))
    tip = [(box.x + box.w, middle), (box.x + box.w - head, box.y), (box.x + box.w - head, box.y + box.h)]
    pygame.draw.polygon(surface, colour, tip)
    pygame.draw.aalines(surface, colour, True, tip)


def _draw_next(surface: pygame.Surface, area: Box, view: DisplayView, texts: Bilingual) -> None:
    panel(surface, area, TEAL_PALE, 18)
    inner = area.inset(area.w // 60, area.h // 14)
    told = inner.part(0, 0, 0.17, 1)
    if not view.waiting_total:
        words(surface, texts.both("display.nobody_waiting"), inner, INK, round(inner.h * 0.3))
        return
    waiting = texts("display.waiting", count=view.waiting_total)
    words(
        surface,
        texts("display.next"),
        told.part(0, 0, 1, 0.5),
        TEAL,
        round(told.h * 0.27),
        bold=True,
        align="left",
    )
    words(surface, waiting, told.part(0, 0.5, 1, 1), INK, round(told.h * 0.27), bold=True, align="left")
    columns = split(inner.part(0.18, 0, 1, 1), max(2, len(view.next)), 1, inner.w // 60)
    for each, box in zip(view.next, columns, strict=False):
        words(
            surface, each.field, box.part(0, 0, 1, 0.46), INK, round(box.h * 0.27), align="left", lines_max=2
        )
        numbers = "  ".join(each.numbers)
        size = min(round(box.h * 0.4), box.w // 8)
        words(surface, numbers, box.part(0, 0.48, 1, 1), INK, size, bold=True, align="left")


def _draw_strip(surface: pygame.Surface, area: Box, view: DisplayView, texts: Bilingual) -> None:
    calls = [call for call in (view.large, *view.called) if call][:CALLED_IN_STRIP]
    if not calls:
        words(surface, texts.both("display.take_number"), area, INK, round(area.h * 0.3))
        return
    for call, box in zip(calls, split(area, CALLED_IN_STRIP, 1, area.w // 60), strict=False):
        panel(surface, box, GOLD_PALE, 18)
        number = box.part(0.05, 0.04, 0.95, 0.6)
        words(surface, call.number, number, INK, round(box.h * 0.46), bold=True)
        words(
            surface, call.counter_name, box.part(0.05, 0.6, 0.95, 0.94), INK, round(box.h * 0.28), bold=True
        )


def _draw_nothing_known(surface: pygame.Surface, screen: Box, texts: Bilingual) -> None:
    surface.fill(TEAL_DEEP)
    told = screen.part(0.06, 0.36, 0.94, 0.54)
    words(surface, texts("display.welcome"), told, WHITE, round(screen.h * 0.12), bold=True)
    help_ = screen.part(0.06, 0.56, 0.94, 0.66)
    words(surface, texts("display.waits_for_hub"), help_, GOLD, round(screen.h * 0.05))
    small = screen.part(0.06, 0.67, 0.94, 0.74)
    words(surface, texts.small("display.waits_for_hub"), small, MIST, round(screen.h * 0.038))
