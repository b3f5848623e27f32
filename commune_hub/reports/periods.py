"""Periods of reports: weeks, months, quarters, half-years and years, from the 1st or from the 15th.

Counted from the 15th, a month runs from the 15th of the month before to its own 14th; quarters, half-years
and years follow their months, so the first half of 2026 is 15/12/2025–14/06/2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, get_args

from commune_hub.errors import InvalidError
from commune_hub.times import LOCAL, to_ms

Kind = Literal["week", "month", "quarter", "half", "year"]
Begins = Literal[1, 15]
"""Day of the month from which a period counts; weeks begin on Monday, always."""

KINDS: dict[Kind, str] = {
    "week": "Tuần",
    "month": "Tháng",
    "quarter": "Quý",
    "half": "6 tháng",
    "year": "Năm",
}

_MONTHS: dict[Kind, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12}

_NAMES: dict[Kind, tuple[str, str]] = {
    "week": (r"(\d{4})-W(\d{2})", "2026-W41"),
    "month": (r"(\d{4})-(\d{2})", "2026-10"),
    "quarter": (r"(\d{4})-Q(\d)", "2026-Q3"),
    "half": (r"(\d{4})-H(\d)", "2026-H1"),
    "year": (r"(\d{4})()", "2026"),
}
"""How each kind's periods are written, and an example for who wrote one otherwise."""

_ROMAN = ("", "I", "II", "III", "IV")

FIRST_YEAR, LAST_YEAR = 2000, 2999


@dataclass(frozen=True)
class Period:
    """A period by its name, with its first and last day, both within it."""

    kind: Kind
    name: str
    begins: Begins
    first: date
    last: date

    @property
    def from_ms(self) -> int:
        """Its first moment, UTC milliseconds."""
        return _midnight_ms(self.first)

    @property
    def until_ms(self) -> int:
        """The first moment after it."""
        return _midnight_ms(self.last + timedelta(days=1))

    @property
    def title(self) -> str:
        """Its name for people, e.g. `Tháng 10 năm 2026`."""
        year, number = _parts(self.kind, self.name)
        match self.kind:
            case "week":
                return f"Tuần {number} năm {year}"
            case "month":
                return f"Tháng {number} năm {year}"
            case "quarter":
                return f"Quý {_ROMAN[number]} năm {year}"
            case "half":
                return f"6 tháng {'đầu' if number == 1 else 'cuối'} năm {year}"
            case "year":
                return f"Năm {year}"

    @property
    def days_text(self) -> str:
        """Its first and last day, e.g. `15/12/2025–14/06/2026`."""
        return f"{self.first:%d/%m/%Y}–{self.last:%d/%m/%Y}"


def check_kind(kind: str) -> Kind:
    """Return `kind` if there is such a one; raises InvalidError naming those there are."""
    for each in get_args(Kind):
        if each == kind:
            return each  # type: ignore[no-any-return]
    raise InvalidError(f"Không có loại báo cáo {kind[:20]!r}. (No such kind; there are: {', '.join(KINDS)}.)")


def find_period(kind: Kind, name: str, begins: Begins) -> Period:
    """Return the period that is called `name`; raises InvalidError for one that no calendar has."""
    year, number = _parts(kind, name)
    try:
        if kind == "week":
            first = date.fromisocalendar(year, number, 1)
            return Period(kind, name, 1, first, first + timedelta(days=6))
        return _of_months(kind, year, number, begins)
    except ValueError:
        raise _no_such(kind, name) from None


def period_of(kind: Kind, day: date, begins: Begins) -> Period:
    """Return the period of a kind in which a day lies."""
    if kind == "week":
        year, week, _ = day.isocalendar()
        return find_period(kind, f"{year}-W{week:02d}", 1)
    month = day.year * 12 + day.month - 1 + (1 if begins == 15 and day.day >= 15 else 0)
    return _of_months(kind, month // 12, month % 12 // _MONTHS[kind] + 1, begins)


def year_before(period: Period) -> Period | None:
    """Return the same period of the year before; None for a 53rd week of a year that has no such."""
    year = _parts(period.kind, period.name)[0]
    try:
        return find_period(period.kind, f"{year - 1}{period.name[4:]}", period.begins)
    except InvalidError:
        return None


def periods_back(period: Period) -> Iterator[Period]:
    """Yield the periods before this one, the latest first."""
    while period.first.year > FIRST_YEAR:
        period = period_of(period.kind, period.first - timedelta(days=1), period.begins)
        yield period


def _of_months(kind: Kind, year: int, number: int, begins: Begins) -> Period:
    months = _MONTHS[kind]
    if not (1 <= number <= 12 // months and FIRST_YEAR <= year <= LAST_YEAR):
        raise ValueError(number)
    first_month = year * 12 + (number - 1) * months - (1 if begins == 15 else 0)
    first, after = _day(first_month, begins), _day(first_month + months, begins)
    return Period(kind, _name(kind, year, number), begins, first, after - timedelta(days=1))


def _day(month: int, day: int) -> date:
    return date(month // 12, month % 12 + 1, day)


def _name(kind: Kind, year: int, number: int) -> str:
    match kind:
        case "month":
            return f"{year}-{number:02d}"
        case "quarter":
            return f"{year}-Q{number}"
        case "half":
            return f"{year}-H{number}"
        case _:
            return str(year)


def _parts(kind: Kind, name: str) -> tuple[int, int]:
    found = re.fullmatch(_NAMES[kind][0], name, re.ASCII)
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        raise _no_such(kind, name)
    return int(found[1]), int(found[2] or 1)


def _no_such(kind: Kind, name: str) -> InvalidError:
    return InvalidError(
        f"Không có kỳ {KINDS[kind].lower()} {name[:20]!r}; hãy viết như {_NAMES[kind][1]}. "
        "(There is no such period.)"
    )


def _midnight_ms(day: date) -> int:
    return to_ms(datetime.combine(day, time(), LOCAL))
