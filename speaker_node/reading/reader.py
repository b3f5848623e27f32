"""Read a whole text: at each place the first rule that fits says what is heard, and where to go on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from speaker_node.reading.abbreviations import Abbreviations
from speaker_node.reading.addresses import address
from speaker_node.reading.clean import clean
from speaker_node.reading.counts import fraction, house, plain, row
from speaker_node.reading.dates import date, day_in_list
from speaker_node.reading.documents import document_number
from speaker_node.reading.phones import code, leading_zero, phone, plate
from speaker_node.reading.place import Place, Said
from speaker_node.reading.signs import sign, space
from speaker_node.reading.times import time
from speaker_node.reading.units import dollars, spaced_thousands, split_by_unit, with_unit
from speaker_node.reading.words import word

Rule = Callable[[Place], Said | None]


@dataclass(frozen=True)
class Mark:
    """A span of the text that was guessed or could not be read, `start` to `end`, and why."""

    start: int
    end: int
    why: str


@dataclass(frozen=True)
class Reading:
    """What is heard, and what the writer should look at before it is."""

    text: str
    marks: tuple[Mark, ...] = ()


NUMBER_RULES: tuple[Rule, ...] = (
    address,
    plate,
    code,
    phone,
    document_number,
    spaced_thousands,
    house,
    time,
    date,
    day_in_list,
    with_unit,
    split_by_unit,
    fraction,
    row,
    leading_zero,
    plain,
)
"""In this order: what is most particular first."""

LISTED_RULES: tuple[Rule, ...] = (code, phone, spaced_thousands, day_in_list, leading_zero, plain)
"""What is tried for a number that another, or the end of a clause, follows: others need a sign or a word."""

SIGN_RULES: tuple[Rule, ...] = (phone, dollars, sign)
"""A telephone number may begin with + or a bracket."""

_LISTED = re.compile(r"\d{1,20}(?: \d|[;!?)\n]|$)")
_STRENGTH = {"": 0, ",": 1, ":": 2, ";": 3, ".": 4, "?": 5, "!": 5}
_HEAVY = frozenset("(+$€")


def read(written: str, table: Abbreviations) -> Reading:
    """Return how `written` is said; for any text, in time that grows with its length."""
    source = clean(written)
    place = Place(source.text, table)
    voice = _Voice()
    marks: list[Mark] = []
    while place.pos < len(place.text):
        said = _say(place)
        voice.say(said)
        if said.why:
            end = max(source.at[said.end], source.at[said.end - 1] + 1)
            _mark(marks, Mark(source.at[place.pos], end, said.why))
        if said.words or said.kind in {"pause", ""}:
            place.kind, place.kind_end = said.kind, said.end
        place.pos = said.end
    return Reading(voice.text(), tuple(marks))


def _say(place: Place) -> Said:
    letter = place.text[place.pos]
    if letter.isspace():
        return space(place)
    if letter in "0123456789":
        return _first(LISTED_RULES if place.match(_LISTED) else NUMBER_RULES, place)
    if letter.isalpha():
        return word(place)
    return _first(SIGN_RULES, place) if letter in _HEAVY else sign(place)


def _first(rules: tuple[Rule, ...], place: Place) -> Said:
    for rule in rules:
        said = rule(place)
        if said is not None:
            return said
    raise AssertionError("the last rule always succeeds")


def _mark(marks: list[Mark], mark: Mark) -> None:
    """Add a mark; neighbours of one reason are one."""
    if marks and marks[-1].why == mark.why and mark.start <= marks[-1].end:
        marks[-1] = replace(marks[-1], end=mark.end)
    else:
        marks.append(mark)


class _Voice:
    """Puts words and pauses one after the other: one space between words, the strongest of pauses."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._pause = ""

    def say(self, said: Said) -> None:
        if said.words:
            if self._parts:
                self._parts.append(f"{self._pause} ")
            self._parts.append(said.words)
            self._pause = said.pause
        elif _STRENGTH[said.pause] > _STRENGTH[self._pause] and self._parts:
            self._pause = said.pause

    def text(self) -> str:
        return "".join([*self._parts, self._pause])
