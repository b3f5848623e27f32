"""Numbers with their unit: 12,4 ha, 20.000đ, 25°C, 98,5%, 1m65, 50k."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from speaker_node.reading.numbers import cardinal, figures, quantity
from speaker_node.reading.place import Place, Said

_TABLES = tomllib.loads(Path(__file__).with_name("units.toml").read_text(encoding="utf-8"))
UNITS: dict[str, str] = _TABLES["units"]
PER = frozenset(_TABLES["per"]["words"].split())
MEASURES = frozenset(_TABLES["per"]["measures"].split())

_NAMES = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
NUMBER = r"\d{1,3}(?:\.\d{3}){1,6}(?:,\d{1,6})?|\d{1,18}(?:[.,]\d{1,6})?|\d{1,3}(?:,\d{3}){2,6}"
_WITH_UNIT = re.compile(rf"({NUMBER}) ?({_NAMES})(?!\w)")
_UNIT_AFTER = re.compile(rf" ?({_NAMES})(?!\w)")
_SPLIT = re.compile(r"(\d{1,3})(m|kg|tr|tỷ|tỉ)(\d{1,3})(?!\w)")
_SPACED_THOUSANDS = re.compile(r"(\d{1,3}(?: \d{3}){1,5}) ?(đồng|đ|vnđ|VNĐ|VND|vnd)(?!\w)")
_DOLLARS = re.compile(rf"([$€]) ?({NUMBER})")
_SPLIT_WORDS = {"m": "mét", "kg": "ki lô gam", "tr": "triệu"}
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
    if unit in {"đ", "Đ", "p", "s", "k", "K", "M", "L"} and _DOUBTFUL.search(text):
        return not (unit == "đ" and place.previous() not in {"điểm", "khoản"})
    return unit in {"TB"} and _DOUBTFUL.search(text) is None and " " in text


def unit_after(text: str, end: int) -> tuple[str, int]:
    """Return the unit that follows at `end`, a space before it, and where it ends; else nothing and `end`."""
    found = _UNIT_AFTER.match(text, end)
    return (f" {UNITS[found[1]]}", found.end()) if found else ("", end)


def split_by_unit(place: Place) -> Said | None:
    """Read 1m65, 2kg5, 1tr5: the unit stands where the comma would."""
    found = place.match(_SPLIT)
    if found is None:
        return None
    whole, unit, rest = found.groups()
    tail = figures(rest) if rest.startswith("0") else cardinal(rest)
    return Said(found.end(), f"{cardinal(whole)} {_SPLIT_WORDS.get(unit, unit)} {tail}", kind="unit")


def spaced_thousands(place: Place) -> Said | None:
    """Read 2 500 000 đồng."""
    found = place.match(_SPACED_THOUSANDS)
    if found is None:
        return None
    return Said(found.end(), f"{cardinal(found[1].replace(' ', ''))} đồng", kind="unit")


def dollars(place: Place) -> Said | None:
    """Read $100, the sign before the number."""
    found = place.match(_DOLLARS)
    if found is None or (said := quantity(found[2])) is None:
        return None
    return Said(found.end(), f"{said} {UNITS[found[1]]}", kind="unit")
