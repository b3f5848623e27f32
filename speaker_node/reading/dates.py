"""Dates: 30/11/2022, ngày 1/6, tháng 5/2024, 5-7/8, and telling 3/5 the day from 3/5 the part."""

from __future__ import annotations

import re
from dataclasses import replace

from speaker_node.reading.context import context
from speaker_node.reading.numbers import cardinal
from speaker_node.reading.place import Place, Said

_FULL = re.compile(r"(\d{1,2}) ?([/.-]) ?(\d{1,2}) ?\2 ?(\d{4})(?!\d)")
_SHORT_YEAR = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2})(?![\d/])")
_DAYS = re.compile(r"(\d{1,2}) ?(?:[-÷~]|đến|tới) ?(?:ngày )?(\d{1,2}) ?/ ?(\d{1,2})(?:/(\d{4}))?(?![\d/])")
_MONTHS = re.compile(r"(\d{1,2}) ?- ?(\d{1,2})/(\d{4})(?!\d)")
_MONTH_YEAR = re.compile(r"(\d{1,2}) ?([/.-]) ?(\d{4})(?!\d)")
_DAY_MONTH = re.compile(r"(\d{1,2}) ?([/.-]) ?(\d{1,2})(?![\d/]|[.,]\d)")
_DAY = re.compile(r"(\d{1,2})(?![\d/]|[.,:]\d|%| ?°| ?-? ?\d{1,2}/\d{4})")
_DAY_OF_LIST = re.compile(
    r"(\d{1,2})(?=(?: ?, ?(?:ngày )?\d{1,2}){0,4}"
    r" ?(?:,|và|-|đến|tới|hoặc) ?(?:ngày )?\d{1,2}/\d{1,2}(?:/\d{4})?(?![\d/]))"
)

_STREET = re.compile(r" (?:Đ\. ?|[Đđ]ường |[Pp]hố )(\w)")

BEFORE_DATE = context("dates", "before_date")
SMALL_PART = 5
"""Fifths and larger parts are spoken of in notices; a seventh of something is the first of July."""
_FEASTS = {(1, 5), (1, 1)}
_HOLIDAYS = {
    (2, 9),
    (3, 2),
    (8, 3),
    (26, 3),
    (30, 4),
    (19, 5),
    (27, 7),
    (19, 8),
    (20, 10),
    (20, 11),
    (22, 12),
    (28, 6),
}
_RISING_FEASTS = {(1, 5), (1, 6), (2, 9), (5, 9)}
"""Of 2-9 and others that rise and may be a range these are days, after a word of feasts or another day."""
_FEAST_WORDS = context("dates", "feasts")
_DAY_BEHIND = re.compile(r"\d[-/]\d{1,2}(?:, ?| và )\Z")
_OF_EACH_MONTH = frozenset({"hằng", "hàng", "mỗi", "tháng"})
_TERMS = context("dates", "terms")
_NUMBERED = context("dates", "numbered")
_OUT_OF = context("dates", "out_of")
_PARTS_OF = context("dates", "parts_of")
_STREETS = context("dates", "streets")
_SURELY = context("dates", "surely")
_COUNTS = context("dates", "counts")
_SCALES = context("dates", "scales")
_TODAY = context("dates", "today")
_STOPS = frozenset({"", ",", ".", ";", ":", ")", "\n"})
"""What may follow chiều nay, 22.8: without it the 22.8 may be a measure."""
_POINT_AND_WORD = re.compile(r"\.\S")
_PER_DAY = context("dates", "per_day")
_NOT_PER_DAY = frozenset({"lần lượt", "buổi sáng", "buổi chiều", "buổi tối", "giờ hành"})
_FROM = frozenset({"từ", "đến", "vào", "trước", "sau", "hết"})
"""Before ngày they name a day: từ ngày 3 buổi học."""
_TO_NUMBER = re.compile(r" ?(?:-|đến|,) ?\d{1,2}(?!\d)")
_HALVED = context("dates", "halved")
_BODIES = context("dates", "bodies")
_NO_FEAST = context("strokes", "scores") | context("counts", "sections") | {"số"}
"""After these 3-2 is a score and 3.2 a section, not the day of the Party."""
_GOALS_MAX = 20
"""No team scores so often: chiến thắng 30-4 is a day all the same."""
_SHARES = frozenset({("1", "2"), ("1", "3"), ("2", "3"), ("1", "4"), ("3", "4")})
"""What is asked of those who vote: 2/3 đại biểu is a share, 25/27 đại biểu a count."""


