"""The figures of a stretch of time for each loudspeaker: how much of what was asked sounded and was heard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from statistics import median

from commune_hub.proof.sheet import WHOLE, Line, Mark

RUNNING = frozenset({Mark.COMING, Mark.SOUNDING})
"""Marks of what is not over: no figure counts it."""

PLAYED = frozenset({Mark.SILENT, Mark.PARTLY, Mark.WEAK, Mark.UNCLEAR, Mark.UNPROVEN, Mark.HEARD})
"""Marks of what the node played to its end."""


@dataclass(frozen=True)
class Tally:
    """What one loudspeaker made of all that it was asked for in that time."""

    device: str
    place: str
    asked: int
    whole: int
    """Played to the end without a gap that one notices; whether it was heard is another question."""
    listened: int
    """Of which an ear at the pole could say something."""
    heard: int
    silent: int
    """Played, and nothing was heard of it."""
    untold: int
    refused: int
    """Not sounded, or broken off."""
    late_ms: int | None
    """The median of how late it began."""

    @property
    def share_whole(self) -> float | None:
        """Of what was asked; None where nothing was."""
        return self.whole / self.asked if self.asked else None

    @property
    def share_heard(self) -> float | None:
        """Of what was listened to; None where nothing was."""
        return self.heard / self.listened if self.listened else None


def tallies(lines: Iterable[Line]) -> list[Tally]:
    """Return the figures of each loudspeaker that was asked for anything that is over, by place."""
    over = [each for each in lines if each.mark not in RUNNING]
    over.sort(key=_whose)
    return [_tally(device, place, list(own)) for (place, device), own in groupby(over, key=_whose)]


def _whose(line: Line) -> tuple[str, str]:
    return (line.asked.place, line.asked.device)


def _tally(device: str, place: str, lines: list[Line]) -> Tally:
    late = [each.late_ms for each in lines if each.late_ms is not None]
    listened = [each for each in lines if each.mark in PLAYED and each.heard is not None]
    return Tally(
        device=device,
        place=place,
        asked=len(lines),
        whole=sum(each.mark in PLAYED and _is_whole(each) for each in lines),
        listened=len(listened),
        heard=sum(each.heard is True for each in listened),
        silent=sum(each.mark is Mark.SILENT for each in lines),
        untold=sum(each.mark is Mark.UNTOLD for each in lines),
        refused=sum(each.mark in (Mark.REFUSED, Mark.BROKEN_OFF) for each in lines),
        late_ms=round(median(late)) if late else None,
    )


def _is_whole(line: Line) -> bool:
    return line.completeness is None or line.completeness >= WHOLE
