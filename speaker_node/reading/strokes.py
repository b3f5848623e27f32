"""Hyphens and strokes: ranges, scores, minus, bullets; out of, per, or just between two words."""

from __future__ import annotations

import re

from speaker_node.reading.context import context
from speaker_node.reading.place import NUMERIC, Place, Said
from speaker_node.reading.roman import numeral
from speaker_node.reading.units import MEASURES, PER

_DASHES = re.compile(r"-+")
_REACHES = re.compile(
    r"(?:thứ|cấp|tháng|ngày|quý|năm|khóa|khoá|lớp|mùng|độ) ?"
    r"(?:\d|[IVX]+\b|hai|ba|tư|năm|sáu|bảy|chủ)",
    re.IGNORECASE,
)
"""A word and its number, as after the hyphen of "thứ 2 - thứ 6"."""
_DEGREES = re.compile(r"\d{1,3}(?:[.,]\d)? ?(?:°|độ|oC)")
_NUMBER_AHEAD = re.compile(r" ?\d")
_DAY_AHEAD = re.compile(r" ?\d{1,2}/\d{1,2}")
_YEAR = re.compile(r" ?[12]\d{3}(?!\d)")
_SCORES = context("strokes", "scores")
_WEEKDAYS = context("strokes", "weekdays")
_NUMBERS = context("strokes", "numbers")
_CALENDAR = context("strokes", "calendar")


def dash(place: Place) -> Said:
    """Read a hyphen: "đến" in a range, nothing in a score, "âm" before a number, a pause between words."""
    found = place.match(_DASHES)
    end = found.end() if found else place.pos + 1
    text = place.text
    if place.at_line_start():
        return Said(end, "âm" if _DEGREES.match(text, end) else "", kind="")
    if _is_range(place, end + (text[end : end + 1] == " ")):
        if _is_score(place):
            return Said(end, kind=place.kind)
        return Said(end, "đến", kind="range")
    if text[end : end + 1].isdigit() and place.behind() in " (:" and place.kind not in NUMERIC:
        return Said(end, "âm")
    tight = place.behind() != " " and text[end : end + 1] not in {" ", "\n", ""}
    return Said(end, pause="" if tight else ",", kind="" if tight else "pause")


def _is_range(place: Place, after: int) -> bool:
    """Tell whether something numeric stands before, and at `after` something that it may reach to."""
    text = place.text
    reaches = _REACHES.match(text, after) is not None
    if place.previous() in _WEEKDAYS and reaches:
        return True
    if not (place.touches() and place.kind in NUMERIC):
        return False
    if reaches or text[after : after + 1].isdigit():
        return True
    return place.kind == "roman" and numeral(Place(text, place.table, after, "roman", after - 1)) is not None


def _is_score(place: Place) -> bool:
    words = place.before()[1:3]
    return place.kind == "number" and "lệ" not in words and bool(_SCORES.intersection(words))


def stroke(place: Place) -> Said:
    """Read a stroke: "trên" between a measure and what it is per; others only part words."""
    end, text = place.pos + 1, place.text
    if place.touches() and place.kind in NUMERIC:
        if place.kind == "roman" and _YEAR.match(text, end):
            return Said(end, "năm", kind="roman")
        if place.kind == "time" and _DAY_AHEAD.match(text, end):
            return Said(end, kind="time")
        if place.kind == "unit" or _NUMBER_AHEAD.match(text, end):
            return Said(end, "trên", kind="number")
    return Said(end, "trên" if _is_per(place, place.next_word(end).lower()) else "")


def _is_per(place: Place, after: str) -> bool:
    """Tell 3 lần/ngày and (đồng/người) from cán bộ/công chức and ngày/tháng/năm."""
    before = place.before()[:4]
    if after not in PER or not before:
        return False
    counted = any(each.isdigit() or each in _NUMBERS for each in before[1:])
    if before[0] in _CALENDAR and after in _CALENDAR:
        return counted
    return counted or before[0] in MEASURES
