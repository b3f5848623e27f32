"""Words: kept where they can be said, opened where they are abbreviations, spelled where they are neither."""

from __future__ import annotations

import re

from speaker_node.reading.addresses import address
from speaker_node.reading.context import context
from speaker_node.reading.dates import month
from speaker_node.reading.letters import LETTERS, are_syllables, has_vowel, is_syllable, sayable, spell
from speaker_node.reading.numbers import cardinal, ordinal
from speaker_node.reading.phones import file_code
from speaker_node.reading.place import NUMERIC, Place, Said
from speaker_node.reading.roman import numeral
from speaker_node.reading.units import UNITS

LETTER_RUN = re.compile(r"[^\W\d_]+")
_WEEKDAY = re.compile(r"T([2-7])(?![\w/])")
_MONTH = re.compile(r"T\.? ?(\d{1,2})(?:/(\d{4}))(?!\d)")
_LONE_MONTH = re.compile(r"T([89]|1[0-2])(?![\w/])")
_FIRST_MONTH = re.compile(r"T([1-9]|1[0-2])(?= ?- ?T?(?:[89]|1[0-2])(?![\w/]))")
_QUARTER = re.compile(r"Q(?:(?=[1-4] ?/ ?\d{4}(?!\d))|\.? ?(?=(?:I{1,3}|IV)(?!\w)))")
_BARE_UNIT = re.compile(r"(?:[mM][23]|km2|cm2|k?W[hH]?|k[gmVv]|cm|mm|ha(?! ha\b)|kwh|ml|mg)(?![\w@])")
_MILESTONE = re.compile(r"[Kk][mM](?= ?\d)")
_SHORT_UNIT = re.compile(r"(?:[mghlsđ]|VNĐ|vnđ|VND|tr|gr|kw|Kg)(?!\w)")
_FACTOR = re.compile(r"[xX] ?\d")
_TIMES = re.compile(r"x (?=\w)")
_DIAMETERS = frozenset("ØøΦφ")
_COUNTING = context("words", "counting")
_MONTHS = context("words", "months")
_CODED = context("words", "coded")
_FOLLOWED = context("words", "followed")
_CAPITALS = re.compile(r"[\s,;:()\"'-]{1,3}([^\W\d_]{2,24})")
_CAPITALS_BEFORE = re.compile(r"([^\W\d_]{2,24})[\s,;:()\"'-]{1,3}$")
_ADDRESS_SIGNS = frozenset("@.:-_/")

SPELLED = "chữ viết tắt chưa biết, đọc từng chữ cái (an unknown abbreviation, spelled)"
FOREIGN = "từ nước ngoài, đọc theo mặt chữ (a foreign word)"

KNOWN_FOREIGN = context("words", "known_foreign")
"""Foreign words that everybody in an office writes and says; they are not marked."""


def word(place: Place) -> Said:
    """Read the word that stands here; always succeeds."""
    text = place.text
    found = LETTER_RUN.match(text, place.pos)
    end = found.end() if found else place.pos + 1
    letters = text[place.pos : end]
    after = text[end : end + 1]
    if (after in _ADDRESS_SIGNS or after.isdigit()) and (said := address(place)):
        return said
    return _special(place, letters) or _ordinary(letters, end)


def _special(place: Place, found: str) -> Said | None:
    """Read what only looks like a word: numerals, units, days and months in short, abbreviations."""
    said = place.table.joined(place)
    said = said or (numeral(place) if found[0] in "IVXLCDMivx" else None)
    said = said or _unit(place) or _letter(place, found) or _code(place, found)
    if said is not None or _stands_in_capitals(place, found, place.pos + len(found)):
        return said
    return place.table.find(place, place.pos + len(found))


