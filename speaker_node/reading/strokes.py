"""Hyphens and strokes: ranges, scores, minus, bullets; out of, per, or just between two words."""

from __future__ import annotations

import re

from speaker_node.reading.context import context
from speaker_node.reading.place import LOOK, NUMERIC, Place, Said
from speaker_node.reading.roman import numeral
from speaker_node.reading.units import MEASURES, MONEY, PER

_ARROW = re.compile(r"[-=]+>|[→⇒➔➜]")
_DASHES = re.compile(r"-+")
_REACHES = re.compile(
    r"(?:thứ|cấp|tháng|ngày|quý|năm|khóa|khoá|lớp|mùng|độ|km|số) ?"
    r"(?:\d|[IVX]+\b|hai|ba|tư|năm|sáu|bảy|chủ)|T\d{1,2}\b",
    re.IGNORECASE,
)
"""A word and its number, as after the hyphen of "thứ 2 - thứ 6"."""
_BELOW_ZERO = re.compile(r"\d{1,9}(?:[.,]\d{1,3})?(?: ?(?:°|độ|oC|%|m\b|[;!?)])|[.,]? ?(?:\n|\Z))")
"""What makes the hyphen at the beginning of a line a minus; any other begins an entry of a list."""
_MEASURED_AHEAD = re.compile(r" ?\d[\d.,]* ([^\W\d_]+)(?: [^\W\d_]+)?")
_MONEY_AHEAD = re.compile(r"\d[\d.,]* ?(?:nghìn|ngàn|triệu|tỷ|tỉ|đồng|đ|tr|k)\b")
_NUMBER_AHEAD = re.compile(r" ?\d")
_DAY_AHEAD = re.compile(r" ?\d{1,2}/\d{1,2}")
_YEAR = re.compile(r" ?[12]\d{3}(?!\d)")
_CODE_BEHIND = re.compile(r"(?<![^\W_])([A-ZĐ]{1,3})\d{1,4} ?\Z")
_CODE_AHEAD = re.compile(r" ?([A-ZĐ]{1,3})\d")
_SMALL_BEHIND = re.compile(r"(?<![\w.,/-])[A-Z]{0,3}(\d{1,2}) ?\Z")
_SMALL_AHEAD = re.compile(r" ?(\d{1,2})(?![\w/%-]|[.,]\d)")
_PAIRS_BEHIND = re.compile(r"(?:\d{1,2} ?- ?\d{1,2}(?:[,;] ?| và )){1,8}\d{1,2} ?\Z")
_PAIR = re.compile(r"(\d{1,2}) ?- ?(\d{1,2})")
_RESULT_AHEAD = re.compile(r" ?\d{1,2}(?:[,;.)\n]|\Z| (?:nghiêng|cho|sau|và)\b)")
_RESULTS = (["quả", "kết"], ["cuộc", "chung"])
"""kết quả 0-2, chung cuộc 1-2, the words from behind; trả kết quả 3-5 ngày is no score."""
_MATCHES = context("strokes", "matches")
_RISING = context("strokes", "rising")
_SCORES = context("strokes", "scores")
_WEEKDAYS = context("strokes", "weekdays")
_NUMBERS = context("strokes", "numbers")
_THOUSANDS = context("strokes", "thousands")
_DAYPARTS = context("strokes", "dayparts")
_HOUR_BEHIND = re.compile(r"\d{1,2} ?(?:h|g|giờ)(?: ?\d{2})?(?: phút)? [^\W\d_]{3,5} ?\Z")
_HOUR_AHEAD = re.compile(r"\d{1,2} ?(?:h|g|giờ)(?![^\W\d])|\d{1,2}:\d\d")
_RANKS = context("strokes", "ranks")
_CALENDAR = context("strokes", "calendar")


def dash(place: Place) -> Said:
    """Read a hyphen: "đến" in a range, nothing in a score, "âm" before a number, a pause between words."""
    if place.match(_ARROW):
        return arrow(place)
    found = place.match(_DASHES)
    end = found.end() if found else place.pos + 1
    text = place.text
    if place.at_line_start():
        return Said(end, "âm" if _BELOW_ZERO.match(text, end) else "", kind="")
    if _is_range(place, end + (text[end : end + 1] == " ")):
        if _is_score(place, end) or _falls(place, end):
            return Said(end, kind=place.kind)
        lone_year = place.kind == "roman" and _YEAR.match(text, end)
        return Said(end, "năm" if lone_year else "đến", kind="range")
    if text[end : end + 1].isdigit() and place.behind() in " (:" and place.kind not in NUMERIC:
        return Said(end, "âm")
    tight = place.behind() != " " and text[end : end + 1] not in {" ", "\n", ""}
    return Said(end, pause="" if tight else ",", kind="" if tight else "pause")


