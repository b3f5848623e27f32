"""Numbers with their unit: 12,4 ha, 20.000đ, 25°C, 98,5%, 1m65, 50k."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from speaker_node.reading.context import context
from speaker_node.reading.numbers import cardinal, figures, quantity
from speaker_node.reading.place import Place, Said

_TABLES = tomllib.loads(Path(__file__).with_name("units.toml").read_text(encoding="utf-8"))
UNITS: dict[str, str] = _TABLES["units"]
PER = frozenset(_TABLES["per"]["words"].split())
MONEY = frozenset(_TABLES["per"]["money"].split())
MEASURES = frozenset(_TABLES["per"]["measures"].split())

_NAMES = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
NUMBER = r"\d{1,3}(?:\.\d{3}){1,6}(?:,\d{1,6})?|\d{1,18}(?:[.,]\d{1,6})?|\d{1,3}(?:,\d{3}){2,6}"
_WITH_UNIT = re.compile(rf"({NUMBER}) ?({_NAMES})(?!\w)")
_UNIT_AFTER = re.compile(rf" ?({_NAMES})(?!\w)")
_SPLIT = re.compile(r"(\d{1,3})(m|kg|tr|tỷ|tỉ)(\d{1,3})(?!\w)")
_SPACED_THOUSANDS = re.compile(r"(\d{1,3}(?:[ ,]\d{3}){1,5}) ?(đồng|đ|vnđ|VNĐ|VND|vnd)(?!\w)")
_BETWEEN = re.compile(r"[ ,]")
_SPACED_SIGNS = re.compile(rf"\d{{1,3}}(?: \. \d{{3}})+(?!\d)|\d{{1,4}} ,\d{{1,2}}(?= ?(?:{_NAMES})(?!\w))")
_DOLLARS = re.compile(rf"([$€]) ?({NUMBER})")
_COMMA_OF_THOUSANDS = re.compile(r",(?=\d{3}(?!\d))")
_SPLIT_WORDS = {"m": "mét", "kg": "ki lô gam", "tr": "triệu"}
_CURRENTS = context("units", "currents")
_CALENDAR = context("strokes", "calendar")
_PICTURES = context("units", "pictures")
_CAPITALS = frozenset({"A", "T"})
"""Units only where the words around say so; a house is 12/5A."""
_STREET = re.compile(r"Đ\. ?(?:[^\W\d_a-z]|\d{1,2}[/-]\d)")
_HOUSE = len("345 Đ")
"""The number of a house and a street after it, 25 Đ. Lê Lợi: money of so few figures there is none."""
_DOUBTFUL = re.compile(r" [a-zA-Z]\Z")


def with_unit(place: Place) -> Said | None:
    """Read a number with the unit after it."""
    found = place.match(_WITH_UNIT)
    if found is None or _is_word(place, found[0], found[2]):
        return None
    said = quantity(found[1])
    if said is None:
        return None
    return Said(found.end(), f"{said} {UNITS[found[2]]}", kind="unit")


def is_measured(place: Place) -> bool:
    """Tell whether a number with a unit stands here."""
    return place.match(_WITH_UNIT) is not None


def _is_word(place: Place, text: str, unit: str) -> bool:
    """Tell a class (5 A), an article (điểm 2 l) or a text in capitals from a unit."""
    start = place.pos + len(text) - len(unit)
    if place.table.joined(place, start) or (_STREET.match(place.text, start) and len(text) <= _HOUSE):
        return True
    if unit == "K" and _PICTURES.intersection(place.before()[:2]):
        return True
    if unit == "A":
        return not _CURRENTS.intersection(place.before()[:3])
    if unit in {"o", "đ", "Đ", "p", "s", "k", "K", "M", "L", "T"} and _DOUBTFUL.search(text):
        return not (unit in {"đ", "k"} and place.previous() not in {"điểm", "khoản"})
    return unit in {"TB"} and _DOUBTFUL.search(text) is None and " " in text


def unit_after(text: str, end: int) -> tuple[str, int]:
    """Return the unit that follows at `end`, a space before it, and where it ends; else nothing and `end`."""
    found = _UNIT_AFTER.match(text, end)
    if found is None or found[1] in _CAPITALS or _STREET.match(text, found.start(1)):
        return "", end
    return f" {UNITS[found[1]]}", found.end()


def split_by_unit(place: Place) -> Said | None:
    """Read 1m65, 2kg5, 1tr5: the unit stands where the comma would."""
    found = place.match(_SPLIT)
    if found is None:
        return None
    whole, unit, rest = found.groups()
    tail = figures(rest) if rest.startswith("0") else cardinal(rest)
    return Said(found.end(), f"{cardinal(whole)} {_SPLIT_WORDS.get(unit, unit)} {tail}", kind="unit")


def spaced_thousands(place: Place) -> Said | None:
    """Read 2 500 000 đồng, 500,000 đồng, 1 . 500 hộ and 12 ,5 km."""
    found = place.match(_SPACED_THOUSANDS)
    if found is not None:
        return Said(found.end(), f"{cardinal(_BETWEEN.sub('', found[1]))} đồng", kind="unit")
    found = place.match(_SPACED_SIGNS)
    said = quantity(found[0].replace(" ", "")) if found else None
    if found is None or said is None or place.previous() in _CALENDAR:
        return None
    unit, end = unit_after(place.text, found.end())
    return Said(end, said + unit, kind="unit" if unit else "number")


def dollars(place: Place) -> Said | None:
    """Read $100, the sign before the number."""
    found = place.match(_DOLLARS)
    if found is None or (said := quantity(_COMMA_OF_THOUSANDS.sub("", found[2]))) is None:
        return None
    return Said(found.end(), f"{said} {UNITS[found[1]]}", kind="unit")
