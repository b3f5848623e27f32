"""Signs: pauses, strokes, ranges, and what can only be passed over."""

from __future__ import annotations

import re
from collections.abc import Callable

from speaker_node.reading.context import context
from speaker_node.reading.place import NUMERIC, Place, Said
from speaker_node.reading.strokes import arrow, dash, stroke

_POINTS = re.compile(r"[.…]+(?:/\.?)?(?!\w)|\.+")
_WORDS = {
    "%": "phần trăm", "‰": "phần nghìn", "&": "và",
    "≥": "lớn hơn hoặc bằng", "≤": "nhỏ hơn hoặc bằng", "≈": "xấp xỉ", "±": "cộng trừ", "×": "nhân",
    "°": "độ", "@": "a còng", "$": "đô la", "€": "ơ rô", "§": "mục", "∑": "tổng", "≠": "khác",
}  # fmt: skip
_NUMBER_AHEAD = re.compile(r" ?\d")
_KEYS = {"*": "sao", "#": "thăng"}
_PRESSED = context("signs", "pressed")
_UNREAD = "ký hiệu không đọc được (a sign that is not read)"
_NUMBERED = re.compile(r" ?\d{1,2}(?:\.\d{1,2}){0,3}[.)] ")
"""A line that begins with its number in a list."""


def sign(place: Place) -> Said:
    """Read the sign that stands here; always succeeds."""
    letter = place.text[place.pos]
    rule = _RULES.get(letter)
    if rule is not None:
        return rule(place)
    if letter in _WORDS:
        return Said(place.pos + 1, _WORDS[letter])
    return Said(place.pos + 1, why=_UNREAD, kind=place.kind)


def _pause(place: Place) -> Said:
    letter = place.text[place.pos]
    return Said(place.pos + 1, pause=letter, kind=place.kind if letter == "," else "pause")


def _aside(place: Place) -> Said:
    return Said(place.pos + 1, pause=",", kind="pause")


def _silent(place: Place) -> Said:
    return Said(place.pos + 1, kind=place.kind)


def _compared(place: Place) -> Said:
    """Read < and >, and with = after them <= and >=."""
    words = "nhỏ hơn" if place.text[place.pos] == "<" else "lớn hơn"
    if place.text[place.pos + 1 : place.pos + 2] == "=":
        return Said(place.pos + 2, f"{words} hoặc bằng")
    return Said(place.pos + 1, words)


def _key(place: Place) -> Said:
    """Read phím * and phím #, which one presses."""
    words = _KEYS[place.text[place.pos]] if place.previous() in _PRESSED else ""
    return Said(place.pos + 1, words, kind=place.kind)


def _about(place: Place) -> Said:
    number = _NUMBER_AHEAD.match(place.text, place.pos + 1)
    if number and place.touches() and place.kind in NUMERIC:
        return dash(place)
    return Said(place.pos + 1, "khoảng" if number else "", kind=place.kind)


def space(place: Place) -> Said:
    """Pass over spaces; a line end is a pause where the next line begins anew."""
    pos = place.pos
    if place.text[pos] == " ":
        return Said(pos + 1, kind=place.kind)
    ahead = place.text[pos + 1 : pos + 3].strip()[:1]
    goes_on = (
        ahead.islower() or ahead in ",.;:" or (ahead.isdigit() and not _NUMBERED.match(place.text, pos + 1))
    )
    anew = not ahead or not goes_on
    broken = place.text[pos - 1 : pos] in ",;:"
    return Said(pos + 1, pause="" if broken or not anew else ".", kind=place.kind)


def _points(place: Place) -> Said:
    found = place.match(_POINTS)
    end = found.end() if found else place.pos + 1
    goes_on = end - place.pos > 1 and place.text[end : end + 2].strip()[:1].islower()
    return Said(end, pause="," if goes_on else ".", kind="pause")


def _plus(place: Place) -> Said:
    if place.at_line_start() and place.text[place.pos + 1 : place.pos + 2] in {" ", ""}:
        return Said(place.pos + 1, kind="")
    return Said(place.pos + 1, "cộng")


def _underscore(place: Place) -> Said:
    """Read 2021_2026, in which it stands for a hyphen."""
    number = _NUMBER_AHEAD.match(place.text, place.pos + 1)
    return dash(place) if number and place.touches() and place.kind in NUMERIC else _silent(place)


def _equals(place: Place) -> Said:
    return arrow(place) if place.text[place.pos + 1 : place.pos + 2] == ">" else Said(place.pos + 1, "bằng")


_RULES: dict[str, Callable[[Place], Said]] = {
    **dict.fromkeys(",;:!?", _pause),
    **dict.fromkeys(".…", _points),
    **dict.fromkeys("-÷", dash),
    **dict.fromkeys("()[]{}|•►▶", _aside),
    **dict.fromkeys("\"'\\^`©®™", _silent),
    **dict.fromkeys(_KEYS, _key),
    **dict.fromkeys("<>", _compared),
    **dict.fromkeys("→⇒➔➜", arrow),
    "=": _equals,
    "_": _underscore,
    "/": stroke,
    "+": _plus,
    "~": _about,
}
"""What each sign is read by; those that are words by themselves stand in `_WORDS`."""