def arrow(place: Place) -> Said:
    """Read -> and →: "đến" in a range, elsewhere a pause."""
    found = place.match(_ARROW)
    end = found.end() if found else place.pos + 1
    if _is_range(place, end + (place.text[end : end + 1] == " ")):
        return Said(end, "đến", kind="range")
    return Said(end, pause=",", kind="pause")


def _is_range(place: Place, after: int) -> bool:
    """Tell whether something numeric stands before, and at `after` something that it may reach to."""
    text = place.text
    reaches = _REACHES.match(text, after) is not None
    if (place.previous() in _WEEKDAYS and reaches) or _same_measure(place, after):
        return True
    if place.previous() in _DAYPARTS and _HOUR_AHEAD.match(text, after):
        return _HOUR_BEHIND.search(text[max(0, place.pos - LOOK) : place.pos]) is not None
    if place.previous() in _THOUSANDS and _MONEY_AHEAD.match(text, after):
        return place.before()[1:2] != [] and place.before()[1][0].isdigit()
    if not (place.touches() and place.kind in NUMERIC):
        return False
    if reaches or text[after : after + 1].isdigit() or _same_series(place, after):
        return True
    return place.kind == "roman" and numeral(Place(text, place.table, after, "roman", after - 1)) is not None


def _is_score(place: Place, end: int) -> bool:
    words = place.before()[1:3]
    if place.kind != "number" or "lệ" in words:
        return False
    if _among_scores(place) or (words in _RESULTS and _RESULT_AHEAD.match(place.text, end)):
        return True
    return bool(_SCORES.intersection(words) or _MATCHES.intersection(place.before()[3:9]))


def _among_scores(place: Place) -> bool:
    """Tell the last of 25-19, 20-25 from a range: another of the list before it falls."""
    found = _PAIRS_BEHIND.search(place.text[max(0, place.pos - LOOK) : place.pos])
    return found is not None and any(int(first) >= int(second) for first, second in _PAIR.findall(found[0]))


def _falls(place: Place, end: int) -> bool:
    """Tell TH3-3 and a score of 3-1 from a range, which rises; tháng 11-2 goes round the year."""
    behind = _SMALL_BEHIND.search(place.text[max(0, place.pos - 8) : place.pos])
    ahead = _SMALL_AHEAD.match(place.text, end)
    if place.kind != "number" or behind is None or ahead is None or _RISING.intersection(place.before()[1:2]):
        return False
    return int(ahead[1]) <= int(behind[1])


def _same_series(place: Place, after: int) -> bool:
    """Tell A001-A020, from one number of a series to another."""
    behind = _CODE_BEHIND.search(place.text[max(0, place.pos - 10) : place.pos])
    ahead = _CODE_AHEAD.match(place.text, after)
    return behind is not None and ahead is not None and behind[1] == ahead[1]


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
    if _same_measure(place, end):
        return Said(end, "trên", kind="number")
    if place.previous() in _RANKS and _NUMBER_AHEAD.match(text, end):
        return Said(end, "trên")
    return Said(end, "trên" if _is_per(place, place.next_word(end).lower()) else "")


def _same_measure(place: Place, end: int) -> bool:
    """Tell 152 đơn vị/150 đơn vị and 5 độ C - 7 độ C, of one measure, from 35 hộ/142 khẩu."""
    ahead, before = _MEASURED_AHEAD.match(place.text, end), place.before()
    if ahead is None:
        return False
    if before[1:2] and before[1][0].isdigit():
        return ahead[1] == before[0]
    return ahead[0].lower().split()[1:] == before[1::-1]


def _is_per(place: Place, after: str) -> bool:
    """Tell 3 lần/ngày and (đồng/người) from cán bộ/công chức and ngày/tháng/năm."""
    before = place.before()[:4]
    if not after or not before:
        return False
    measure = before[0].lstrip("0123456789")
    if measure in MONEY or (measure in _THOUSANDS and measure == before[0] and before[1:2] != []):
        return after not in MONEY and after not in _THOUSANDS
    if after not in PER:
        return False
    counted = any(each[0].isdigit() or each in _NUMBERS for each in before[measure == before[0] :])
    if measure in _CALENDAR and after in _CALENDAR:
        return counted
    return counted or measure in MEASURES
