"""What a model of Piper is asked: a sentence as the numbers of its phonemes.

Piper has espeak-ng patched to tell where sentences end. Here they are known before, so the library of the
system does; phoneme for phoneme the two agree (`docs/decisions.md`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from firmware_agent.voices.piper_files import BEGIN, END, PAD, PiperConfig

_CLAUSE_ENDS = re.compile(r"(?<=[,;:])\s+")
_MARKS = ".?!,;:"
_FOREIGN = re.compile(r"\([^)]+\)")
"""espeak-ng's marks around words of another language."""


def with_marks(sentence: str, phonemes: Callable[[str], str]) -> str:
    """Return a sentence in IPA with its punctuation, which Piper's models know; `phonemes` knows clauses."""
    said = []
    for clause in _CLAUSE_ENDS.split(sentence.strip().replace("…", "...")):
        mark = clause[-1:] if clause[-1:] in _MARKS else ""
        said.append(_FOREIGN.sub("", phonemes(clause)) + mark)
    return " ".join(said)


def numbers(phonemes: str, config: PiperConfig) -> list[int]:
    """Return what the model is given: each phoneme it knows, nothing between two, and both ends."""
    known = config.phoneme_id_map
    found = [*known[BEGIN], *known[PAD]]
    for each in _apart(phonemes, config.vowel_clusters):
        if each in known:
            found += [*known[each], *known[PAD]]
    return [*found, *known[END]]


def _apart(phonemes: str, clusters: Sequence[Sequence[str]]) -> list[str]:
    """Return a text letter by letter, accents apart, but what is one to the model in one piece."""
    whole = sorted((re.escape("".join(each)) for each in clusters), key=len, reverse=True)
    return re.findall("|".join([*whole, "."]), unicodedata.normalize("NFD", phonemes), re.DOTALL)
