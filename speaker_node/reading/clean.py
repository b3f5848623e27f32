"""Bring any text into one spelling of each letter and sign, and remember where everything stood."""

from __future__ import annotations

import re
import unicodedata
from array import array
from dataclasses import dataclass

_PIECE = re.compile(
    r"(?P<plain>[A-Za-z0-9!-/:-@\[-`{-~À-ÃÈ-ÊÌÍÒ-ÕÙÚÝà-ãè-êìíò-õùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ]+)(?![\u0300-\u036f])"
    r"|(?P<space>\s+)|(?P<other>[^\s][\u0300-\u036f]{0,4})"
)
"""At most four marks on a letter: the normal form of a million of them takes quadratic time."""

_SAME = str.maketrans(
    {
        **dict(zip("ⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹⅺⅻ", "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ", strict=True)),
        **dict.fromkeys("‐‑‒–—―−﹣", "-"),
        **dict.fromkeys("“”„‟«»″〃「」", '"'),
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("⁄∕", "/"),
        **dict.fromkeys("º˚⁰", "°"),
        **dict.fromkeys("•●▪◦‣∙·■□▶►❖✓✔", "•"),
        "№": "số ",
        "…": "…",
        "₫": "đ",
        "Ð": "Đ",
        "ð": "đ",
        "Ɖ": "Đ",
    }
)
_RAISED = frozenset("¹²³⁰⁴⁵⁶⁷⁸⁹")
_LOWERED = frozenset("₀₁₂₃₄₅₆₇₈₉")
_WITHIN = str.maketrans("", "", "\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f")
"""What stands inside words and emoji and is never seen."""


@dataclass(frozen=True)
class Clean:
    """A text in one spelling: composed letters, ASCII figures and signs, one space or line end between words.

    `at[i]` is where the i-th character stood in the text as written; one more entry gives its end.
    """

    text: str
    at: array[int]


def clean(written: str) -> Clean:
    """Return `written` in one spelling, in linear time for anything."""
    parts: list[str] = []
    at = array("L")
    for found in _PIECE.finditer(written):
        if found.lastgroup == "plain":
            part = found[0]
            at.extend(range(found.start(), found.end()))
        else:
            space = "\n" if any(end in found[0] for end in "\n\r\u2028\u2029\x0b\x0c\x85") else " "
            part = space if found.lastgroup == "space" else _apart(parts, found[0], _one(found[0]))
            at.extend([found.start()] * len(part))
        parts.append(part)
    at.append(len(written))
    return Clean("".join(parts), at)


def _apart(parts: list[str], sign: str, usual: str) -> str:
    """Keep apart what would run into the figures beside: 1½ is 1 and 1/2, 10² is not 102, ⑳5 not 205."""
    if unicodedata.category(sign[0]) != "No" or not usual[:1].isdigit():
        return usual
    after_figure = bool(parts) and parts[-1][-1:].isdigit()
    if "/" in usual:
        return f" và {usual}" if after_figure else usual
    if sign[0] in _RAISED:
        return f" mũ {usual}" if after_figure else usual
    return usual if sign[0] in _LOWERED else f" {usual} "


def _one(cluster: str) -> str:
    """Bring one letter with its marks, or one sign, to its usual form."""
    seen = cluster.translate(_WITHIN).translate(_SAME)
    if not seen or (len(seen) == 1 and seen in "…•"):
        return seen
    usual = unicodedata.normalize("NFKC", seen).translate(_SAME)
    if len(usual) == 1 and usual.isdecimal():
        return str(unicodedata.decimal(usual))
    if len(usual) == 1 and unicodedata.category(usual) in {"No", "Nl"}:
        return f"{unicodedata.numeric(usual):.0f}"
    return "".join(" " if letter.isspace() else letter for letter in usual)
