"""What was pressed on which scale, what was left out of the count and why, and why low presses were low."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from commune_hub.figures.rows import Press


class LevelLine(Struct, frozen=True):
    """How often a level of a scale was pressed, of the presses that count."""

    scale: str
    level: int
    presses: int


class MarkLine(Struct, frozen=True):
    """How many presses of a counter carry a mark; a press with two marks is in two lines."""

    mark: str
    counter: str
    presses: int


class ReasonLine(Struct, frozen=True):
    """How often a reason was tapped after a low press; `reason` is empty where none was tapped."""

    reason: str
    presses: int


def levels(counted: Sequence[Press]) -> list[LevelLine]:
    """Return the counted presses by scale and level, as they were pressed."""
    found = Counter((press.scale, press.level) for press in counted)
    return [LevelLine(scale, level, count) for (scale, level), count in sorted(found.items())]


def marks(marked: Sequence[Press]) -> list[MarkLine]:
    """Return the presses that were left out, by mark and counter."""
    found = Counter((mark, press.counter) for press in marked for mark in press.marks or ("",))
    return [MarkLine(mark, counter, count) for (mark, counter), count in sorted(found.items())]


def reasons(counted: Sequence[Press]) -> list[ReasonLine]:
    """Return why low presses were low, the most frequent first; those without a reason last."""
    found = Counter(press.reason or "" for press in counted if press.low)
    ordered = sorted(found.items(), key=lambda pair: (pair[0] == "", -pair[1], pair[0]))
    return [ReasonLine(reason, count) for reason, count in ordered]
