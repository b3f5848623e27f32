"""The table of abbreviations: what ships, what a commune adds, and which meaning fits where several do.

table = Abbreviations()                       # what ships
table = Abbreviations(load_own(path))         # and what the commune's own file adds or says differently
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from speaker_node.reading.context import context
from speaker_node.reading.letters import LETTERS, is_syllable
from speaker_node.reading.place import Place, Said
from speaker_node.reading.ways import Chosen, in_address

SHIPPED = Path(__file__).with_name("abbreviations.toml")

OWN_MAX = 500
"""Most abbreviations of a commune's own file."""
SHORT_MAX = 24
LONG_MIN = 4
SAID_MAX = 200
FILE_MAX_BYTES = 256 * 1024

CHAIN = re.compile(r"[^\W\d_]{1,24}(?:(?:[./]|-|&| & | - )[^\W\d_]{1,16}){0,4}")
_JOINTS = re.compile(r"[./&-]| & | - ")
_HEADS = context("abbreviations", "heads")
_GUESSED = "viết tắt nhiều nghĩa (an abbreviation of several meanings)"
_SPACE = re.compile(r"\s+")


class AbbreviationsError(Exception):
    """A file of abbreviations that cannot be used; the text names every mistake."""


def _unsaid(place: Place, words: str) -> str:
    """Return what of `words` the text just before does not say: two words of it, or one that heads a name."""
    if not place.follows_a_word():
        return words
    parts, before = words.split(" "), place.before()
    if parts[:2] == before[1::-1]:
        return " ".join(parts[2:])
    return " ".join(parts[1:]) if before[:1] == parts[:1] and parts[0] in _HEADS else words


class Abbreviations:
    """What abbreviations stand for. `own` maps those of a commune to how they are said."""

    def __init__(self, own: Mapping[str, str] | None = None) -> None:
        shipped = _shipped()
        self._words = {**shipped["words"], **shipped["dotted"], **(own or {})}
        self._dotted = set(shipped["dotted"]) | {
            each["short"] for each in shipped["chosen"] if each.get("dotted")
        }
        self._documents = {**shipped["documents"], **(own or {})}
        self._chosen = {
            each["short"]: Chosen.of(each) for each in shipped["chosen"] if each["short"] not in (own or {})
        }
        self._folded = {short.upper(): said for short, said in self._words.items() if len(short) > 1}
        self._firsts = {
            _JOINTS.split(short)[0] for short in [*self._words, *self._chosen] if _JOINTS.search(short)
        }

    def knows(self, short: str) -> bool:
        """Tell whether `short` is an abbreviation, as it is written."""
        return short in self._words or short in self._chosen

    def all_words(self) -> list[str]:
        """Return everything that an abbreviation may be said as."""
        chosen = [way.say for each in self._chosen.values() for way in each.ways]
        return [*self._words.values(), *self._documents.values(), *chosen]

    def find(self, place: Place, word_end: int) -> Said | None:
        """Read the abbreviation that stands here; the longest wins. The first word ends at `word_end`.

        What the word before says already is not said twice: đường ĐT.293, giấy GCN.
        """
        said = self._find(place, place.text[place.pos : word_end], word_end)
        return said and replace(said, words=_unsaid(place, said.words))

    def _find(self, place: Place, word: str, word_end: int) -> Said | None:
        if long := self.joined(place):
            return long
        short = self._spelling(place, word, word_end)
        said = self._words.get(short) or self._folded.get(short)
        if said:
            return Said(self._end(place, short, word_end), said)
        if short in self._chosen:
            return self._choose(place, short, word_end)
        return self._run_together(word, word_end) if short else None

    def _spelling(self, place: Place, word: str, word_end: int) -> str:
        """Return how the table would write `word`, if it may be an abbreviation: ubnd and Ubnd are UBND."""
        if word in self._words or word in self._chosen:
            return word
        strange = len(word) > 1 and not is_syllable(word.lower())
        return word.upper() if strange or in_address(place, word_end) else ""

    def _run_together(self, word: str, end: int) -> Said | None:
        """Read VPUBND as the two that it is made of, one of them long enough to be no accident."""
        words = self._two(word, self._usual)
        return Said(end, words, why=_GUESSED) if words else None

    @staticmethod
    def _two(word: str, said: Callable[[str], str]) -> str:
        if not (LONG_MIN + 2 <= len(word) <= SHORT_MAX and word.isupper()):
            return ""
        for cut in range(2, len(word) - 1):
            words = said(word[:cut]), said(word[cut:])
            if max(cut, len(word) - cut) >= LONG_MIN and all(words):
                return " ".join(words)
        return ""

    def _usual(self, short: str) -> str:
        chosen = self._chosen.get(short)
        return chosen.ways[-1].say if chosen else self._words.get(short, "")

    def joined(self, place: Place, start: int | None = None) -> Said | None:
        """Read an abbreviation of several parts (đ/c, TP.HCM) at `start`, here if not given; the longest."""
        start = place.pos if start is None else start
        found = CHAIN.match(place.text, start)
        if found is None or _JOINTS.split(found[0], maxsplit=1)[0] not in self._firsts:
            return None
        while found is not None and (joints := list(_JOINTS.finditer(found[0]))):
            short = found[0].replace(" ", "")
            if short in self._words:
                return Said(self._end(place, short, found.end()), self._words[short])
            if short in self._chosen:
                return self._choose(place, short, found.end())
            found = CHAIN.match(place.text, start, start + joints[-1].start())
        return None

    def _choose(self, place: Place, word: str, word_end: int) -> Said | None:
        chosen = self._chosen[word]
        if not chosen.stands(place, word_end):
            return None
        end = self._end(place, word, word_end)
        for way in chosen.ways[:-1]:
            if way.fits(place, end):
                return Said(end, way.say)
        return Said(end, chosen.ways[-1].say, why="" if chosen.sure else _GUESSED)

    def _end(self, place: Place, short: str, end: int) -> int:
        """Take the point of TP. with it, where more of the sentence follows."""
        after = place.text[end : end + 3]
        if short in self._dotted and after[:1] == "." and (after[1:].strip() or after[1:] == ""):
            return end + 1 if after[1:] and "\n" not in after else end
        return end

    def document(self, part: str) -> str | None:
        """Return what a part of a document's number stands for."""
        usual = len(part) > 1 and self._chosen.get(part)
        return (
            self._documents.get(part)
            or self._words.get(part)
            or (usual.ways[-1].say if usual else self._two(part, self._in_document))
            or None
        )

    def _in_document(self, part: str) -> str:
        return self._documents.get(part) or self._usual(part)


