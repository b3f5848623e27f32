"""Criteria by which offices are judged: versioned data with dates and sources, not code.

A regulation changes: its file is given an `until`, and a new file with its own `from` stands beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from msgspec import Struct
from pydantic import Field, model_validator

from commune_hub.figures.proportion import DIGITS
from commune_hub.figures.rows import MOOD_NAMES, Press
from firmware_agent.settings import Settings, load_settings

DIRECTORY = Path(__file__).parent / "criteria"

ANY_SCALE = "*"
"""Stands for every scale that no other index of the criterion claims."""


class Index(Settings):
    """One index of a criterion: points by mood, mean over the presses that answer it."""

    id: str
    name: str
    points: list[float] = Field(min_length=len(MOOD_NAMES), max_length=len(MOOD_NAMES))
    scales: list[str]
    reasons: list[str] = Field(default=[])
    """Reasons of low presses that speak to this index; counted beside it, not scored."""


class Criterion(Settings):
    """A criterion as its file has it."""

    id: str
    name: str
    source: str
    rule: Literal["share", "points", "levels"]
    formula: str
    """For people: what `rule` computes."""
    note: str = ""
    since: date = Field(alias="from")
    until: date | None = None
    """Last day on which it holds; absent: it still does."""
    verified: bool
    """Whether its figures were compared with the original text; shown wherever it is."""
    points_max: float = 100.0
    indexes: list[Index] = Field(default=[])

    @model_validator(mode="after")
    def _fits(self) -> Criterion:
        if (self.rule == "levels") != bool(self.indexes):
            raise ValueError("indexes: rule = 'levels' needs them, the other rules have none")
        if self.until is not None and self.until < self.since:
            raise ValueError("until: is before from")
        return self


class CriterionLine(Struct, frozen=True):
    """A result: `points` of `points_max` over `n` presses; None where nobody answered."""

    criterion: str
    index: str
    name: str
    points: float | None
    points_max: float
    n: int
    reasons: int
    """Low presses whose reason speaks to this index."""
    formula: str
    source: str
    verified: bool
    note: str


def load_criteria(directory: Path = DIRECTORY) -> list[Criterion]:
    """Read all criteria; raises firmware_agent.settings.SettingsError naming every mistake of a file."""
    return [load_settings(path, Criterion) for path in sorted(directory.glob("*.toml"))]


def criteria_on(criteria: Sequence[Criterion], day: date) -> list[Criterion]:
    """Return those that hold on a day: for a report, the last day of its period."""
    return [each for each in criteria if each.since <= day and (each.until is None or day <= each.until)]


def judge(criterion: Criterion, counted: Sequence[Press]) -> list[CriterionLine]:
    """Return what the counted presses come to under a criterion."""
    if criterion.rule == "levels":
        claimed = {scale for index in criterion.indexes for scale in index.scales}
        return [_judge_index(criterion, index, claimed, counted) for index in criterion.indexes]
    share = sum(press.satisfied for press in counted) / len(counted) if counted else None
    points = None if share is None else round(share * criterion.points_max, DIGITS)
    return [_line(criterion, "", criterion.name, points, criterion.points_max, len(counted), 0)]


def _judge_index(
    criterion: Criterion, index: Index, claimed: set[str], counted: Sequence[Press]
) -> CriterionLine:
    answers = [press for press in counted if _answers(press.scale, index, claimed)]
    points_of = dict(zip(MOOD_NAMES, index.points, strict=True))
    points = [points_of[press.mood] for press in answers]
    mean = round(sum(points) / len(points), DIGITS) if points else None
    low = sum(press.low and press.reason in index.reasons for press in counted)
    return _line(criterion, index.id, index.name, mean, max(index.points), len(points), low)


def _answers(scale: str, index: Index, claimed: set[str]) -> bool:
    return scale in index.scales or (ANY_SCALE in index.scales and scale not in claimed)


def _line(
    criterion: Criterion,
    index: str,
    name: str,
    points: float | None,
    points_max: float,
    n: int,
    low: int,
) -> CriterionLine:
    return CriterionLine(
        criterion.id,
        index,
        name,
        points,
        points_max,
        n,
        low,
        criterion.formula,
        criterion.source,
        criterion.verified,
        criterion.note,
    )
