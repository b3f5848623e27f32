"""E-mail and web addresses: xuanluong@bacgiang.gov.vn, https://dichvucong.gov.vn."""

from __future__ import annotations

import re

from speaker_node.reading.letters import has_vowel, is_syllable, sayable, spell
from speaker_node.reading.numbers import cardinal, figures
from speaker_node.reading.place import LOOK, Place, Said

_SCHEME = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,6}[A-Za-z]{2,24}")
_TOP = "vn|com|net|org|gov|edu|info|io|me|asia|xyz|app|online|link"
_SITE = re.compile(
    rf"(?:(?:https?|ftp)://)?(?:[A-Za-z0-9-]{{1,63}}\.){{1,6}}(?:{_TOP})(?!\w)(?::\d{{1,5}})?"
    r"(?:/[\w%.~+@=&?#-]{1,120}){0,12}/?",
    re.IGNORECASE,
)
_ANY = re.compile(r"(?:https?|ftp)://[^\s\"'<>()]{1,400}", re.IGNORECASE)
_PARTS = re.compile(r"([^\W\d_]+)|(\d+)|(.)")
_SIGNS = {
    "@": "a còng", ".": "chấm", "-": "gạch ngang", "_": "gạch dưới", "/": "gạch chéo", ":": "hai chấm",
    "?": "hỏi chấm", "=": "bằng", "&": "và", "#": "thăng", "%": "phần trăm", "+": "cộng", "~": "ngã",
}  # fmt: skip
_KNOWN = {
    "www": "vê kép vê kép vê kép",
    "vn": "vê nờ",
    "com": "com",
    "gov": "gov",
    "gmail": "gmail",
    "dichvucong": "dịch vụ công",
    "chinhphu": "chính phủ",
    "bocongan": "bộ công an",
    "baohiemxahoi": "bảo hiểm xã hội",
    "thuvienphapluat": "thư viện pháp luật",
    "ubnd": "u bê nờ dê",
}
_WHY = "địa chỉ thư hoặc trang mạng (an address)"


def address(place: Place) -> Said | None:
    """Read an e-mail or web address; it is marked, since nobody remembers one by ear."""
    ahead = place.text[place.pos : place.pos + LOOK]
    if "." not in ahead and "://" not in ahead:
        return None
    found = place.match(_MAIL) or place.match(_SITE) or place.match(_ANY)
    if found is None:
        return None
    text = _SCHEME.sub("", found[0]).rstrip("./,;:")
    cut = len(found[0]) - len(found[0].rstrip(".,;:"))
    words = [_part(*each) for each in _PARTS.findall(text)]
    return Said(found.end() - cut, " ".join(filter(None, words)), kind="address", why=_WHY)


def _part(letters: str, number: str, sign: str) -> str:
    if number:
        return figures(number) if len(number) > 2 or number.startswith("0") else cardinal(number)
    if not letters:
        return _SIGNS.get(sign, "")
    small = sayable(letters)
    if small in _KNOWN:
        return _KNOWN[small]
    readable = is_syllable(small) or (len(small) > 3 and has_vowel(small))
    return small if readable else spell(small)
