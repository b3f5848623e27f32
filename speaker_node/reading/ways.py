"""Which of its meanings an abbreviation has: told by the words around, and by the form of an address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from speaker_node.reading.context import context
from speaker_node.reading.letters import is_syllable
from speaker_node.reading.place import Place

_FORMS = {
    "0": re.compile(r"\.? ?\d"),
    "dt": re.compile(r"(?:\.? ?[1-9]|\.?0[1-9])\d{0,2}[A-Z]?(?![\d.]| \d)"),
    "101": re.compile(r"\.? ?(?:\d{3}|[A-Z]\d|\d{1,2},? (?:tầng|lầu|nhà|trụ sở|UBND)\b)"),
    "tiền": re.compile(r":? ?\d[\d.,]* ?(?:đ|đồng|tr|trđ|triệu|tỷ|tỉ|nghìn|ngàn)\b"),
    "nơi": re.compile(
        r": ?(?:\d|(?:số|nhà|ngõ|tầng|thôn|xóm|tổ|ấp|bản|đường|phố|khu|xã|phường|KP|TDP)\b)", re.I
    ),
}
"""What `next` names by a form: any figure, the number of a road, that of a room, where something is."""
_PLACES = frozenset("pqhxtđ")
_PERSONS = context("abbreviations", "persons")
_NUMBERED_PLACE = re.compile(r"P\d{1,2},? (?:[QH]\.?\d|[Qq]uận|T[Pp])|Q\d{1,2}(?![\w/.-])")
"""P3, Q10 without their points."""


@dataclass(frozen=True)
class Way:
    """One meaning, and the words before or after that tell it (`abbreviations.toml` explains them)."""

    say: str
    next: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()

    def fits(self, place: Place, end: int) -> bool:
        """Tell whether the words around an abbreviation that ends at `end` are those of this meaning."""
        after = place.next_word(end)
        return bool(
            after.lower() in self.next
            or place.next_two(end).lower() in self.next
            or ("Tên" in self.next and after[:1].isupper() and after[1:2].islower())
            or ("Việc" in self.next and _is_office(after, place.next_two(end)))
            or any(name in self.next and form.match(place.text, end) for name, form in _FORMS.items())
            or (place.previous() in self.before)
            or ("0" in self.before and place.previous().isdigit())
            or ("\n" in self.before and place.at_line_start())
        )


@dataclass(frozen=True)
class Chosen:
    """The meanings of an abbreviation; the last is meant where no other fits."""

    ways: tuple[Way, ...]
    only_dotted: bool = False
    sure: bool = False

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Chosen:
        """Return what an entry `[[chosen]]` of the file says."""
        ways = tuple(
            Way(way["say"], frozenset(way.get("next", ())), frozenset(way.get("before", ())))
            for way in table["ways"]
        )
        return cls(ways, table.get("only_dotted", False), table.get("sure", len(ways) == 1))

    def stands(self, place: Place, end: int) -> bool:
        """Tell Q. Hoàn Kiếm and Q10 from a letter Q, and from the Q. of a person's name."""
        if self.only_dotted and place.follows_a_word() and place.previous() in _PERSONS:
            return False
        dotted = place.text[end : end + 1] == "." and place.text[end + 1 : end + 3].strip()
        return not self.only_dotted or bool(dotted) or place.match(_NUMBERED_PLACE) is not None


def in_address(place: Place, end: int) -> bool:
    """Tell xã A, h. Yên Thế, t. Bắc Giang from the letters of a list."""
    letter, after = place.text[place.pos : end], place.text[end : end + 2]
    if letter not in _PLACES or not after.startswith("."):
        return False
    listed = place.text[max(0, place.pos - 2) : place.pos] in {", ", "- "} or after[1:].isupper()
    in_town = letter in "pq" and (listed or place.at_line_start())
    if in_town and _FORMS["0"].match(place.text, end):
        return True
    return (listed or in_town) and place.next_two(end + 1).istitle()


def _is_office(after: str, two: str) -> bool:
    """Tell P. Kinh tế and P. GDĐT, which work, from P. Trần Phú, where one lives."""
    if len(after) > 1 and after.isupper():
        return not is_syllable(after.lower())
    first, _, second = two.partition(" ")
    return first.islower() or (first.istitle() and second.islower())
