"""Telephone numbers, accounts, plates, ticket numbers: what is read figure by figure."""

from __future__ import annotations

import re

from speaker_node.reading.context import context
from speaker_node.reading.letters import spell
from speaker_node.reading.numbers import cardinal, figures
from speaker_node.reading.place import Place, Said
from speaker_node.reading.units import is_measured

_GROUPED = re.compile(r"(0\d{2,4})(?:([ .-])\d{1,5})(?:\2\d{2,4}){0,4}(?!\d)")
_WHOLE = re.compile(r"0\d{8,11}(?!\d)")
_AREA = re.compile(r"\((?:\+?84|0\d{1,3})\)[ .-]?\d{1,8}(?:[ .-]\d{2,4}){0,3}(?!\d)")
_ABROAD = re.compile(r"\+\d{1,3}[ .-]?\(?\d{1,4}\)?(?:[ .-]?\d{2,4}){1,4}(?!\d)")
_TOLL = re.compile(r"(?:1800|1900)[ .-]?\d{2,6}(?:[ .-]\d{2,4}){0,2}(?!\d)")
_SHORT = re.compile(
    r"(?:11[1-9]|10[0-9]{2}|18[0-9]{2}|19[0-9]{2}|12[0-9]{2}|14[0-9]{2}|1[0-9]{4})(?![\d/:h%]|[.,]\d)"
)
_LOCAL = re.compile(r"\d{3,4}[ .]\d{3,4}(?!\d)|\d{6,11}(?!\d|[.,]\d)")
_COUNTED = re.compile(
    r" ?(?:người|hộ|đồng|triệu|cái|con|thanh|học|cán|đại|em|cháu|lần|xe|tấn|kg|suất|phút|giờ)\b"
)
_CALL = context("phones", "call")
_CENTRES = context("phones", "centres")
_SERVICES = context("phones", "services")
_HOTLINES = frozenset({"111", "112", "113", "114", "115", "119"})
_AND = frozenset({", ", ",", " và ", " hoặc ", " - ", "-", "/", "; ", " hay "})

_CODE = re.compile(r"\d{3,24}(?!\d|[.,]\d)")
_CODE_GROUPS = re.compile(r"\d{3,6}(?: \d{3,6}){1,5}(?!\d)")
_CODED = context("phones", "coded")
_PLATE = re.compile(r"(\d{2})[ -]?([A-ZĐ]{1,2}\d?)[ .-]{1,3}(\d{3}\.?\d{2}|\d{4})(?!\d)")
_ZEROS = re.compile(r"0\d{1,17}(?!\d|[.,:/h]\d)")


def phone(place: Place) -> Said | None:
    """Read a telephone number."""
    return _by_form(place) or _by_context(place)


def _by_form(place: Place) -> Said | None:
    for pattern, fewest, most in ((_AREA, 9, 13), (_ABROAD, 9, 14), (_WHOLE, 9, 12), (_TOLL, 6, 10)):
        found = place.match(pattern)
        if found is not None and fewest <= _count(found[0]) <= most:
            if pattern is _TOLL and _COUNTED.match(place.text, found.end()):
                continue
            return _figures(found[0], found.end())
    return _grouped(place)


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
    called = bool(_CALL.intersection(place.before()[:3]))
    called |= (
        bool(_CENTRES.intersection(place.before()[:9])) and place.text[place.pos : place.pos + 3] in _HOTLINES
    )
    if place.text[place.pos : place.pos + 3] in _HOTLINES:
        named = place.text[max(0, place.pos - 2) : place.pos] == ": " and place.previous() in _SERVICES
        called |= named or place.before()[:2] == ["an", "công"]
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


def code(place: Place) -> Said | None:
    """Read an account, an identity card, a code figure by figure."""
    if not _CODED.intersection(place.before()[:2]):
        return None
    found = place.match(_CODE_GROUPS) or place.match(_CODE)
    if found is None or _COUNTED.match(place.text, found.end()):
        return None
    if len(found[0]) < 6 and place.previous() not in {"mã", "số", "otp", "pin"}:
        return None
    return _figures(found[0], found.end(), "code")


def plate(place: Place) -> Said | None:
    """Read a number plate: 98B1-234.56."""
    found = place.match(_PLATE)
    if found is None:
        return None
    series = f"{spell(found[2].rstrip('0123456789'))} {figures(found[2])}".strip()
    return Said(found.end(), f"{figures(found[1])} {series} {figures(found[3])}", kind="code")


def leading_zero(place: Place) -> Said | None:
    """Read 045 figure by figure; 05 too after "số", while 05 hộ are five."""
    found = place.match(_ZEROS)
    if found is None:
        return None
    before = place.before()
    storm = before[1:2] in (["bão"], ["thôn"], ["tổ"], ["quầy"], ["bàn"])
    named = before[:1] in (["số"], ["mã"]) and not storm
    if len(found[0]) >= 3 or named:
        return _figures(found[0], found.end(), "number")
    return Said(found.end(), cardinal(found[0]), kind="number")


def _figures(text: str, end: int, kind: str = "phone") -> Said:
    plus = "cộng " if text.startswith("+") else ""
    return Said(end, plus + figures(text), kind=kind)


def _count(text: str) -> int:
    return sum(letter.isdigit() for letter in text)
