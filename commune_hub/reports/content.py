"""What a report says: all its figures as one frozen struct, and its canonical JSON.

Nothing in here is about a citizen, and nothing about an officer that `figures.officers` would not show: a
report is as public as its file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from commune_hub.figures.calendar import Heat, Point, heat, trend, trend_step
from commune_hub.figures.doubts import LevelLine, MarkLine, ReasonLine, levels, marks, reasons
from commune_hub.figures.officers import Officers, officers
from commune_hub.figures.rows import Rows
from commune_hub.figures.summary import Group, Summary, by_counter, by_field, summarise_rows
from commune_hub.reports.judging import Criterion, CriterionLine, criteria_on, judge
from commune_hub.reports.periods import Period
from commune_hub.times import day_start_ms, local_time
from wire.scales import EDITION

SHAPE = 1
"""Version of the shape below; a reader of an old report goes by the number that it carries."""


class DeviceLine(Struct, frozen=True):
    """What speaks for or against a device's data in the period."""

    device: str
    place: str
    heard_hours: int
    """Hours in which the device told how it felt, now or later: it had power."""
    silent_hours: int
    """Hours of the period, up to now, in which it did not."""
    made: int
    """Facts that it numbered."""
    missing: int
    """Of these, facts that the hub will never have."""
    repeated: int
    refused: int
    repaired: int
    """Facts that its card had damaged."""
    clocks_corrected: int
    """Facts whose time the hub worked out, since the device's clock was wrong then."""
    printer_failures: int
    """Numbers that were given out without a slip."""

    @property
    def uptime(self) -> float | None:
        """Share of hours in which the device was on; None before the first hour is over."""
        hours = self.heard_hours + self.silent_hours
        return self.heard_hours / hours if hours else None


class Late(Struct, frozen=True):
    """A closed report of an earlier period, and how much its data have changed since."""

    period: str
    title: str
    edition: int
    sha256: str
    visits_closed: int
    visits_now: int
    presses_closed: int
    presses_now: int
    satisfied_closed: int
    satisfied_now: int

    @property
    def changed(self) -> bool:
        """Whether anything came or went since the closing."""
        closed = (self.visits_closed, self.presses_closed, self.satisfied_closed)
        return closed != (self.visits_now, self.presses_now, self.satisfied_now)


class Content(Struct, frozen=True, kw_only=True):
    """A report, whole."""

    shape: int = SHAPE
    commune: str
    office: str
    kind: str
    period: str
    begins: int
    scales_edition: int = EDITION
    """By which reading of the scales' levels it was counted (wire.scales)."""
    title: str
    first_day: str
    last_day: str
    data_until_ms: int
    """Up to which moment data were counted: the end of the period, or an earlier now."""
    provisional: bool
    """Whether the period was still running."""
    total: Summary
    year_before_title: str
    year_before: Summary | None
    """The same period of the year before; None where the hub has no data of it."""
    counters: list[Group]
    fields: list[Group]
    officers: Officers
    heat: Heat
    trend: list[Point]
    trend_days: int
    """Days that a point of the trend stands for: 1 or 7."""
    levels: list[LevelLine]
    marks: list[MarkLine]
    reasons: list[ReasonLine]
    criteria: list[CriterionLine]
    devices: list[DeviceLine]
    late: list[Late]
    """Earlier closed reports of this kind whose data have changed since."""


class Names(Struct, frozen=True):
    """What ids are called."""

    counters: dict[str, str]
    fields: dict[str, str]
    staff: dict[str, str]


class Office(Struct, frozen=True):
    """Whose report it is."""

    commune: str
    office: str
    names: Names


def compose(
    period: Period,
    office: Office,
    rows: Rows,
    before: Rows | None,
    before_title: str,
    criteria: Sequence[Criterion],
    devices: Sequence[DeviceLine],
    late: Sequence[Late],
    now_ms: int,
) -> Content:
    """Return the report on a period from the rows within it; `before` are those of the year before."""
    until_ms = min(period.until_ms, now_ms)
    names = office.names
    settled_ms = day_start_ms(now_ms)  # officers' totals do not move with each press of a running day
    last_shown = min(period.last, local_time(until_ms - 1).date())  # a running period's trend ends today
    return Content(
        commune=office.commune,
        office=office.office,
        kind=period.kind,
        period=period.name,
        begins=period.begins,
        title=period.title,
        first_day=period.first.isoformat(),
        last_day=period.last.isoformat(),
        data_until_ms=until_ms,
        provisional=now_ms < period.until_ms,
        total=summarise_rows(rows),
        year_before_title=before_title,
        year_before=None if before is None else summarise_rows(before),
        counters=by_counter(rows, names.counters),
        fields=by_field(rows, names.fields),
        officers=officers([press for press in rows.counted if press.at_ms < settled_ms], names.staff),
        heat=heat(rows.counted),
        trend=trend(rows, period.first, last_shown),
        trend_days=trend_step(period.first, last_shown),
        levels=levels(rows.counted),
        marks=marks(rows.marked),
        reasons=reasons(rows.counted),
        criteria=[line for each in criteria_on(criteria, period.last) for line in judge(each, rows.counted)],
        devices=list(devices),
        late=list(late),
    )


def canonical(content: Content) -> bytes:
    """Return the report as JSON that is the same for the same figures: keys sorted, no spaces, UTF-8."""
    return msgspec.json.encode(content, order="sorted")


def read_content(raw: bytes) -> Content:
    """Read a report that `canonical` wrote; raises msgspec.DecodeError."""
    return msgspec.json.decode(raw, type=Content)


def sha256_of(raw: bytes) -> str:
    """Return the hash by which a closed report is known."""
    return hashlib.sha256(raw).hexdigest()
