"""Telephone numbers, accounts, plates, ticket numbers: what is read figure by figure."""

from __future__ import annotations

import re

from speaker_node.reading.context import context
from speaker_node.reading.letters import spell
from speaker_node.reading.numbers import cardinal, figures, quantity
from speaker_node.reading.place import Place, Said
from speaker_node.reading.units import is_measured

_GROUPED = re.compile(r"(0\d{2,4})(?:([ .-])\d{1,5})(?:\2\d{2,4}){0,4}(?!\d)")
_MASKED = re.compile(r"(?=[\d .-]{4,10}[xX]{2})0\d{2,4}(?:[ .-]?(?:\d{3}|[xX]{2,4})){2}(?!\w)")
_WHOLE = re.compile(r"0\d{8,11}(?!\d)")
_IDENTITY = re.compile(r"0\d{2}(?:[ .]\d{3}){3}(?![\d.,])")
_UNSIGNED = re.compile(r"84 [35789]\d(?:\d \d{3} \d{3}| \d{3} \d{4})(?![\d.,]| ?đ)")
"""A number from abroad whose + is left out."""
_TWO_GROUPS = re.compile(r"0\d{2,3}[ .-]\d{6,7}(?!\d)")
_AREA = re.compile(r"\((?:\+?84|0\d{1,3})\)[ .-]?\d{1,8}(?:[ .-]\d{2,4}){0,3}(?!\d)")
_ABROAD = re.compile(r"\+\d{1,3}[ .-]?\(?\d{1,4}\)?(?:[ .-]?\d{2,4}){1,4}(?!\d)")
_TOLL = re.compile(r"(?:1800|1900)[ .-]?\d{2,6}(?:[ .-]\d{2,4}){0,2}(?!\d)")
_SHORT = re.compile(
    r"(?:11[1-9]|10[0-9]{2}|18[0-9]{2}|19[0-9]{2}|12[0-9]{2}|14[0-9]{2}|1[0-9]{4})(?![\d/h%]|[.,:]\d)"
)
_LOCAL = re.compile(r"\d{3,4}[ .]\d{3,4}(?!\d)|\d{6,11}(?!\d|[.,]\d)")
_COUNTED = re.compile(
    r" ?(?:người|hộ|đồng|triệu|cái|con|thanh|học|cán|đại|em|cháu|lần|xe|tấn|kg|suất|phút|giờ)\b"
)
_CALL = context("phones", "call")
_REACHED = context("phones", "reached")
_INFORM = context("phones", "inform")
_TEXTED = context("phones", "texted")
_CENTRES = context("phones", "centres")
_SERVICES = context("phones", "services")
_HOTLINE_LIST = re.compile(r"11[1-59](?:(?:, ?|/|; | và | hoặc )11[1-59]){1,5}(?!\d|[.,]\d)")
_HOTLINES = frozenset({"111", "112", "113", "114", "115", "119"})
_EXPLAINED = re.compile(r"\d{3} ?[:(-] ?(?:công an|cứu|cấp cứu|báo cháy)")
_ENDS = re.compile(r"\d{3}(?:[.,;)\n]|$| (?:để|khi|nếu|hoặc|và) )")
_AND = frozenset({", ", ",", " và ", " hoặc ", " - ", "-", "/", "; ", " hay "})

_CODE = re.compile(r"\d{3,24}(?!\d|[.,]\d)")
_CODE_GROUPS = re.compile(r"\d{3,6}([ .-])\d{3,6}(?:\1\d{3,6}){0,4}(?!\d)")
_CODED = context("phones", "coded")
_FILE = re.compile(r"([A-ZĐ]{1,3})\d{1,4}(?:[.-]\d{1,8}){2,5}(?!\d)")
_SERIAL = re.compile(r"([A-ZĐ]{1,2}) ?\d{6,8}(?![\d.,])")
_NUMBERED = frozenset({"số", "sổ", "seri", "sêri", "phôi", "hiệu"})
_LONG_GROUP = re.compile(r"\d{4}")
_CODES = frozenset({"mã", "số", "otp", "pin"})
_PLATE = re.compile(r"(\d{2})[ -]?([A-ZĐ]{1,2}\d?)[ .-]{1,3}(\d{3}\.?\d{2}|\d{4})(?!\d)")
_SERIES_BEHIND = re.compile(r"(?<![^\W_])[A-ZĐ]{1,2}\Z")
_ZEROS = re.compile(r"0\d{1,17}(?!\d|[.,:/h]\d)")


def phone(place: Place) -> Said | None:
    """Read a telephone number."""
    return _by_form(place) or _by_context(place)


