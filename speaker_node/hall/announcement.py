"""What is said when a number is called, piece by piece: "Mời số · A · không · không · bảy · đến quầy ba"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from speaker_node.reading.letters import NAMES
from speaker_node.reading.numbers import DIGITS
from speaker_node.vietnamese import spoken
from wire.intents import Call

INVITE = "moi-so"
CHIME = "chime"
"""Stems that every call has: the words before the number, and the sound before them."""

_NO_STEM_NAME = re.compile(r"[^a-z0-9-]+")


@dataclass(frozen=True)
class Piece:
    """One piece: the name of its recorded stem, and the words where nobody recorded it."""

    stem: str
    words: str


def pieces_of(call: Call) -> list[Piece]:
    """Return the pieces of a call, in order; signs in the number that nobody says are left out."""
    said = [_sign(sign) for sign in call.number if sign.isascii() and sign.isalnum()]
    return [Piece(INVITE, "mời số"), *said, _to_counter(call.counter, call.counter_name)]


def pieces_ahead(names: Mapping[str, str], series: str, calls: Iterable[Call]) -> list[Piece]:
    """Return every piece that a call may need, the likeliest first: nobody shall wait for a voice.

    `names` are all counters by id, `series` the letters of the kiosks' numbers.
    """
    known = [piece for call in calls for piece in pieces_of(call)]
    figures = [_sign(figure) for figure in "0123456789"]
    counters = [_to_counter(id_, name) for id_, name in names.items()]
    return list(dict.fromkeys([Piece(INVITE, "mời số"), *known, *figures, *map(_sign, series), *counters]))


def _sign(sign: str) -> Piece:
    if sign.isdigit():
        return Piece(sign, DIGITS[int(sign)])
    return Piece(sign.upper(), NAMES[sign.lower()])


def _to_counter(id_: str, name: str) -> Piece:
    return Piece(f"den-{_NO_STEM_NAME.sub('-', id_.lower())[:60]}", spoken(f"đến {name}"))
