"""Labelled lines of spoken Vietnamese, and when two spoken forms are the same to the ear."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import product
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"
FOLDED = {"ngàn": "nghìn", "lẻ": "linh", "nhăm": "lăm", "tư": "bốn", "mồng": "mùng"}
_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Labelled:
    """A line, and how it may be said; `kind` is empty where the file has none."""

    kind: str
    text: str
    spoken: tuple[str, ...]


def labelled(name: str) -> list[Labelled]:
    """Return the lines of a file of tests/data: [class TAB] text TAB spoken.

    Alternatives are split by ||; those of a part stand in braces: "tám giờ {rưỡi|ba mươi|ba mươi phút}".
    """
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    parts = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [
        Labelled(part[0] if len(part) > 2 else "", part[-2], tuple(_alternatives(part[-1]))) for part in parts
    ]


def _alternatives(spoken: str) -> list[str]:
    """Return every form that a label allows."""
    forms: list[str] = []
    for each in spoken.split("||"):
        pieces = _BRACES.split(each)
        choices = [piece.split("|") if index % 2 else [piece] for index, piece in enumerate(pieces)]
        forms += ["".join(chosen) for chosen in product(*choices)]
    return forms


def same_to_the_ear(said: str) -> str:
    """Fold what no listener tells apart: capitals, punctuation, and the five pairs of words."""
    letters = unicodedata.normalize("NFC", said.lower())
    bare = "".join(" " if unicodedata.category(letter)[0] in "PSZC" else letter for letter in letters)
    return " ".join(FOLDED.get(word, word) for word in bare.split())


def is_right(line: Labelled, said: str) -> bool:
    """Tell whether `said` is one of the forms of a line."""
    return same_to_the_ear(said) in {same_to_the_ear(each) for each in line.spoken}