def _by_form(place: Place) -> Said | None:
    for pattern, fewest, most in (
        (_IDENTITY, 12, 12),
        (_UNSIGNED, 11, 11),
        (_TWO_GROUPS, 9, 11),
        (_AREA, 9, 13),
        (_ABROAD, 9, 14),
        (_WHOLE, 9, 12),
        (_TOLL, 6, 10),
    ):
        found = place.match(pattern)
        if found is not None and fewest <= _count(found[0]) <= most:
            if pattern is _TOLL and _COUNTED.match(place.text, found.end()):
                continue
            return _figures(found[0], found.end())
    return _grouped(place) or _masked(place)


def _masked(place: Place) -> Said | None:
    """Read 0912.345.xxx, a number of which the last figures are not told."""
    found = place.match(_MASKED)
    if found is None:
        return None
    said = " ".join("ích" if each in "xX" else figures(each) for each in found[0] if each.isalnum())
    return Said(found.end(), said, kind="phone")


def _grouped(place: Place) -> Said | None:
    """Read 0987 654 321: groups up to ten figures, eleven for an old landline."""
    found = place.match(_GROUPED)
    if found is None:
        return None
    text = found[0]
    while _count(text) > (11 if text.startswith("02") else 10):
        text = text[: text.rindex(found[2])]
    if _count(text) < 9:
        return None
    return _figures(text, place.pos + len(text))


def _by_context(place: Place) -> Said | None:
    """Read 113 after "gọi", and 114 after that; 113 hộ is a number."""
    called = bool(_CALL.intersection(place.before()[:3])) or _is_hotline(place)
    listed = place.kind == "phone" and place.text[place.kind_end : place.pos] in _AND
    if not (called or listed):
        return None
    found = place.match(_LOCAL) if called else None
    found = found or place.match(_SHORT)
    if found is None or _COUNTED.match(place.text, found.end()) or is_measured(place):
        return None
    if len(found[0]) == 3 and found[0] not in _HOTLINES:
        return None
    return _figures(found[0], found.end())


def _is_hotline(place: Place) -> bool:
    """Tell 113 that one calls from 113 of something by the words of the clause, or by others beside it."""
    if place.text[place.pos : place.pos + 3] not in _HOTLINES:
        return False
    words, row = place.before(), place.match(_HOTLINE_LIST)
    named = place.text[max(0, place.pos - 2) : place.pos] == ": " and place.previous() in _SERVICES
    return bool(
        named
        or place.match(_EXPLAINED)
        or words[:2] == ["an", "công"]
        or _CENTRES.intersection(words[:9])
        or (place.previous() in _REACHED and _INFORM.intersection(words[:9]) and place.match(_ENDS))
        or (row is not None and _COUNTED.match(place.text, row.end()) is None)
    )


def code(place: Place) -> Said | None:
    """Read an account, an identity card, a code figure by figure."""
    texted = place.previous() == "gửi" and bool(_TEXTED.intersection(place.before()[:9]))
    if not (texted or _CODED.intersection(place.before()[:2])):
        return None
    found = place.match(_CODE_GROUPS) or place.match(_CODE)
    if found is None or ("." in found[0] and quantity(found[0])) or _COUNTED.match(place.text, found.end()):
        return None
    if len(found[0]) < 6 and not texted and not _CODES.intersection(place.before()[:3]):
        return None
    return _figures(found[0], found.end(), "code")


def file_code(place: Place) -> Said | None:
    """Read H20.15-261120-0012, the code of a file, and số BK 123456, the serial of a paper."""
    found = place.match(_FILE)
    if found is None and place.previous() in _NUMBERED:
        found = place.match(_SERIAL)
    if found is None or _LONG_GROUP.search(found[0]) is None:
        return None
    return Said(found.end(), f"{spell(found[1])} {figures(found[0])}", kind="code")


def plate(place: Place) -> Said | None:
    """Read a number plate: 98B1-234.56."""
    found = place.match(_PLATE)
    if found is None:
        return None
    series = f"{spell(found[2].rstrip('0123456789'))} {figures(found[2])}".strip()
    return Said(found.end(), f"{figures(found[1])} {series} {figures(found[3])}", kind="code")


def leading_zero(place: Place) -> Said | None:
    """Read 045 figure by figure; 05 too after "số" and in PC05, while 05 hộ are five."""
    found = place.match(_ZEROS)
    if found is None:
        return None
    before = place.before()
    storm = before[1:2] in (["bão"], ["thôn"], ["tổ"], ["quầy"], ["bàn"])
    named = before[:1] in (["số"], ["mã"], ["qcvn"], ["tcvn"]) and not storm
    named |= _SERIES_BEHIND.search(place.text[max(0, place.pos - 3) : place.pos]) is not None
    if len(found[0]) >= 3 or named:
        return _figures(found[0], found.end(), "number")
    return Said(found.end(), cardinal(found[0]), kind="number")


def _figures(text: str, end: int, kind: str = "phone") -> Said:
    plus = "cộng " if text.startswith("+") else ""
    return Said(end, plus + figures(text), kind=kind)


def _count(text: str) -> int:
    return sum(letter.isdigit() for letter in text)
