"""Where the reader stands in a text, and what a rule says of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Protocol

LOOK = 64
"""How far, in characters, a rule looks back or ahead: so reading takes linear time."""

_WORD = re.compile(r"[^\W_]+")
_NEXT = re.compile(r"[\s\"'(]{0,3}([^\W\d_]{1,20})")
_NEXT_TWO = re.compile(r"[\s\"'(]{0,3}([^\W\d_]{1,20} [^\W\d_]{1,20})")
_CLAUSE = re.compile(r"[.;!?\n](?!\d)")
NUMERIC = frozenset({"number", "day", "date", "time", "unit", "roman", "quantity"})
"""Kinds of things that a range is made of."""


@dataclass(frozen=True)
class Said:
    """What a rule makes of the characters up to `end`: words, then perhaps a pause."""

    end: int
    words: str = ""
    pause: str = ""
    kind: str = "word"
    why: str = ""
    """Why a writer should look at it; empty where it is sure."""


class Table(Protocol):
    """What is short for what (`speaker_node.reading.abbreviations`), as the rules ask it."""

    def knows(self, short: str) -> bool:
        """Tell whether it is short for something, wherever it stands."""

    def find(self, place: Place, word_end: int) -> Said | None:
        """Return what is said for the word that ends at `word_end`."""

    def joined(self, place: Place, start: int | None = None) -> Said | None:
        """Return what is said for several parts with signs between them, here or at `start`."""

    def document(self, part: str) -> str | None:
        """Return what is said for a part of a document's number."""


@dataclass
class Place:
    """The text, where we are in it, and what was said last."""

    text: str
    table: Table
    pos: int = 0
    kind: str = ""
    """What was said last; empty at the beginning and after a pause that ends a clause."""
    kind_end: int = -1
    _words: tuple[int, list[str]] = field(default=(-1, []))

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Match `pattern` here."""
        return pattern.match(self.text, self.pos)

    def before(self) -> list[str]:
        """Return the last words before this place within its clause, in small letters, the nearest first."""
        if self._words[0] != self.pos:
            behind = self.text[max(0, self.pos - LOOK) : self.pos]
            clause = _CLAUSE.split(behind.lower())[-1] if behind else ""
            self._words = (self.pos, _WORD.findall(clause)[::-1])
        return self._words[1]

    def previous(self) -> str:
        """Return the word before, across any sign, or an empty string."""
        words = self.before()
        return words[0] if words else ""

    def touches(self) -> bool:
        """Tell whether what was said last ends here, or one space before."""
        return self.kind_end >= 0 and self.text[self.kind_end : self.pos] in {"", " "}

    def behind(self) -> str:
        """Return the character before, a line end at the beginning."""
        return self.text[self.pos - 1] if self.pos else "\n"

    def follows_a_word(self) -> bool:
        """Tell whether a word and one space stand before, no sign between."""
        return self.pos > 1 and self.behind() == " " and self.text[self.pos - 2].isalpha()

    def at_line_start(self) -> bool:
        """Tell whether nothing but a space stands before on the line."""
        return self.behind() == "\n" or (
            self.behind() == " " and self.text[self.pos - 2 : self.pos - 1] in "\n"
        )

    def next_word(self, end: int) -> str:
        """Return the word after `end` as it is written, or an empty string."""
        found = _NEXT.match(self.text, end)
        return found[1] if found else ""

    def next_two(self, end: int) -> str:
        """Return the two words after `end`, a space between, as they are written, or an empty string."""
        found = _NEXT_TWO.match(self.text, end)
        return found[1] if found else ""
