"""Times of day: 7h30, 7g15, 13:45, 7 giờ 30, 24h."""

from __future__ import annotations

import re
from dataclasses import replace

from speaker_node.reading.context import context
from speaker_node.reading.numbers import cardinal
from speaker_node.reading.place import Place, Said

_HOUR_MINUTE = re.compile(
    r"(\d{1,2}) ?(?:h|g|giờ|H|G|Giờ|GIỜ) ?([0-5]\d)(?![\d/]|[.,]\d)(?: ?(?:phút|ph|p|')(?!\w)|m(?![\w/]))?"
    r"(?: ?(\d{1,2}) ?(?:giây|s|\")(?!\w))?"
)
_HOUR_FEW_MINUTES = re.compile(r"(\d{1,2}) ?(?:h|g|giờ) ?(\d) ?(?:phút|ph|p|')(?!\w)")
_HOUR = re.compile(r"(\d{1,3}) ?(h|H|g|G|giờ|Giờ)(?!\w)")
_COLON = re.compile(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d))?(?!:?\d)(?: ?(?:giờ|h|phút)(?!\w))?")
_G_RANGE = re.compile(r"(\d{1,2})g([0-5]\d)? ?(?:-|đến) ?(\d{1,2})g([0-5]\d)?(?!\w)")
_RATIO = re.compile(r"(\d{1,6}):(\d{1,7})(?!:?\d)")
_MINUTE_SECOND = re.compile(r"(\d{1,3})' ?(\d{1,2})(?:\"|'')")
_HALF = re.compile(r" ?([AaPp])\.?[Mm](?!\w)")
_HOUR_ONLY = re.compile(r"\d{1,2}")
_EVENING = 6
_DAYTIME = context("times", "daytime")
_AT = context("times", "at")
_PROPORTIONS = context("times", "proportions")


def time(place: Place) -> Said | None:
    """Read a time of day, or a length in hours."""
    said = _hour_minute(place) or _minute_second(place) or _colon(place) or _hour(place)
    return _hours_by_g(place) or (said and _with_half(place, said))


def _with_half(place: Place, said: Said) -> Said:
    """Read the AM of 7:30 AM as the part of the day."""
    half = _HALF.match(place.text, said.end)
    hour = place.match(_HOUR_ONLY)
    if said.kind != "time" or half is None or hour is None:
        return said
    day = "sáng" if half[1].upper() == "A" else "chiều" if int(hour[0]) % 12 < _EVENING else "tối"
    return replace(said, end=half.end(), words=f"{said.words} {day}")


def _hours_by_g(place: Place) -> Said | None:
    """Read 8g-10g30, as the south writes hours."""
    found = place.match(_G_RANGE)
    if found is None or int(found[1]) > 24 or int(found[3]) > 24:
        return None
    words = f"{clock(found[1], found[2])} đến {clock(found[3], found[4])}"
    return Said(found.end(), words, kind="time")


def _hour_minute(place: Place) -> Said | None:
    found = place.match(_HOUR_MINUTE) or place.match(_HOUR_FEW_MINUTES)
    if found is None or int(found[1]) > 24 or _grams(place, found):
        return None
    second = found[3] if found.re is _HOUR_MINUTE else None
    return Said(found.end(), clock(found[1], found[2], second), kind="time")


def _minute_second(place: Place) -> Said | None:
    """Read 12'45", a length of time or of an arc."""
    found = place.match(_MINUTE_SECOND)
    if found is None:
        return None
    return Said(found.end(), f"{cardinal(found[1])} phút {cardinal(found[2])} giây", kind="time")


def _grams(place: Place, found: re.Match[str]) -> bool:
    """Tell 7 g 15 from a time; 5 giờ 30 người would be one, and nobody writes so."""
    return " g" in found[0] and "giờ" not in found[0] and place.previous() not in _AT


def _colon(place: Place) -> Said | None:
    if place.previous() in _PROPORTIONS:
        return _ratio(place)
    found = place.match(_COLON)
    if found is None or int(found[1]) > 24:
        return _ratio(place)
    return Said(found.end(), clock(*found.groups()), kind="time")


def _ratio(place: Place) -> Said | None:
    found = place.match(_RATIO)
    if found is None:
        return None
    between = " " if place.previous() in {"thắng", "thua", "hòa"} else " trên "
    return Said(found.end(), cardinal(found[1]) + between + cardinal(found[2]), kind="number")


def _hour(place: Place) -> Said | None:
    found = place.match(_HOUR)
    if found is None:
        return None
    letter, after = found[2], place.text[found.end() : found.end() + 1]
    if letter in "gG":
        sure = place.next_word(found.end()).lower() in _DAYTIME
        sure |= letter == "g" and place.previous() in _AT
        if not sure or after == "/" or int(found[1]) > 24:
            return None
    return Said(found.end(), f"{cardinal(found[1])} giờ", kind="time")


def clock(hour: str, minute: str | None, second: str | None = None) -> str:
    """Return a time in words; whole hours without their minutes."""
    words = f"{cardinal(hour)} giờ"
    if (minute and int(minute)) or second:
        words += f" {cardinal(minute or '0')} phút"
    if second and int(second):
        words += f" {cardinal(second)} giây"
    return words
