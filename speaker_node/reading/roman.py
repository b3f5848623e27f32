"""Roman numerals: khóa XIV, quý II, I. MỤC ĐÍCH; never PHẠM VI, XI MĂNG or a name."""

from __future__ import annotations

import re

from speaker_node.reading.context import context
from speaker_node.reading.letters import spell
from speaker_node.reading.numbers import cardinal, ordinal
from speaker_node.reading.place import Place, Said

_NUMERAL = re.compile(r"(?=[IVXLCDM])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})(?!\w)")
_AND = frozenset({", ", " và ", "-", " - ", ",", " hoặc ", " đến "})
_VALUES = {"M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1}

_NUMBERED = context("roman", "numbered")
_SYLLABLES = frozenset({"VI", "XI"})
"""In capitals these are more often the syllables of PHẠM VI and XI MĂNG than six and eleven."""

_NO_NUMBER = _SYLLABLES | {"X"}
"""What is no number after số either: số X, một số VI PHẠM."""

_SMALL_HEAD = re.compile(r"(?!x\))[ivx]{1,5}(?=\))")
_LETTERED = re.compile(r"([IVX]{1,5})([a-dA-D])(?!\w)")
_HEADING = re.compile(r"[IVX]{1,5}(?=[.)/] |[.)]?$|\. ?[A-ZĐÀ-Ỹ]| ?[-–] )", re.MULTILINE)


def numeral(place: Place) -> Said | None:
    """Read a Roman numeral; None for letters that are none here."""
    if place.match(_SMALL_HEAD):
        return _of_list(place)
    found = place.match(_NUMERAL)
    if found is None or not found[0]:
        return _lettered(place)
    text, before = found[0], place.previous()
    if not set(text) <= set("IVX") and not (len(text) > 1 and before in {"thứ", "kỷ", "khóa", "khoá"}):
        return None
    if text == "X" and place.behind() != "\n" and _is_commune(place):
        return None
    named = before in _NUMBERED or _ordinal_of(place) or (before == "số" and text not in _NO_NUMBER)
    if not named and not _by_itself(place, text):
        return None
    number = str(value(text))
    words = ordinal(number) if before == "thứ" else cardinal(number)
    return Said(found.end(), words, kind="roman")


def _lettered(place: Place) -> Said | None:
    """Read nhóm IIa and khu vực IIB: a numeral and the letter of what divides it."""
    found = place.match(_LETTERED)
    if found is None or place.table.knows(found[0]) or not _NUMERAL.fullmatch(found[1]):
        return None
    if place.previous() not in _NUMBERED and not _ordinal_of(place):
        return None
    return Said(found.end(), f"{cardinal(str(value(found[1])))} {spell(found[2])}", kind="roman")


def _of_list(place: Place) -> Said | None:
    """Read the head of an entry in small letters: (ii), iv); a lone x in brackets is a mark, no ten."""
    found = place.match(_SMALL_HEAD)
    if found is None or not (place.at_line_start() or place.behind() == "("):
        return None
    capitals = _NUMERAL.fullmatch(found[0].upper())
    return Said(found.end(), cardinal(str(value(capitals[0]))), kind="roman") if capitals else None


def _ordinal_of(place: Place) -> bool:
    """Tell whether this goes on a list: khóa XIV, XV; khu vực I, II và III."""
    return place.kind == "roman" and place.text[place.kind_end : place.pos] in _AND


def _by_itself(place: Place, text: str) -> bool:
    if place.at_line_start() and _HEADING.match(place.text, place.pos):
        return text != "X" or not _is_commune(place)
    return len(text) > 1 and text not in _SYLLABLES


def _is_commune(place: Place) -> bool:
    """Tell X. Xuân Lương, a commune, from X. Tổ chức thực hiện."""
    return place.next_two(place.pos + len("X.")).istitle()


def value(numeral_: str) -> int:
    """Return what a Roman numeral counts: XIV is 14."""
    total = 0
    for letter, after in zip(numeral_, [*numeral_[1:], ""], strict=True):
        worth = _VALUES[letter]
        total += -worth if after and _VALUES[after] > worth else worth
    return total
