"""The letters that may be said, the names of letters, and what a Vietnamese syllable looks like."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_MARKED_VOWELS = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"

LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz" + "đ" + _MARKED_VOWELS)
"""What a spoken word may consist of: the 29 letters with their tones, and f, j, w, z of names (Zalo)."""

PAUSES = frozenset(".,?!;:")
"""The punctuation that a voice makes pauses of."""

NAMES = {
    "a": "a", "ă": "á", "â": "ớ", "b": "bê", "c": "xê", "d": "dê", "đ": "đê", "e": "e", "ê": "ê", "f": "ép",
    "g": "giê", "h": "hát", "i": "i", "j": "gi", "k": "ca", "l": "lờ", "m": "mờ", "n": "nờ", "o": "o",
    "ô": "ô", "ơ": "ơ", "p": "pê", "q": "quy", "r": "rờ", "s": "sờ", "t": "tê", "u": "u", "ư": "ư", "v": "vê",
    "w": "vê kép", "x": "ích", "y": "y", "z": "dét",
}  # fmt: skip
"""How each letter is called when an abbreviation is spelled."""

_ONSET = "ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx]"
_RIMES = """
a ac ach ai am an ang anh ao ap at au ay ă ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo ep
et ê êch êm ên ênh êng êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu o oa oac oach oai
oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot ô ôc ôi
ôm ôn ông ôông ôp ôt ơ ơi ơm ơn ơng ơp ơt u ua uân uâng uât uây uê uêch uênh uc ui um un ung uơ up ut uy uya
uych uyn uynh uyt uyu uyên uyêt uôc uôi uôm uôn uông uôt uă uăng uăn ươc ươi ươm ươn ương ươp ươt ươu ư ưa
ưc ưi ưm ưn ưng ưt ưu y ya yên yêm yêng yêt yêu uyp ưp
"""
_SYLLABLE = re.compile(f"(?:{_ONSET})?(?:{'|'.join(sorted(set(_RIMES.split()), key=len, reverse=True))})")
_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))


@lru_cache(maxsize=8_192)
def is_syllable(word: str) -> bool:
    """Tell whether `word`, in small letters, may be a Vietnamese syllable by its spelling."""
    if len(word) > 7:
        return False
    bare = unicodedata.normalize("NFC", unicodedata.normalize("NFD", word).translate(_TONES))
    return _SYLLABLE.fullmatch(bare) is not None


@lru_cache(maxsize=4_096)
def are_syllables(word: str) -> bool:
    """Tell whether `word` is two or more syllables written together, each begun by a consonant: ragasa."""
    if not 4 <= len(word) <= 24:
        return False
    reached = {0}
    for end in range(2, len(word) + 1):
        starts = (start for start in reached if 2 <= end - start <= 6 and end - start < len(word))
        if any(word[start] not in _VOWELS_AND_SEMI and is_syllable(word[start:end]) for start in starts):
            reached.add(end)
    return len(word) in reached


def has_vowel(word: str) -> bool:
    """Tell whether `word`, in small letters, can be said at all and need not be spelled."""
    return any(letter in "aeiouy" or letter in _VOWELS for letter in word)


_VOWELS = frozenset(_MARKED_VOWELS)
_VOWELS_AND_SEMI = frozenset("aeiou") | _VOWELS


def spell(word: str) -> str:
    """Return the names of the letters of `word`; what is no letter of ours is left out."""
    return " ".join(NAMES[bare] for letter in sayable(word) for bare in [_untoned(letter)])


@lru_cache(maxsize=256)
def _untoned(letter: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", letter).translate(_TONES))


def sayable(word: str) -> str:
    """Return `word` in small letters that a Vietnamese voice knows: ü becomes u; others are left out."""
    small = word.lower()
    if LETTERS.issuperset(small):
        return small
    return "".join(_nearest(letter) for letter in small)


@lru_cache(maxsize=4_096)
def _nearest(letter: str) -> str:
    if letter in LETTERS:
        return letter
    bare = unicodedata.normalize("NFKD", letter)[:1].lower()
    return bare if bare in LETTERS else _FOREIGN.get(letter, "")


_FOREIGN = {"ß": "s", "æ": "e", "ø": "o", "œ": "e", "ł": "l", "ı": "i", "ð": "đ"}