def _letter(place: Place, found: str) -> Said | None:
    """Read a letter that stands for a word: 3 x 4, T7, Ø 20."""
    if found in _DIAMETERS:
        return Said(place.pos + 1, "phi")
    measured = place.kind in NUMERIC and place.touches()
    if found == "x" or (found == "X" and measured):
        times = place.match(_FACTOR) or (measured and place.match(_TIMES))
        return Said(place.pos + 1, "nhân") if times else None
    if quarter := place.match(_QUARTER):
        return Said(quarter.end(), "quý")
    return _calendar(place) if found == "T" else None


def _code(place: Place, found: str) -> Said | None:
    """Read giống lúa BC15 and CO2: capitals that a figure follows at once are letters, not a word."""
    end = place.pos + len(found)
    if said := file_code(place):
        return said
    if not (found.isupper() and place.text[end : end + 1].isdigit()):
        return None
    named = len(found) > 2 and place.table.knows(found)
    coded = not named and bool(_CODED.intersection(place.before()[:2]))
    short = len(found) == 2 and found.isascii() and found.lower() not in _FOLLOWED
    lone = is_syllable(found.lower()) or place.table.knows(found)
    return Said(end, spell(found), kind="letter") if coded or (short and lone) else None


def _unit(place: Place) -> Said | None:
    """Read a unit without a number: đồng/kg, nghìn ha, (m2)."""
    found = place.match(_BARE_UNIT) or place.match(_MILESTONE)
    if found is None and (place.behind() in "/(" or place.previous() in _COUNTING or place.kind in NUMERIC):
        found = place.match(_SHORT_UNIT)
        if found is not None and not _measured(place):
            found = None
    if found is None or place.behind().isdigit() or place.previous() == found[0] == "ha":
        return None
    return Said(found.end(), UNITS.get(found[0], "giờ"), kind="unit")


def _measured(place: Place) -> bool:
    return place.behind() in "/(" or place.previous() in _COUNTING


def _calendar(place: Place) -> Said | None:
    """Read T5/2026, T9-T11 and the days T2 to T7."""
    dated = place.match(_MONTH)
    if dated is not None and 1 <= int(dated[1]) <= 12:
        words = f"tháng {month(dated[1])} năm {cardinal(dated[2])}"
        return Said(dated.end(), words, kind="date")
    months = place.match(_FIRST_MONTH)
    if months is None and (place.previous() in _MONTHS or place.kind == "range"):
        months = place.match(_LONE_MONTH)
    if months is not None:
        return Said(months.end(), f"tháng {month(months[1])}", kind="date")
    found = place.match(_WEEKDAY)
    return Said(found.end(), f"thứ {ordinal(found[1])}", kind="number") if found else None


def _stands_in_capitals(place: Place, found: str, end: int) -> bool:
    """Tell the syllables of a heading in capitals (BAN, CA) from abbreviations that look like them."""
    if not found.isupper() or len(found) < 2 or not is_syllable(found.lower()):
        return False
    after = _CAPITALS.match(place.text, end)
    before = _CAPITALS_BEFORE.search(place.text[max(0, place.pos - 30) : place.pos])
    return any(_is_capital_word(place, each[1]) for each in (after, before) if each)


def _is_capital_word(place: Place, other: str) -> bool:
    return other.isupper() and is_syllable(other.lower()) and not place.table.knows(other)


def _ordinary(found: str, end: int) -> Said:
    small = sayable(found)
    if not small:
        return Said(end, why="chữ không đọc được (letters that cannot be said)")
    if is_syllable(small):
        return Said(end, small)
    if len(small) == 1:
        return Said(end, spell(small), kind="letter" if found.isupper() else "word")
    if not has_vowel(small) or (found.isupper() and not _is_shouted(small)):
        return Said(end, spell(found), kind="letter", why=SPELLED)
    known = small in KNOWN_FOREIGN and LETTERS.issuperset(found.lower())
    return Said(end, small, why="" if known else FOREIGN)


def _is_shouted(small: str) -> bool:
    """Tell FACEBOOK, and a name like RAGASA that can be said, from an abbreviation."""
    return small in KNOWN_FOREIGN or are_syllables(small)
