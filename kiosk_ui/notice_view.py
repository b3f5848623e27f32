"""How a page of the notice board looks: text, slogan, table of fees or phones, picture, reminder.

A line with `|` in it is a row of a table: `Chứng thực bản sao | 2.000 đ một trang | trong ngày`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pygame

from firmware_agent.lines import printable
from kiosk_ui.drawing import panel, words
from kiosk_ui.fonts import font
from kiosk_ui.layout import Box, split
from kiosk_ui.palette import CARD, GOLD, GOLD_PALE, INK, TEAL, TEAL_DEEP, TEAL_PALE, WHITE, Colour
from wire.intents import Notice

LINES_A_PAGE = 6
"""More lines go to a page of their own: letters must be read from the last row of chairs."""

COLUMNS_MAX = 4
PICTURES_KEPT = 6
"""Pictures kept drawn at their size: 1920 × 1080 takes 8 MB."""

GROUNDS: dict[str, tuple[Colour, Colour, Colour]] = {
    "slogan": (TEAL_DEEP, GOLD, WHITE),
    "reminder": (GOLD_PALE, INK, INK),
}
"""Ground, title and lines by kind; the others are dark on white."""
PLAIN = (CARD, TEAL, INK)


@dataclass(frozen=True)
class ShownNotice:
    """A page of the notice board."""

    title: str
    lines: tuple[str, ...]
    kind: str = "text"
    picture: str = ""
    """File of the picture; empty: the text stands alone."""
    page: int = 1
    pages: int = 1


def pages_of(notice: Notice, picture: str) -> list[ShownNotice]:
    """Return the pages that a notice takes."""
    lines = [line for line in notice.lines if line.strip()]
    parts = [lines[at : at + LINES_A_PAGE] for at in range(0, len(lines), LINES_A_PAGE)] or [[]]
    return [
        ShownNotice(notice.title, tuple(part), notice.kind, picture, index, len(parts))
        for index, part in enumerate(parts, 1)
    ]


def draw_notice(surface: pygame.Surface, area: Box, notice: ShownNotice) -> None:
    """Paint a page of the notice board."""
    ground, title_colour, colour = GROUNDS.get(notice.kind, PLAIN)
    panel(surface, area, ground, 26)
    inner = area.inset(area.w // 28, area.h // 22)
    if notice.picture:
        inner = _draw_beside_picture(surface, inner, notice)
    if not inner.w:
        return
    if notice.kind == "slogan":
        _draw_slogan(surface, inner, notice, title_colour, colour)
        return
    _draw_title(surface, inner.part(0, 0, 1, 0.2), notice, title_colour)
    body = inner.part(0, 0.25, 1, 1)
    if any("|" in line for line in notice.lines):
        _draw_table(surface, body, notice.lines)
    else:
        rows = split(body, 1, max(4, len(notice.lines)), 2)
        for line, box in zip(notice.lines, rows, strict=False):
            words(surface, line, box, colour, round(box.h * 0.62), align="left", lines_max=2)


def _draw_title(surface: pygame.Surface, box: Box, notice: ShownNotice, colour: Colour) -> None:
    title = notice.title if notice.pages == 1 else f"{notice.title} ({notice.page}/{notice.pages})"
    words(surface, title, box.part(0, 0, 1, 0.9), colour, round(box.h * 0.66), bold=True, align="left")
    surface.fill(GOLD, (box.x, box.y + box.h - 5, box.w // 5, 5))


def _draw_slogan(
    surface: pygame.Surface, inner: Box, notice: ShownNotice, title_colour: Colour, colour: Colour
) -> None:
    if not notice.lines:
        words(surface, notice.title, inner, title_colour, round(inner.h * 0.3), bold=True, lines_max=3)
        return
    words(surface, notice.title, inner.part(0, 0, 1, 0.26), title_colour, round(inner.h * 0.17), bold=True)
    rows = split(inner.part(0, 0.3, 1, 1), 1, max(2, len(notice.lines)), 4)
    for line, box in zip(notice.lines, rows, strict=False):
        words(surface, line, box, colour, min(round(box.h * 0.5), inner.h // 7), bold=True, lines_max=2)


def _draw_table(surface: pygame.Surface, area: Box, lines: tuple[str, ...]) -> None:
    """Rows on alternating ground; a line without `|` is a heading over the whole width."""
    table = [[cell.strip() for cell in line.split("|")][:COLUMNS_MAX] for line in lines]
    rows = split(area, 1, max(4, len(table)), 6)
    size = round(rows[0].h * 0.5)
    lefts = _column_lefts(table, size)
    for index, (cells, box) in enumerate(zip(table, rows, strict=False)):
        panel(surface, box, TEAL_PALE if index % 2 == 0 else CARD, 12)
        inner = box.inset(box.w // 60, 0)
        edges = [0.0, 1.0] if len(cells) == 1 else [*lefts[: len(cells)], 1.0]
        for place, cell in enumerate(cells):
            part = inner.part(edges[place], 0, edges[place + 1] - (0.02 if edges[place + 1] < 1 else 0), 1)
            words(surface, cell, part, INK, size, bold=place == 0, align="left", lines_max=2)


def _column_lefts(table: list[list[str]], size: int) -> list[float]:
    """Where columns begin, as shares of the width: by their longest words, the first one at least a third."""
    count = max(len(cells) for cells in table)
    widest = [
        max(font(size, place == 0).size(printable(cells[place]))[0] for cells in table if place < len(cells))
        for place in range(count)
        if any(place < len(cells) > 1 for cells in table)
    ] or [1]
    widths = [min(width, 3 * min(each for each in [*widest, 10**6] if each)) + size for width in widest]
    total = sum(widths)
    return [sum(widths[:place]) / total for place in range(len(widths))]


def _draw_beside_picture(surface: pygame.Surface, inner: Box, notice: ShownNotice) -> Box:
    """Draw the picture, and return what it leaves for the words; all, where it cannot be drawn."""
    alone = notice.kind == "picture" and not notice.lines
    place = inner.part(0, 0, 1, 0.84) if alone else inner.part(0.58, 0, 1, 1)
    drawn = _picture(notice.picture, place.w, place.h)
    if drawn is None:
        return inner
    middle = place.centre
    surface.blit(drawn, (middle[0] - drawn.get_width() // 2, middle[1] - drawn.get_height() // 2))
    if not alone:
        return inner.part(0, 0, 0.56, 1)
    words(surface, notice.title, inner.part(0, 0.86, 1, 1), INK, round(inner.h * 0.1), bold=True)
    return Box(0, 0, 0, 0)


@lru_cache(maxsize=PICTURES_KEPT)
def _picture(path: str, width: int, height: int) -> pygame.Surface | None:
    """Return a picture as large as fits; None for a file that is none."""
    try:
        if not Path(path).is_file():
            return None
        loaded = pygame.image.load(path)
    except (pygame.error, OSError):
        return None
    scale = min(width / loaded.get_width(), height / loaded.get_height())
    size = max(1, round(loaded.get_width() * scale)), max(1, round(loaded.get_height() * scale))
    if loaded.get_bitsize() < 24:  # a palette: smooth scaling wants whole colours
        whole = pygame.Surface(loaded.get_size(), depth=24)
        whole.blit(loaded, (0, 0))
        loaded = whole
    return pygame.transform.smoothscale(loaded, size)
