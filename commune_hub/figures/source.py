"""Where rows meet the capabilities: presses and visits as they keep them, turned into rows of figures."""

from __future__ import annotations

from collections.abc import Callable

from commune_hub.capabilities.queue import Queue
from commune_hub.capabilities.queue import Visit as VisitKept
from commune_hub.capabilities.ratings import CORRECTED, Ratings, is_answer
from commune_hub.capabilities.ratings import Press as PressKept
from commune_hub.figures.rows import Press, Rows, Visit

UNKNOWN_SCALE = "unknown-scale"
"""Mark of a press on a scale, or of a level, that this version cannot read: kept, never counted."""


class RowSource:
    """Rows of any stretch of time, asked of the capabilities."""

    def __init__(self, ratings: Ratings, queue: Queue, first_ms: Callable[[], int | None]) -> None:
        """`first_ms` returns the time of the first row there is."""
        self._ratings = ratings
        self._queue = queue
        self.first_ms = first_ms

    def rows(self, from_ms: int, until_ms: int) -> Rows:
        """Return all rows from … until: presses by when they were pressed, visits by when they began."""
        pressed = [press_row(each) for each in self._ratings.counted(from_ms, until_ms)]
        left_out = [press_row(each) for each in self._ratings.marked(from_ms, until_ms) if not _counts(each)]
        return Rows(
            [press for press in pressed if UNKNOWN_SCALE not in press.marks],
            left_out + [press for press in pressed if UNKNOWN_SCALE in press.marks],
            [visit_row(each) for each in self._queue.visits(from_ms, until_ms)],
        )


def _counts(kept: PressKept) -> bool:
    """A press may carry a mark that only says something; those are among the counted."""
    return is_answer(kept.marks) and CORRECTED not in kept.marks


def press_row(kept: PressKept) -> Press:
    """Return a press as a row."""
    mood = kept.mood
    return Press(
        kept.at_ms,
        kept.counter,
        kept.scale,
        kept.level,
        mood or "neutral",
        kept.field,
        kept.officer or None,
        kept.ticket or None,
        kept.marks if mood else (*kept.marks, UNKNOWN_SCALE),
        kept.reason or None,
    )


def visit_row(kept: VisitKept) -> Visit:
    """Return a visit as a row."""
    return Visit(
        kept.ticket,
        kept.field,
        kept.issued_at_ms,
        kept.first_called_at_ms,
        kept.ended_at_ms,
        kept.counter,
        kept.officer or None,
        kept.lane,
        kept.state,
        kept.called_at_ms,
    )
