"""A week as a scenario: the office, how people come and behave, and what goes wrong when.

A TOML file with `accelerated = true`, checked whole. Times of day are local, written `HH:MM`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from firmware_agent.config import NameText
from firmware_agent.settings import Settings, SettingsError, check_settings, read_toml
from sim.scenario import CommunePlan

VISITS_MAX = 20_000
DAYS_MAX = 7

Share = Annotated[float, Field(ge=0, le=1)]
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


def minutes_of(text: str) -> int:
    """Return `HH:MM` as minutes since midnight."""
    return int(text[:2]) * 60 + int(text[3:])


class Rush(Settings):
    """A part of the day, and how much of a day's visitors come in it, against the other parts."""

    begins: TimeOfDay
    ends: TimeOfDay
    weight: float = Field(ge=0)


class Work(Settings):
    """How a field of work keeps a counter busy."""

    field: NameText
    weight: float = Field(gt=0)
    """How many come for it, against the others."""
    median_min: float = Field(gt=0, le=120)
    spread: float = Field(ge=0, le=2)
    """Sigma of the logarithm: 0.5 means that two of three lie within a factor of 1.65."""


class Habits(Settings):
    """What people do, as shares of all visitors."""

    priority: Share = 0.12
    """Take a number of a priority lane."""
    lacks_paper: Share = 0.08
    comes_back: Share = 0.8
    """Of those who lack a paper or missed their call."""
    misses_call: Share = 0.05
    goes_on_elsewhere: Share = 0.04
    """Is transferred."""
    presses: Share = 0.62
    low: Share = 0.07
    """Of those who press: not satisfied."""
    reasons: Share = 0.7
    """Of these: taps why."""
    corrects: Share = 0.06
    taps_again: Share = 0.08
    hammers: Share = 0.015
    slip: Share = 0.08
    """Rates later, on the page behind the slip's code."""
    ends_by_next: Share = 0.45
    """Of visits while others wait: the officer ends them by calling the next number."""


class Panel(Settings):
    """A device of the office with one node."""

    name: NameText
    kind: Literal["rating", "keys", "ticket"]
    place: NameText
    series: str | None = Field(default=None, pattern=r"^[A-Z]$")
    prints: bool = True
    """Whether a kiosk has a printer; without one nobody can rate by slip."""


class Officer(Settings):
    """Who works at a counter."""

    counter: NameText
    account: NameText
    name: str = Field(min_length=1, max_length=80)
    at_keys: bool = False
    """Calls with keys all day, not only while the hub is away."""


class Incident(Settings):
    """Something that goes wrong, or people who do what the rating is not for."""

    do: Literal["power", "hub_away", "line", "no_time", "stuck", "children", "friends"]
    day: int = Field(ge=1, le=DAYS_MAX)
    begins: TimeOfDay
    ends: TimeOfDay
    devices: list[NameText] = Field(default=[], max_length=20)

    @model_validator(mode="after")
    def _ordered(self) -> Incident:
        if minutes_of(self.ends) <= minutes_of(self.begins):
            raise ValueError("begins < ends")
        return self


class Week(Settings):
    """All of a week's scenario."""

    title: str = Field(min_length=1, max_length=200)
    accelerated: Literal[True]
    """Runs in virtual time (`commune-sim week`)."""
    monday: datetime.date
    days: int = Field(default=5, ge=1, le=DAYS_MAX)
    visits: int = Field(ge=1, le=VISITS_MAX)
    plan: CommunePlan
    opens: TimeOfDay = "07:30"
    lunch: tuple[TimeOfDay, TimeOfDay] = ("11:30", "13:30")
    closes: TimeOfDay = "17:00"
    rush: list[Rush] = Field(min_length=1, max_length=24)
    work: list[Work] = Field(min_length=1, max_length=12)
    habits: Habits = Habits()
    panels: list[Panel] = Field(min_length=1, max_length=60)
    officers: list[Officer] = Field(min_length=1, max_length=40)
    incidents: list[Incident] = Field(default=[], max_length=200)

    def of_kind(self, kind: str) -> list[Panel]:
        """Return the devices with a node of this kind."""
        return [each for each in self.panels if each.kind == kind]


def load_week(path: Path) -> Week:
    """Read a week; raises SettingsError naming every mistake."""
    week = check_settings(read_toml(path), Week, str(path))
    mistakes = list(_mistakes(week))
    if mistakes:
        raise SettingsError(str(path), mistakes)
    return week


def _mistakes(week: Week) -> Iterator[str]:
    counters = {each.id for each in week.plan.counters}
    fields = {each.id for each in week.plan.fields}
    names = [each.name for each in week.panels]
    if week.monday.weekday() != 0:
        yield f"monday: {week.monday} không phải thứ Hai (is no Monday)"
    if {each.field for each in week.work} - fields:
        yield f"work: lĩnh vực lạ (unknown fields): {sorted({each.field for each in week.work} - fields)}"
    if {each.counter for each in week.officers} != counters:
        yield "officers: mỗi quầy một cán bộ (one for each counter)"
    if len(set(names)) < len(names):
        yield "panels: mỗi tên chỉ dùng một lần (each name once)"
    for kind in ("rating", "keys"):
        if {each.place for each in week.of_kind(kind)} != counters:
            yield f"panels: mỗi quầy một {kind} (one {kind} at each counter)"
    if not week.of_kind("ticket") or any(each.series is None for each in week.of_kind("ticket")):
        yield "panels: cần máy lấy số có chữ cái (a ticket kiosk with a series is needed)"
    for index, incident in enumerate(week.incidents):
        unknown = set(incident.devices) - set(names)
        if unknown:
            yield f"incidents.{index}.devices: không có (no such device): {', '.join(sorted(unknown))}"
