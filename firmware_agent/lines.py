"""Text that people wrote, at the doors where it comes in, and on the way out to screens, paper and files.

One rule for all doors: marks that nobody sees (of direction, of no width) are taken out, since nobody wishes
for what reads backwards, or only looks like another name; what no screen can show is a mistake that is named.
"""

from __future__ import annotations

from typing import Annotated
from unicodedata import category, normalize

from pydantic import AfterValidator, Field

MARK = "Cf"
"""Unicode category of marks that nobody sees: overrides of direction, joiners, soft hyphens, byte order."""

UNSHOWN = ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")
"""Unicode categories that no line holds: controls, halves of letters, what is no letter, ends of lines."""

BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs, as Unicode has it, that look like nothing."""

LINE_MAX = 400
"""Longest line of a configuration file: as long as a document may carry (wire.intents)."""


def without_marks(text: str, keep: str = "") -> str:
    """Return `text` without marks that nobody sees, its letters composed; those in `keep` stay."""
    return "".join(each for each in normalize("NFC", text) if each in keep or category(each) != MARK)


def shows(text: str) -> bool:
    """Tell whether there is anything to see: a letter, a figure or a sign."""
    return any(category(each)[0] in "LNPS" and each not in BLANK for each in text)


def unshown_in(text: str, keep: str = "") -> str:
    """Name the first character that no screen shows, and its place; empty where there is none.

    Those in `keep`, of several lines the line feed, may stand.
    """
    for place, each in enumerate(text, 1):
        if each not in keep and category(each) in UNSHOWN:
            return f"U+{ord(each):04X}, chữ thứ {place}"
    return ""


def one_line(text: str) -> str:
    """Return a line as people will see it, or an empty one; raises ValueError that says what to do."""
    found = unshown_in(text)
    if found:
        raise ValueError(
            f"chữ trên một dòng, không có ký tự điều khiển; hãy xóa ký tự {found}, gõ lại bằng bàn phím "
            "(text on one line; remove this control character)"
        )
    return without_marks(text).strip()


def visible_line(text: str) -> str:
    """Return a line as people will see it; raises ValueError where it is none, or shows nothing."""
    line = one_line(text)
    if not shows(line):
        raise ValueError(
            "chữ đọc được trên một dòng, ở đây không thấy chữ nào; hãy gõ tên (text that shows, not blank)"
        )
    return line


def printable(text: str) -> str:
    """Return `text` as one line that any font can draw and any file can hold: nothing of it raises.

    For the way out: what came in before a door was as strict, and what devices and machines tell.
    """
    return "".join(" " if category(each) in UNSHOWN else each for each in without_marks(text))


LineOrEmpty = Annotated[str, Field(max_length=LINE_MAX), AfterValidator(one_line)]
Line = Annotated[str, Field(max_length=LINE_MAX), AfterValidator(visible_line)]
"""A line of a configuration file that people will read."""
