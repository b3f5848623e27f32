"""Where the ticket kiosk's targets are: pure arithmetic, for the drawing and for the finger alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kiosk_ui.layout import Box, grid_for, split

HEADER, QUESTION, FIELDS, BAR = (0.0, 0.125), (0.135, 0.235), (0.25, 0.845), (0.872, 0.985)
"""From top to bottom, as shares of the height."""
LANE_QUESTION, ORDINARY_LANE, LANES = (0.01, 0.125), (0.135, 0.315), (0.335, 0.85)
"""The same on the page that asks for the priority class."""
NUMBER, NUMBER_ALONE = (0.13, 0.5), (0.02, 0.56)
"""Where the number stands: beside a slip, and where there is none to take along."""

SHELF_MAX = 9
"""Fields on one page: more would be smaller than an unsteady finger, or than can be read."""


class Field(Protocol):
    """A field of work, as far as its place goes."""

    @property
    def greeter(self) -> bool:
        """Where who does not know what he needs is sent."""


def shelves(fields: Sequence[Field]) -> list[list[int]]:
    """Return the pages of fields, each as indices into `fields`, as even as can be.

    The greeter's field is on none of them: it has a key of its own, unless there is no other field.
    """
    others = [index for index, field in enumerate(fields) if not field.greeter]
    listed = others or list(range(len(fields)))
    pages = -(-len(listed) // SHELF_MAX)
    size = -(-len(listed) // pages) if pages else 1
    return [listed[first : first + size] for first in range(0, len(listed), size)]


def greeter_of(fields: Sequence[Field]) -> int | None:
    """Return the index of the field that “Tôi không biết” leads to; None where there is no such key."""
    if all(field.greeter for field in fields):
        return None
    return next((index for index, field in enumerate(fields) if field.greeter), None)


def shelf_of(fields: Sequence[Field], index: int) -> int:
    """Return the page on which a field stands; 0 for the greeter's, whose key is on all of them."""
    return next((at for at, shelf in enumerate(shelves(fields)) if index in shelf), 0)


def field_boxes(width: int, height: int, fields: Sequence[Field], shelf: int) -> dict[int, Box]:
    """Return where the fields of a page stand, by their index, the greeter's key among them."""
    shown = shelves(fields)[shelf] if fields else []
    columns, rows = grid_for(len(shown))
    area = band(width, height, FIELDS, width // 40)
    boxes = dict(zip(shown, split(area, columns, max(1, rows), width // 60), strict=False))
    greeter = greeter_of(fields)
    return boxes if greeter is None else {**boxes, greeter: middle_box(width, height)}


def field_at(width: int, height: int, fields: Sequence[Field], shelf: int, x: int, y: int) -> int | None:
    """Return the index of the field at that point of a page of fields."""
    boxes = field_boxes(width, height, fields, shelf)
    return next((index for index, box in boxes.items() if box.holds(x, y)), None)


def lane_boxes(width: int, height: int, count: int) -> list[Box]:
    """Return where the priority classes stand: the ordinary one first and largest, then `count` others."""
    margin = width // 40
    columns = 1 if count <= 2 else 2
    others = split(band(width, height, LANES, margin), columns, max(1, -(-count // columns)), width // 100)
    return [band(width, height, ORDINARY_LANE, margin), *others[:count]]


def lane_at(width: int, height: int, count: int, x: int, y: int) -> int | None:
    """Return which class stands at that point: 0 is the ordinary one."""
    boxes = lane_boxes(width, height, count)
    return next((index for index, box in enumerate(boxes) if box.holds(x, y)), None)


def left_box(width: int, height: int) -> Box:
    """Return where the key of further fields stands, and on the next page the one that leads back."""
    return band(width, height, BAR, width // 40).part(0, 0, 0.265, 1)


def middle_box(width: int, height: int) -> Box:
    """Return where “Tôi không biết” stands, and “Xong” under a number."""
    return band(width, height, BAR, width // 40).part(0.285, 0, 0.715, 1)


def language_box(width: int, height: int) -> Box:
    """Return where the key of the next language stands."""
    return band(width, height, BAR, width // 40).part(0.735, 0, 1, 1)


def band(width: int, height: int, shares: tuple[float, float], margin: int = 0) -> Box:
    """Return a band between these shares of the height, `margin` pixels from the sides."""
    top, bottom = round(height * shares[0]), round(height * shares[1])
    return Box(margin, top, width - 2 * margin, bottom - top)
