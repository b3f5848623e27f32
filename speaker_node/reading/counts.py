"""What is left of numbers: parts and ratios, ordinals, plain numbers, sections like 1.2.3."""

from __future__ import annotations

import re

from speaker_node.reading.context import context
from speaker_node.reading.dates import month, part
from speaker_node.reading.numbers import CARDINAL_MAX_DIGITS, cardinal, figures, ordinal, quantity
from speaker_node.reading.place import Place, Said
from speaker_node.reading.units import unit_after

_FRACTION = re.compile(r"(\d{1,6}) ?/ ?(\d{1,6})(?![\d/]|[.,]\d)(?: ?(?:h|giờ)(?!\w))?")
_ROW = re.compile(r"\d{1,3}(?: ?- ?\d{1,3}){2,8}(?![\d-]|[/.]\d)")
_HOUSE = re.compile(r"\d{1,4}(?:/\d{1,3}){2,5}(?![\d/])")
_NUMBERED = context("dates", "numbered")
_CHAIN = re.compile(r"\d+(?:[.,]\d+)*")
_INDUSTRY = re.compile(r"(\d)\.0(?![\d.,])")
_SECTION = re.compile(r"\d{1,3}(?:\.\d{1,3}){1,5}(?:\.(?= ?[^\W\d_])|(?= ?([^\W\d_])))")
_NAMED = re.compile(r"\d{1,2}(?:\.\d{1,2}){1,5}")
_LISTED = context("counts", "listed")
_SECTIONS = context("counts", "sections")
_YEARS = range(1900, 2200)
"""One of these and the next, năm học 2026/2027, are a year of school or of crops."""
_LONG = 9
"""A number of so many figures without points is read figure by figure."""


def fraction(place: Place) -> Said | None:
    """Read 1/2 thời gian as a part, 15/19 tiêu chí as so many out of so many, 24/7."""
    found = place.match(_FRACTION)
    if found is None:
        return None
    between, why = part(place, found[1], found[2], found.end())
    if (found[1], found[2]) == ("24", "7"):
        between = "trên"
    if int(found[2]) == int(found[1]) + 1 and int(found[1]) in _YEARS:
        between = "đến"
    rank = ordinal(found[1]) if place.previous() == "thứ" else cardinal(found[1])
    words = f"{rank} {between} {cardinal(found[2])}"
    words = words.replace("phần bốn", "phần tư")
    if found[0][-1] in "hờ":
        return Said(found.end(), f"{words} giờ", kind="time")
    unit, end = unit_after(place.text, found.end())
    return Said(end, words + unit, kind="unit" if unit else "number", why=why)


def house(place: Place) -> Said | None:
    """Read hẻm 45/7/3, the number of a house with those of the lanes to it; two of them are a `fraction`."""
    found = place.match(_HOUSE)
    if found is None or place.previous() not in _NUMBERED:
        return None
    return Said(found.end(), " trên ".join(map(cardinal, found[0].split("/"))), kind="number")


def row(place: Place) -> Said | None:
    """Read NPK 16-16-8: numbers in a row that are no range."""
    found = place.match(_ROW)
    if found is None:
        return None
    return Said(found.end(), " ".join(cardinal(each.strip()) for each in found[0].split("-")), kind="row")


def plain(place: Place) -> Said:
    """Read any number; always succeeds."""
    found = place.match(_CHAIN)
    if found is None:
        return Said(place.pos + 1)
    if place.previous() == "thứ" and found[0].isdigit():
        return Said(found.end(), ordinal(found[0]), kind="number")
    if place.previous() == "tháng" and found[0].isdigit():
        return Said(found.end(), month(found[0]), kind="number")
    section = _section(place, found)
    return section or _number(place, found)


def _section(place: Place, found: re.Match[str]) -> Said | None:
    """Read 1.2. at the beginning of a line, mục 1.2 and 4.0 with their points."""
    industry = place.match(_INDUSTRY)
    if industry is not None:
        return Said(industry.end(), f"{cardinal(industry[1])} chấm không", kind="number")
    head = place.match(_SECTION) if place.at_line_start() and ".000" not in found[0] else None
    begins = head is not None and (head[1] is None or head[1].isupper())
    if "." in found[0] and (begins or (place.previous() in _SECTIONS and _NAMED.fullmatch(found[0]))):
        said = quantity(found[0]) if len(found[0].split(".")[-1]) == 3 else None
        return Said(found.end(), said or _pointed(found[0]), kind="number")
    return None


def _number(place: Place, found: re.Match[str]) -> Said:
    text = found[0]
    if len(text) > CHAIN_MAX or (text.isdigit() and len(text) >= _LONG):
        return Said(found.end(), figures(text), kind="number", why=_TOO_LONG)
    listed = ", ".join(map(_pointed, text.split(",")))
    if "," in text and ",0" not in text and place.previous() in _LISTED:
        return Said(found.end(), listed, kind="number")
    said = quantity(text)
    if said is not None:
        return Said(found.end(), said, kind="number")
    return Said(found.end(), listed, kind="number", why=_UNUSUAL if "," in text else "")


CHAIN_MAX = 120
"""A longer row of figures with points and commas is read figure by figure."""
_UNUSUAL = "số viết lạ (an unusual number)"
_TOO_LONG = "số dài, đọc từng chữ số (a long number, read figure by figure)"


def _pointed(text: str) -> str:
    """Read 1.2.3, a section or a version."""
    return " chấm ".join(
        cardinal(each) if len(each) <= CARDINAL_MAX_DIGITS else figures(each) for each in text.split(".")
    )
