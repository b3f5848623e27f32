"""Each sounding that was asked of a loudspeaker, with what became of it and whether it was heard. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from commune_hub.capabilities.bulletins import KEPT_MS, LATE_MS
from commune_hub.whereabouts import Stays

WHOLE = 0.95
"""Completeness from which a sounding counts as whole: a second missing in twenty is not noticed as a gap."""

AUDIBLE = frozenset({"heard", "faint", "clipped"})
"""Verdicts that say that people in earshot heard these words (wire.facts.PlaybackFinished)."""


class Mark(StrEnum):
    """What became of a sounding, in one word. Worst first."""

    SILENT = "silent"
    """The node played it, and nothing was heard of it."""
    REFUSED = "refused"
    UNTOLD = "untold"
    """Its time is over and the loudspeaker told nothing of its end: it is dead, or has no link."""
    BROKEN_OFF = "broken_off"
    PARTLY = "partly"
    """To its end, with gaps."""
    WEAK = "weak"
    """Heard, but far too faint, or clipped."""
    UNCLEAR = "unclear"
    """Something sounded, and not these words."""
    UNPROVEN = "unproven"
    """Played whole, and nobody listened."""
    HEARD = "heard"
    SOUNDING = "sounding"
    """It sounds now, or goes on soon."""
    COMING = "coming"


GOOD = frozenset({Mark.HEARD, Mark.UNPROVEN, Mark.SOUNDING, Mark.COMING})
"""Marks that ask nothing of anybody."""


@dataclass(frozen=True)
class Asked:
    """A sounding that a loudspeaker was, or is, to sound."""

    sounding: str
    bulletin: str
    title: str
    due_at_ms: int
    device: str
    place: str
    """Where the loudspeaker stood then; empty: it has left the roster."""


@dataclass(frozen=True)
class Line:
    """A sounding at a loudspeaker, and what it told of it. Times are UTC milliseconds; None: not told."""

    asked: Asked
    mark: Mark
    reason: str = ""
    """Of one that was refused or broken off (wire.facts.PlaybackRefused)."""
    detail: str = ""
    started_at_ms: int | None = None
    duration_ms: int | None = None
    completeness: float | None = None
    underruns: int | None = None
    cuts: int = 0
    level_dbfs: float | None = None
    verdict: str = ""
    fault: str = ""
    sure: float | None = None

    @property
    def late_ms(self) -> int | None:
        """How much later than asked for it began."""
        return None if self.started_at_ms is None else self.started_at_ms - self.asked.due_at_ms

    @property
    def ended_at_ms(self) -> int | None:
        """When its last sound was heard; None for one that was cut meanwhile."""
        if self.started_at_ms is None or self.duration_ms is None or self.cuts:
            return None
        return self.started_at_ms + self.duration_ms

    @property
    def heard(self) -> bool | None:
        """Whether people heard it; None: nobody can tell."""
        if self.verdict in AUDIBLE:
            return True
        return False if self.verdict == "silent" or self.mark is Mark.REFUSED else None


def make_lines(
    asked: Iterable[Asked],
    told: Iterable[Mapping[str, Any]],
    stays: Mapping[str, Stays],
    titles: Mapping[str, str],
    now_ms: int,
) -> list[Line]:
    """Return a line for everything that was asked or told, by time, then by loudspeaker.

    `told` are rows of the soundings, `stays` says where each loudspeaker of the roster stood, `titles` what
    bulletins are called of which something was told and nothing is asked any more.
    """
    wanted = {(each.sounding, each.device): each for each in asked}
    rows = {(row["sounding"], row["device"]): row for row in told}
    for key, row in rows.items():
        title = titles.get(row["bulletin"], row["bulletin"])
        stay = stays.get(row["device"])
        place = "" if stay is None else stay.place_at(row["at_ms"])
        made = Asked(row["sounding"], row["bulletin"], title, row["at_ms"], row["device"], place)
        wanted.setdefault(key, made)
    lines = [line_of(each, rows.get(key), now_ms) for key, each in wanted.items()]
    return sorted(lines, key=lambda each: (each.asked.due_at_ms, each.asked.title, each.asked.device))


def line_of(asked: Asked, row: Mapping[str, Any] | None, now_ms: int) -> Line:
    """Return the line of one sounding; `row` None: the loudspeaker told nothing of it."""
    if row is None:
        over = now_ms > asked.due_at_ms + LATE_MS
        return Line(asked, Mark.UNTOLD if over else Mark.COMING)
    return Line(
        asked,
        _mark(row, asked.due_at_ms, now_ms),
        reason=row["reason"],
        detail=row["detail"],
        started_at_ms=row["started_at_ms"],
        duration_ms=row["duration_ms"],
        completeness=row["completeness"],
        underruns=row["underruns"],
        cuts=row["cuts"],
        level_dbfs=row["level_dbfs"],
        verdict=row["verdict"] or "",
        fault=row["fault"] or "",
        sure=row["sure"],
    )


def _mark(row: Mapping[str, Any], due_at_ms: int, now_ms: int) -> Mark:
    match row["outcome"]:
        case "refused":
            return Mark.REFUSED if row["started_at_ms"] is None else Mark.BROKEN_OFF
        case "finished":
            return _mark_of_end(row)
    return Mark.SOUNDING if now_ms <= due_at_ms + LATE_MS + KEPT_MS else Mark.UNTOLD


def _mark_of_end(row: Mapping[str, Any]) -> Mark:
    verdict = row["verdict"] or ""
    if verdict == "silent":
        return Mark.SILENT
    if (row["completeness"] or 0.0) < WHOLE and row["completeness"] is not None:
        return Mark.PARTLY
    if verdict == "other":
        return Mark.UNCLEAR
    if verdict not in AUDIBLE:
        return Mark.UNPROVEN
    return Mark.HEARD if verdict == "heard" and not row["fault"] else Mark.WEAK
