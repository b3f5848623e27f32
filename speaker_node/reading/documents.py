"""The numbers of documents: 43/KH-UBND, 118/2025/NĐ-CP, 54-KL/TU, 91/2025/QH15."""

from __future__ import annotations

import re

from speaker_node.reading.context import context
from speaker_node.reading.letters import is_syllable, spell
from speaker_node.reading.numbers import cardinal, figures
from speaker_node.reading.place import Place, Said, Table

_LETTERS = r"[A-ZĐƯ][A-Za-zĐđƯư]{0,14}"
_NUMBER = re.compile(
    rf"(\d{{1,6}})([a-zA-Z])?((?: ?/ ?\d{{4}})?)( ?[/-] ?)"
    rf"({_LETTERS}\d{{0,2}}(?: ?[-/&.] ?{_LETTERS}\d{{0,2}}){{0,5}})(?!\w)"
)
_STANDARD = re.compile(r"(\d{1,6})(?:-(\d{1,3}))?(?::|-(?=19|20))(\d{4})(?!\d)")
_STANDARDS = frozenset({"iso", "tcvn", "qcvn", "tccs"})
_PARTS_OF_PLACES = context("documents", "parts_of_places")
_PARTS = re.compile(r"([-/&.])|([A-Za-zĐđƯư]+)|(\d+)")


def document_number(place: Place) -> Said | None:
    """Read a document's number: strokes as "trên", its parts as what they stand for."""
    if place.previous() in _STANDARDS:
        return _standard(place)
    found = place.match(_NUMBER)
    if found is None or not _is_document(place, found):
        return None
    number, letter, year, _, code = found.groups()
    words = [figures(number) if number.startswith("0") else cardinal(number)]
    words += [spell(letter)] if letter else []
    words += ["trên", cardinal(year.strip(" /"))] if year else []
    words += ["trên"] if found[4].strip() == "/" else []
    return Said(found.end(), " ".join([*words, *_code(code, place.table)]), kind="document")


def _standard(place: Place) -> Said | None:
    """Read TCVN 5687:2010 and QCVN 01-1:2024, a standard, perhaps its part, and its year."""
    found = place.match(_STANDARD)
    if found is None:
        return None
    number, part, year = found.groups()
    words = [figures(number) if number.startswith("0") else cardinal(number)]
    words += [cardinal(part)] if part else []
    return Said(found.end(), " ".join([*words, "năm", cardinal(year)]), kind="number")


def _is_document(place: Place, found: re.Match[str]) -> bool:
    code = found[5]
    if place.previous() in _PARTS_OF_PLACES:
        return False
    letters = re.sub(r"\W", "", code)
    if len(letters) < 2 or (code[1:].islower() and place.table.document(code) is None):
        return False
    first = re.split(r"[\W\d]", code)[0]
    known = place.table.document(first) is not None or place.table.document(code) is not None
    return known or any(sign in code for sign in "-/") or place.previous() == "số"


def _code(code: str, table: Table) -> list[str]:
    code = code.replace(" ", "")
    whole = table.document(code)
    if whole is not None:
        return [whole]
    words = []
    for joint, letters, number in _PARTS.findall(code):
        if joint:
            words += {"/": ["trên"], "&": ["và"]}.get(joint, [])
        elif number:
            words.append(cardinal(number))
        else:
            words.append(table.document(letters) or _spelled(letters))
    return words


def _spelled(letters: str) -> str:
    return letters.lower() if len(letters) > 3 and is_syllable(letters.lower()) else spell(letters)
