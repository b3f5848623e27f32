"""Where words and targets go: pure arithmetic, without a screen."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

ELLIPSIS = "…"
EVEN_LINES_MAX = 4
"""Larger words stand on no more lines; longer texts are read as any page is."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels."""

    x: int
    y: int
    w: int
    h: int

    def holds(self, x: int, y: int) -> bool:
        """Tell whether the point lies inside."""
        return self.x <= x < self.x + self.w and self.y <= y < self.y + self.h

    def inset(self, dx: int, dy: int | None = None) -> Box:
        """Return the box smaller by `dx` at the left and right, by `dy` at the top and bottom."""
        dy = dx if dy is None else dy
        return Box(self.x + dx, self.y + dy, max(0, self.w - 2 * dx), max(0, self.h - 2 * dy))

    def part(self, left: float, top: float, right: float, bottom: float) -> Box:
        """Return the part between these shares (0 … 1) of width and height."""
        x, y = self.x + round(self.w * left), self.y + round(self.h * top)
        return Box(x, y, self.x + round(self.w * right) - x, self.y + round(self.h * bottom) - y)

    @property
    def centre(self) -> tuple[int, int]:
        """The middle."""
        return self.x + self.w // 2, self.y + self.h // 2


def split(box: Box, columns: int, rows: int, gap: int) -> list[Box]:
    """Return the cells of a grid in reading order, `gap` pixels apart."""
    w = (box.w - gap * (columns - 1)) // columns
    h = (box.h - gap * (rows - 1)) // rows
    return [
        Box(box.x + column * (w + gap), box.y + row * (h + gap), w, h)
        for row in range(rows)
        for column in range(columns)
    ]


def grid_for(count: int) -> tuple[int, int]:
    """Return (columns, rows) for that many targets, as large as they can be: at most 3 columns."""
    columns = 1 if count <= 2 else 2 if count <= 6 else 3
    return columns, -(-count // columns)


def wrap(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Break `text` into lines no wider than `width`; a word that is wider is broken inside."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if measure(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *whole, line = _pieces(word, width, measure)
        lines += whole
    return [*lines, line] if line else lines


def even(lines: list[str], width: float, measure: Callable[[str], float]) -> list[str]:
    """Return the words of `lines` on as many lines, none wider than `width`, as even as they can be.

    The sum of the squares of their widths is smallest then: no word is left alone where a neighbour can come
    down to it. More than `EVEN_LINES_MAX` lines stay as they are.
    """
    if not 1 < len(lines) <= EVEN_LINES_MAX:
        return lines
    words = " ".join(lines).split()

    @cache
    def best(start: int, count: int) -> tuple[float, list[str]]:
        found: tuple[float, list[str]] = (math.inf, [])
        ends = range(start + 1, len(words) - count + 2) if count > 1 else [len(words)]
        for end in ends:
            line = " ".join(words[start:end])
            wide = measure(line)
            if wide > width:
                break
            rest, below = best(end, count - 1) if count > 1 else (0.0, [])
            found = min(found, (wide**2 + rest, [line, *below]))
        return found

    return best(0, len(lines))[1] or lines


def _pieces(word: str, width: float, measure: Callable[[str], float]) -> Iterator[str]:
    piece = ""
    for letter in word:
        if piece and measure(piece + letter) > width:
            yield piece
            piece = ""
        piece += letter
    yield piece


def fit(
    text: str,
    box: tuple[float, float],
    sizes: tuple[int, int],
    measure: Callable[[int, str], float],
    line_height: Callable[[int], float],
    lines_max: int,
) -> tuple[int, list[str]]:
    """Return (size, lines) of the largest text that fits `box` (width, height).

    Lines are as few as can be, and then as even. `sizes` is (largest, smallest). What does not fit at the
    smallest is cut, with an ellipsis.
    """
    largest, smallest = sizes
    width, height = box
    size = largest
    while True:
        lines = wrap(text, width, lambda part, at=size: measure(at, part))  # type: ignore[misc]
        room = max(1, min(lines_max, int(height // line_height(size))))
        if len(lines) <= room and not _broken(text, lines):
            return size, even(lines, width, lambda part, at=size: measure(at, part))  # type: ignore[misc]
        if size <= smallest:
            return size, lines if len(lines) <= room else _cut(lines, room, width, size, measure)
        size = max(smallest, size - max(1, size // 16))


def _broken(text: str, lines: list[str]) -> bool:
    return " ".join(lines) != " ".join(text.split())


def _cut(
    lines: list[str], room: int, width: float, size: int, measure: Callable[[int, str], float]
) -> list[str]:
    last = lines[room - 1]
    while last and measure(size, last + ELLIPSIS) > width:
        last = last[:-1]
    return [*lines[: room - 1], last.rstrip() + ELLIPSIS]
