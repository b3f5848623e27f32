"""Rules by which a bulletin repeats: an iCalendar RRULE for the days, a few times of day for each.

    rule = make_rule("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", ["05:30", "17:00"], first, last)
    rule.times_ms(from_ms, until_ms)
    rule.in_words()         # "thứ hai đến thứ sáu lúc 05:30 và 17:00, từ 05/01/2026 đến 30/06/2026"

The days are a rule of RFC 5545, read by dateutil; times of day stand apart, since one RRULE cannot say
“5:30 and 17:00”. Days and times are local (Asia/Ho_Chi_Minh, which knows no summer time).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dateutil.rrule import rrule, rrulestr

from commune_hub.errors import InvalidError
from commune_hub.times import LOCAL, local_time, to_ms

TIMES_MAX = 12
"""Most times of day."""

YEARS_MAX = 2
"""A rule that nobody looks at again must end some day."""

RULE_MAX = 200
SOUNDINGS_MAX = TIMES_MAX * 366 * YEARS_MAX

_DAYS = {
    "MO": "thứ hai",
    "TU": "thứ ba",
    "WE": "thứ tư",
    "TH": "thứ năm",
    "FR": "thứ sáu",
    "SA": "thứ bảy",
    "SU": "chủ nhật",
}
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def _one_or_more(one: str) -> str:
    return f"(?:{one})(?:,(?:{one}))*"


_DAY = "|".join(_DAYS)
_PARTS = {
    "FREQ": "DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": "[1-9][0-9]{0,2}",
    "BYDAY": _one_or_more(f"(?:[+-]?[1-5])?(?:{_DAY})"),
    "BYMONTHDAY": _one_or_more("[+-]?(?:[1-9]|[12][0-9]|3[01])"),
    "BYMONTH": _one_or_more("[1-9]|1[0-2]"),
    "BYSETPOS": _one_or_more("[+-]?[1-9][0-9]{0,1}"),
    "WKST": _DAY,
}
"""What a rule may be made of, and what of each. dateutil never comes back from `INTERVAL=0`, and breaks on
some others that RFC 5545 forbids."""

_SAMPLES = {"FREQ": "DAILY", "INTERVAL": "2", "BYDAY": "MO,TU", "BYMONTHDAY": "1,15"}
_SAMPLES |= {"BYMONTH": "1,12", "BYSETPOS": "1", "WKST": "MO"}


@dataclass(frozen=True)
class Rule:
    """Days by RRULE, times of day, first and last day (inclusive). Made by `make_rule`, which checks."""

    days: str
    times: tuple[str, ...]
    first: date
    last: date

    def times_ms(self, from_ms: int, until_ms: int) -> list[int]:
        """Return when it sounds from `from_ms` up to, but without, `until_ms`; UTC milliseconds, in order."""
        begin = max(local_time(from_ms).date(), self.first)
        end = min(local_time(until_ms).date(), self.last)
        days = self._dates().between(_midnight(begin), _midnight(end), inc=True)
        moments = [to_ms(_at(day.date(), each)) for day in days for each in self.times]
        return [each for each in moments if from_ms <= each < until_ms]

    @property
    def end_ms(self) -> int:
        """When the last day is over, UTC milliseconds."""
        return to_ms(_at(self.last + timedelta(days=1), "00:00"))

    def in_words(self) -> str:
        """Return the rule as staff would say it."""
        when = f"lúc {_and(list(self.times))}"
        return f"{_days_in_words(self.days)} {when}, từ {self.first:%d/%m/%Y} đến {self.last:%d/%m/%Y}"

    def _dates(self) -> rrule:
        made = rrulestr(self.days, dtstart=_midnight(self.first))
        assert isinstance(made, rrule)  # noqa: S101 - for the type: a single RRULE makes nothing else
        return made


def make_rule(days: str, times: Sequence[str], first: date, last: date) -> Rule:
    """Return the rule, checked; raises InvalidError that names everything that is wrong with it."""
    mistakes = [*_wrong_days(days), *_wrong_times(times), *_wrong_span(first, last)]
    if mistakes:
        raise InvalidError("\n".join(mistakes))
    spelt = sorted({_spelt(each) for each in times})
    rule = Rule(days.strip().upper(), tuple(spelt), first, last)
    if not _could_sound(rule) or not rule._dates().between(_midnight(first), _midnight(last), inc=True):
        raise InvalidError(
            "lịch lặp: không có ngày nào như vậy trong khoảng đã chọn, bản tin sẽ không bao giờ phát "
            "(no such day between the first and the last: it would never sound)"
        )
    return rule


def _wrong_days(days: str) -> list[str]:
    if len(days) > RULE_MAX:
        return [f"lịch lặp: {len(days)} ký tự, nhiều nhất {RULE_MAX} (rule too long)"]
    parts = _parts(days)
    names = [name for name, _ in parts]
    unknown = sorted(set(names) - set(_PARTS))
    if unknown:
        return [
            f"lịch lặp: không dùng được {', '.join(unknown)!r}; dùng được: {', '.join(sorted(_PARTS))} "
            "(parts of the rule that are not allowed)"
        ]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        return [f"lịch lặp: {', '.join(twice)} viết hai lần (written twice)"]
    if not re.fullmatch(_PARTS["FREQ"], dict(parts).get("FREQ", "")):
        return ["lịch lặp: FREQ phải là DAILY, WEEKLY, MONTHLY hoặc YEARLY (FREQ must be one of these)"]
    return [_unreadable(name, value) for name, value in parts if not re.fullmatch(_PARTS[name], value)]


def _parts(days: str) -> list[tuple[str, str]]:
    return [
        (name, value) for name, _, value in (part.partition("=") for part in days.strip().upper().split(";"))
    ]


def _could_sound(rule: Rule) -> bool:
    """Tell whether any of its days has the month and the number that it asks for.

    dateutil would look for the 30th of February up to the year 9999.
    """
    parts = dict(_parts(rule.days))
    months, numbers = (
        {int(each) for each in parts.get(name, "").split(",") if each} for name in ("BYMONTH", "BYMONTHDAY")
    )
    span = (rule.first + timedelta(days=count) for count in range((rule.last - rule.first).days + 1))
    return any(
        (not months or day.month in months)
        and (
            not numbers or not numbers.isdisjoint({day.day, day.day - monthrange(day.year, day.month)[1] - 1})
        )
        for day in span
    )


def _unreadable(name: str, value: str) -> str:
    return (
        f"lịch lặp: không đọc được {name}={value!r}; hãy viết như {name}={_SAMPLES[name]} "
        "(not a value that a rule may have)"
    )


def _wrong_times(times: Sequence[str]) -> list[str]:
    wrong = [each for each in times if not _TIME.fullmatch(each.strip())]
    if wrong:
        return [f"giờ phát: {', '.join(wrong)[:80]!r} không phải giờ; hãy viết như 05:30 (not a time of day)"]
    if not 1 <= len(times) <= TIMES_MAX:
        return [f"giờ phát: cần từ 1 đến {TIMES_MAX} giờ, đang có {len(times)} (one to {TIMES_MAX} times)"]
    return []


def _wrong_span(first: date, last: date) -> list[str]:
    if last < first:
        return ["đến ngày: trước ngày bắt đầu (the last day lies before the first)"]
    if last > first + timedelta(days=366 * YEARS_MAX):
        return [f"đến ngày: lịch dài quá {YEARS_MAX} năm (a rule may run {YEARS_MAX} years)"]
    return []


def _spelt(text: str) -> str:
    hour, minute = text.strip().split(":")
    return f"{int(hour):02d}:{minute}"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _at(day: date, text: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(text), LOCAL)


def _days_in_words(days: str) -> str:
    parts = dict(part.split("=", 1) for part in days.split(";"))
    every = int(parts.get("INTERVAL", "1"))
    each = f"mỗi {every} " if every > 1 else "mỗi "
    match parts["FREQ"]:
        case "DAILY":
            return each + "ngày"
        case "WEEKLY":
            return _weekdays(parts.get("BYDAY", "")) + (f", {every} tuần một lần" if every > 1 else "")
        case "MONTHLY":
            on = parts.get("BYMONTHDAY")
            return each + "tháng" + (f" ngày {on.replace(',', ', ')}" if on else f" ({days})")
        case _:
            return f"{each}năm ({days})"


def _weekdays(by_day: str) -> str:
    named = by_day.split(",")
    if not by_day or any(each not in _DAYS for each in named):
        return f"mỗi tuần ({by_day})" if by_day else "mỗi tuần"
    order = list(_DAYS)
    places = sorted({order.index(each) for each in named})
    if len(places) == len(order):
        return "mỗi ngày"
    if len(places) > 2 and places[-1] - places[0] == len(places) - 1:
        return f"{_DAYS[order[places[0]]]} đến {_DAYS[order[places[-1]]]}"
    return _and([_DAYS[order[place]] for place in places])


def _and(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} và {texts[-1]}"