@cache
def _shipped() -> dict[str, Any]:
    return tomllib.loads(SHIPPED.read_text(encoding="utf-8"))


def load_own(path: Path) -> dict[str, str]:
    """Read a commune's own file: `[words]` with lines like `"BCHPCTT" = "ban chỉ huy …"`.

    Raises AbbreviationsError naming every mistake.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise AbbreviationsError(f"{path}: không đọc được (cannot be read): {error.strerror}") from None
    if len(raw) > FILE_MAX_BYTES:
        raise AbbreviationsError(f"{path}: quá {FILE_MAX_BYTES} byte (too large)")
    try:
        values = tomllib.loads(raw.decode())
    except ValueError as error:
        raise AbbreviationsError(
            f'{path}: không đúng TOML; chữ viết tắt có dấu phải đặt trong "…" (not TOML): {error}'
        ) from None
    return check_own(values, str(path))


def check_own(values: Mapping[str, Any], where: str) -> dict[str, str]:
    """Return the abbreviations of a file that was read; raises AbbreviationsError naming every mistake."""
    words = values.get("words", {})
    mistakes = [f"{key}: chỉ có bảng [words] (only [words])" for key in values if key != "words"]
    if not isinstance(words, dict):
        raise AbbreviationsError(f"{where}: words: phải là một bảng (must be a table)")
    if len(words) > OWN_MAX:
        mistakes.append(f"words: nhiều nhất {OWN_MAX} dòng (at most {OWN_MAX})")
    own = {}
    for short, said in words.items():
        mistake = _mistake(short, said)
        if mistake:
            mistakes.append(f"{short[:40]!r}: {mistake}")
        else:
            own[short] = _SPACE.sub(" ", said.strip().lower())
    if mistakes:
        raise AbbreviationsError(f"{where}: " + "; ".join(mistakes[:20]))
    return own


def _mistake(short: str, said: Any) -> str:
    if not 1 <= len(short) <= SHORT_MAX or CHAIN.fullmatch(short) is None:
        return f"1–{SHORT_MAX} chữ cái, có thể nối bằng . / - & (letters only)"
    if not isinstance(said, str) or not 1 <= len(said.strip()) <= SAID_MAX:
        return f"cách đọc cần 1–{SAID_MAX} ký tự (1 to {SAID_MAX} characters)"
    if not LETTERS.issuperset(said.lower().replace(" ", "").replace(",", "")):
        return "cách đọc chỉ gồm chữ và dấu cách (letters and spaces only)"
    return ""
