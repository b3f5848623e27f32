"""What a Vietnamese text says when it is read aloud: the public door of `speaker_node.reading`.

    spoken("họp lúc 7h30 ngày 5/8")      # "họp lúc bảy giờ ba mươi phút ngày mùng năm tháng tám"
    reading("gặp ông XYZ").marks          # what was guessed, for the writer to look at

The spoken form holds small Vietnamese letters (with f, j, w, z of names), single spaces and the pauses
. , ? ! ; : and nothing else, for any text whatever.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from speaker_node.reading.abbreviations import Abbreviations
from speaker_node.reading.reader import Mark, Reading, read

__all__ = ["Mark", "Reading", "Vietnamese", "reading", "spoken"]


class Vietnamese:
    """Reads with a commune's own abbreviations besides those that ship.

    reader = Vietnamese({"BQLCVĐ": "ban quản lý công viên đồi"})
    reader.spoken("BQLCVĐ mời bà con")
    """

    def __init__(self, own: Mapping[str, str] | None = None) -> None:
        self._table = Abbreviations(own)

    def reading(self, text: str) -> Reading:
        """Return the spoken form with what was guessed or could not be read."""
        return read(text, self._table)

    def spoken(self, text: str) -> str:
        """Return the spoken form."""
        return self.reading(text).text


@cache
def _plain() -> Vietnamese:
    return Vietnamese()


def reading(text: str) -> Reading:
    """Return how `text` is said, and the spans of it that were guessed or could not be read."""
    return _plain().reading(text)


def spoken(text: str) -> str:
    """Return how `text` is said: words for a speech engine, without a figure, a sign or an abbreviation."""
    return _plain().spoken(text)
