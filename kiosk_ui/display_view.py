"""What the queue display shows: calls, who waits, and the notice board in between."""

from __future__ import annotations

from dataclasses import dataclass

import pygame

from kiosk_ui.drawing import panel, words
from kiosk_ui.layout import Box, split
from kiosk_ui.palette import CARD, GOLD, GOLD_PALE, INK, MIST, PAPER, SOFT_INK, TEAL, TEAL_PALE, WHITE

CALLS_SHOWN = 4
WAITING_SHOWN = 6


@dataclass(frozen=True)
class ShownCall:
    """A number that is called; `fresh` ones stand out."""

    number: str
    counter_name: str
    fresh: bool = False


@dataclass(frozen=True)
class ShownWaiting:
    """A number that waits."""

    number: str
    field: str


@dataclass(frozen=True)
class ShownNotice:
    """A page of the notice board."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class DisplayView:
    """The state of the display."""

    office: str = ""
    """Empty: nothing is known yet."""
    clock: str = ""
    """Hour and minute, empty while the clock is not sure."""
    calls: tuple[ShownCall, ...] = ()
    waiting: tuple[ShownWaiting, ...] = ()
    waiting_total: int = 0
    notice: ShownNotice | None = None
    """Shown instead of the large calls, which then stand in a strip."""


def draw_display(surface: pygame.Surface, view: DisplayView) -> None:
    """Paint the display."""
    screen = Box(0, 0, *surface.get_size())
    surface.fill(PAPER)
    if not view.office:
        _draw_nothing_known(surface, screen)
        return
    _draw_header(surface, screen.part(0, 0, 1, 0.12), view)
    body = screen.part(0, 0.12, 1, 1).inset(screen.w // 48, screen.h // 36)
    if view.notice is None:
        _draw_calls(surface, body.part(0, 0, 0.64, 1), view)
        _draw_waiting(surface, body.part(0.665, 0, 1, 1), view)
    else:
        _draw_notice(surface, body.part(0, 0, 1, 0.72), view.notice)
        _draw_strip(surface, body.part(0, 0.76, 1, 1), view)


def _draw_header(surface: pygame.Surface, bar: Box, view: DisplayView) -> None:
    surface.fill(TEAL, (bar.x, bar.y, bar.w, bar.h))
    surface.fill(GOLD, (bar.x, bar.y + bar.h - 5, bar.w, 5))
    inner = bar.inset(bar.w // 48, 6)
    name = inner.part(0, 0, 0.82, 1)
    words(surface, view.office, name, WHITE, round(bar.h * 0.52), bold=True, align="left")
    words(surface, view.clock, inner.part(0.82, 0, 1, 1), GOLD, round(bar.h * 0.62), bold=True, align="right")


def _draw_calls(surface: pygame.Surface, area: Box, view: DisplayView) -> None:
    title = area.part(0, 0, 1, 0.09)
    words(
        surface,
        "Mời đến quầy  ·  Now serving",
        title,
        SOFT_INK,
        round(title.h * 0.7),
        bold=True,
        align="left",
    )
    rows = split(area.part(0, 0.105, 1, 1), 1, CALLS_SHOWN, area.h // 50)
    if not view.calls:
        words(surface, "Chưa gọi số nào", rows[0], SOFT_INK, round(rows[0].h * 0.42))
    for call, box in zip(view.calls[:CALLS_SHOWN], rows, strict=False):
        _draw_call(surface, box, call)


def _draw_call(surface: pygame.Surface, box: Box, call: ShownCall) -> None:
    panel(surface, box, GOLD if call.fresh else CARD, 22)
    inner = box.inset(box.w // 28, 0)
    number = inner.part(0, 0, 0.42, 1)
    words(surface, call.number, number, INK, round(box.h * 0.74), bold=True, align="left")
    _arrow(surface, inner.part(0.44, 0.3, 0.52, 0.7), INK if call.fresh else TEAL)
    name = inner.part(0.55, 0.05, 1, 0.95)
    words(surface, call.counter_name, name, INK, round(box.h * 0.56), bold=True, align="left")


def _arrow(surface: pygame.Surface, box: Box, colour: tuple[int, int, int]) -> None:
    middle = box.y + box.h // 2
    head = box.w // 2
    thick = max(4, box.h // 5)
    surface.fill(colour, (box.x, middle - thick // 2, box.w - head, thick))
    tip = [(box.x + box.w, middle), (box.x + box.w - head, box.y), (box.x + box.w - head, box.y + box.h)]
    pygame.draw.polygon(surface, colour, tip)
    pygame.draw.aalines(surface, colour, True, tip)


def _draw_waiting(surface: pygame.Surface, area: Box, view: DisplayView) -> None:
    panel(surface, area, TEAL_PALE, 22)
    inner = area.inset(area.w // 16, area.h // 40)
    title = inner.part(0, 0, 1, 0.1)
    told = f"Đang chờ: {view.waiting_total}"
    words(surface, told, title, TEAL, round(title.h * 0.72), bold=True, align="left")
    rows = split(inner.part(0, 0.12, 1, 1), 1, WAITING_SHOWN, inner.h // 60)
    if not view.waiting:
        words(surface, "Không có ai đang chờ", rows[0], SOFT_INK, round(rows[0].h * 0.4), align="left")
    for each, box in zip(view.waiting[:WAITING_SHOWN], rows, strict=False):
        number = box.part(0, 0, 0.36, 1)
        words(surface, each.number, number, INK, round(box.h * 0.52), bold=True, align="left")
        field = box.part(0.38, 0, 1, 1)
        words(surface, each.field, field, SOFT_INK, round(box.h * 0.36), align="left", lines_max=2)


def _draw_notice(surface: pygame.Surface, area: Box, notice: ShownNotice) -> None:
    panel(surface, area, CARD, 26)
    inner = area.inset(area.w // 24, area.h // 24)
    title = inner.part(0, 0, 1, 0.2)
    words(surface, notice.title, title, TEAL, round(title.h * 0.72), bold=True, align="left")
    surface.fill(GOLD, (inner.x, inner.y + round(inner.h * 0.215), round(inner.w * 0.18), 5))
    rows = split(inner.part(0, 0.26, 1, 1), 1, max(4, len(notice.lines)), 2)
    for line, box in zip(notice.lines, rows, strict=False):
        words(surface, line, box, INK, min(round(box.h * 0.62), 46), align="left", lines_max=2)


def _draw_strip(surface: pygame.Surface, area: Box, view: DisplayView) -> None:
    boxes = split(area, CALLS_SHOWN, 1, area.w // 60)
    for call, box in zip(view.calls[:CALLS_SHOWN], boxes, strict=False):
        panel(surface, box, GOLD_PALE, 20)
        number = box.part(0.05, 0.06, 0.95, 0.6)
        words(surface, call.number, number, INK, round(box.h * 0.44), bold=True)
        words(surface, call.counter_name, box.part(0.05, 0.6, 0.95, 0.92), SOFT_INK, round(box.h * 0.24))
    if not view.calls:
        told = "Mời ông/bà lấy số ở máy lấy số  ·  Please take a number"
        words(surface, told, area, SOFT_INK, round(area.h * 0.32))


def _draw_nothing_known(surface: pygame.Surface, screen: Box) -> None:
    surface.fill(TEAL)
    told = screen.part(0.06, 0.36, 0.94, 0.54)
    words(surface, "Kính chào ông/bà", told, WHITE, round(screen.h * 0.12), bold=True)
    help_ = screen.part(0.06, 0.56, 0.94, 0.66)
    words(surface, "Bảng gọi số đang chờ hub. Xin hỏi cán bộ hướng dẫn", help_, GOLD, round(screen.h * 0.05))
    english = screen.part(0.06, 0.67, 0.94, 0.74)
    words(surface, "The board waits for the hub. Please ask.", english, MIST, round(screen.h * 0.038))