def date(place: Place) -> Said | None:
    """Read a date, a range of days in one month, or a month with its year."""
    said = _full(place) or _days(place) or _months(place) or _month_year(place) or _day_month(place)
    if said is not None and place.previous() in {"mùng", "mồng"}:
        return replace(said, words=said.words.removeprefix("mùng "))
    return said


def _full(place: Place) -> Said | None:
    found = place.match(_FULL)
    if found is not None and _is_day(found[1], found[3]):
        words = f"{day(found[1])} tháng {month(found[3])} năm {cardinal(found[4])}"
        return Said(found.end(), words, kind="date")
    found = place.match(_SHORT_YEAR)
    if found is None or not _is_day(found[1], found[2]):
        return None
    words = f"{day(found[1])} tháng {month(found[2])} năm {cardinal('20' + found[3])}"
    return Said(found.end(), words, kind="date", why="năm viết hai chữ số (a year of two figures)")


def _days(place: Place) -> Said | None:
    """Read 5-7/8: from the fifth to the seventh of August."""
    found = place.match(_DAYS)
    if found is None or not (_is_day(found[1], found[3]) and _is_day(found[2], found[3])):
        return None
    if place.previous() in _NUMBERED | {"tháng"}:
        return None
    words = (
        f"{day(found[1])} đến {'ngày ' if 'ngày' in found[0] else ''}{day(found[2])} tháng {month(found[3])}"
    )
    if found[4]:
        words += f" năm {cardinal(found[4])}"
    return Said(found.end(), words, kind="date")


def _months(place: Place) -> Said | None:
    """Read 5-7/2024: from May to July."""
    found = place.match(_MONTHS)
    if found is None or not (_is_month(found[1]) and _is_month(found[2]) and _is_year(found[3])):
        return None
    named = place.previous()
    if named in _TERMS:
        words = f"{cardinal(found[1])} đến {cardinal(found[2])}"
    else:
        start = "" if named == "tháng" else "tháng "
        words = f"{start}{month(found[1])} đến tháng {month(found[2])}"
    return Said(found.end(), f"{words} năm {cardinal(found[3])}", kind="date")


def _month_year(place: Place) -> Said | None:
    found = place.match(_MONTH_YEAR)
    if found is None or not _is_year(found[3]):
        return None
    named, year = place.previous(), cardinal(found[3])
    if _is_term(place, found):
        return Said(found.end(), f"{cardinal(found[1])} năm {year}", kind="date")
    if not _is_month(found[1]) or named in _NUMBERED or _SCALES.intersection(place.before()[:3]):
        return None
    if named == "tháng":
        return Said(found.end(), f"{month(found[1])} năm {year}", kind="date")
    if found[2] != "/":
        return None
    return Said(found.end(), f"tháng {month(found[1])} năm {year}", kind="date")


def _is_term(place: Place, found: re.Match[str]) -> bool:
    """Tell đợt 1/2026 from a month; 04/2026 is one, also where phục vụ stands before it."""
    touching = place.follows_a_word() or place.previous() == "q"
    return place.previous() in _TERMS and touching and found[1][0] != "0" and found[2] == "/"


def _day_month(place: Place) -> Said | None:
    found = place.match(_DAY_MONTH)
    if found is None or not _is_day(found[1], found[3]) or place.behind().isupper():
        return None
    if found[2] != "/":
        return _dashed(place, found)
    if place.previous() in _STREETS and (int(found[1]), int(found[3])) in _HOLIDAYS:
        return Said(found.end(), f"{cardinal(found[1])} tháng {month(found[3])}", kind="date")
    said = f"{day(found[1])} tháng {month(found[3])}"
    if found[0] == "24/7" and place.previous() != "ngày":
        return None
    sure = _is_surely_a_day(place, found)
    if sure is False:
        return None
    why = "" if sure else "ngày tháng hay phân số? (a date or a fraction?)"
    return Said(found.end(), said, kind="date", why=why)


def _dashed(place: Place, found: re.Match[str]) -> Said | None:
    """Read ngày 30-4 and sáng 21-11; ngày 5-7 names two days."""
    first, second = int(found[1]), int(found[3])
    if place.text[found.end() : found.end() + 1] == "-" or _POINT_AND_WORD.match(place.text, found.end()):
        return None
    if found[2] == "-" and first <= second:
        named = (first, second) in _RISING_FEASTS and _is_feast(place, found.end())
    else:
        scored = first < _GOALS_MAX and place.previous() in _NO_FEAST
        feast = first > second and (first, second) in _HOLIDAYS and not scored
        today = place.previous() in _TODAY and place.text[found.end() : found.end() + 1] in _STOPS
        named = place.previous() in _SURELY or feast or today
    return Said(found.end(), f"{day(found[1])} tháng {month(found[3])}", kind="date") if named else None


