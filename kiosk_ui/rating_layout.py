"""Where the rating screen's targets are: pure arithmetic, for the drawing and for the finger alike."""

from __future__ import annotations

from kiosk_ui.layout import Box, split

HEADER, QUESTION, FACES, BAR = (0.0, 0.135), (0.14, 0.3), (0.315, 0.85), (0.872, 0.985)
"""From top to bottom, as shares of the height."""
REASONS = (0.25, 0.85)
"""In the place of the faces, on the page that asks why."""


def level_boxes(width: int, height: int, levels: int) -> list[Box]:
    """Return where the levels stand, level 1 first, always in this order."""
    margin = width // 40
    return split(_band(width, height, FACES, margin), levels, 1, width // 60)


def level_at(width: int, height: int, levels: int, x: int, y: int) -> int | None:
    """Return the level (1 …) at that point of the screen."""
    return next(
        (level for level, box in enumerate(level_boxes(width, height, levels), 1) if box.holds(x, y)), None
    )


def reason_boxes(width: int, height: int, count: int) -> list[Box]:
    """Return where the reasons stand, in reading order: at most six, three in a row."""
    columns = count if count <= 3 else -(-count // 2)
    rows = -(-count // columns) if count else 1
    area = _band(width, height, REASONS, width // 40)
    return split(area, max(1, columns), rows, width // 60)[:count]


def listen_box(width: int, height: int) -> Box:
    """Return where the button that reads aloud stands."""
    return _band(width, height, BAR, width // 40).part(0, 0, 0.25, 1)


def middle_box(width: int, height: int) -> Box:
    """Return where the hint stands, and on the page of reasons the button that changes the answer."""
    return _band(width, height, BAR, width // 40).part(0.27, 0, 0.73, 1)


def language_box(width: int, height: int) -> Box:
    """Return where the button of the next language stands, and on the page of reasons the one that skips."""
    return _band(width, height, BAR, width // 40).part(0.75, 0, 1, 1)


def band(width: int, height: int, shares: tuple[float, float]) -> Box:
    """Return a band over the whole width, between these shares of the height."""
    return _band(width, height, shares, 0)


def _band(width: int, height: int, shares: tuple[float, float], margin: int) -> Box:
    top, bottom = round(height * shares[0]), round(height * shares[1])
    return Box(margin, top, width - 2 * margin, bottom - top)