def _is_feast(place: Place, end: int) -> bool:
    """Tell Quốc khánh 2-9 and 30-4, 1-5 from ngày 1-5 hằng tháng."""
    before = place.before()[:2]
    if place.next_word(end) in _OF_EACH_MONTH or before[1:] == ["từ"]:
        return False
    behind = place.text[max(0, place.pos - 8) : place.pos]
    return bool(_FEAST_WORDS.intersection(before[:1]) or _DAY_BEHIND.search(behind))


def _is_surely_a_day(place: Place, found: re.Match[str]) -> bool | None:
    """Tell a day from a part of something by the words around; None where these leave it open."""
    before, after = place.previous(), place.next_word(found.end()).lower()
    first, second = int(found[1]), int(found[3])
    shared = after in _PARTS_OF or after in _OUT_OF or _is_house(place, found.end())
    if before in _SURELY or before in _NUMBERED or before in _COUNTS:
        return before in _SURELY
    if before in BEFORE_DATE:
        return not (shared and first < second <= SMALL_PART)
    if shared:
        return False
    if place.kind in {"date", "time", "day"} or (first, second) in _HOLIDAYS or first > second:
        return True
    return False if second <= SMALL_PART and (first, second) not in _FEASTS else None


def _is_house(place: Place, end: int) -> bool:
    """Tell 12/5 Đ. Lê Lợi and 12/5 đường Lê Lợi from a day and a part."""
    found = _STREET.match(place.text, end)
    return found is not None and found[1].isupper()


def part(place: Place, whole: str, of: str, end: int) -> tuple[str, str]:
    """Return how the stroke of `whole`/`of` is said, and why that is in doubt."""
    after = place.next_word(end).lower()
    if _is_house(place, end):
        return "trên", ""
    shared = after in _BODIES or after in _HALVED
    if shared and (whole, of) in _SHARES:
        return "phần", ""
    if int(of) == 0 or after in _OUT_OF or int(whole) > int(of) or place.previous() in _NUMBERED:
        return "trên", ""
    if after in _PARTS_OF:
        return "phần", ""
    if int(of) < 10 or (int(of) == 10 and int(whole) == 1):
        return "phần", "" if int(whole) == 1 else "phân số hay tỷ số? (a part or out of?)"
    return "trên", ""


def day_in_list(place: Place) -> Said | None:
    """Read the day alone: ngày 5, ngày 5 tháng 8, ngày 5, 6 và 7/8."""
    before = place.before()[:2]
    named = before[:1] == ["ngày"] and not (len(before) > 1 and before[1].isdigit())
    listed = place.kind == "day" and place.text[place.kind_end : place.pos] in {
        ", ",
        " và ",
        "-",
        " - ",
        ",",
        " hoặc ",
    }
    if named or listed:
        found = place.match(_DAY) or place.match(_DAY_OF_LIST)
    else:
        found = place.match(_DAY_OF_LIST) if before[:1] in (["từ"], ["ngày"]) else None
    if found is None or not 1 <= int(found[1]) <= 31 or _counts_per_day(place, found.end()):
        return None
    return Said(found.end(), day(found[1]), kind="day")


def _counts_per_day(place: Place, end: int) -> bool:
    """Tell ngày 2 lần and ngày 2-3 viên from ngày 2."""
    if _FROM.intersection(place.before()[1:2]):
        return False
    reaches = _TO_NUMBER.match(place.text, end)
    end = reaches.end() if reaches else end
    return place.next_word(end) in _PER_DAY and place.next_two(end) not in _NOT_PER_DAY


def day(number: str) -> str:
    """Return the day of a month: mùng for the first ten."""
    return f"mùng {cardinal(number)}" if int(number) <= 10 else cardinal(number)


def month(number: str) -> str:
    """Return the name of a month: tháng tư for the fourth."""
    return "tư" if int(number) == 4 else cardinal(number)


def _is_day(day_: str, month_: str) -> bool:
    return 1 <= int(day_) <= 31 and _is_month(month_)


def _is_month(number: str) -> bool:
    return 1 <= int(number) <= 12


def _is_year(number: str) -> bool:
    return 1_000 <= int(number) <= 2_199
