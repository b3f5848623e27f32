"""Numbers in words: whole ones, decimals, and figures one by one.

num2words is not used: it says 2022 as "hai nghìn lẻ hai mươi hai" and -3 as "mười bảy" (0.5.14).
"""

from __future__ import annotations

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")

CARDINAL_MAX_DIGITS = 18
"""Numbers with more figures are read figure by figure."""

_SCALES = ("", "nghìn", "triệu", "tỷ", "nghìn tỷ", "triệu tỷ")


def figures(text: str) -> str:
    """Return the figures of `text` one by one; all else in it is left out: "045" is "không bốn năm"."""
    return " ".join(DIGITS[int(figure)] for figure in text if figure in "0123456789")


def cardinal(text: str) -> str:
    """Return a whole number, given by its figures: "1305" is "một nghìn ba trăm linh năm"."""
    text = text.lstrip("0") or "0"
    if len(text) > CARDINAL_MAX_DIGITS:
        return figures(text)
    if text == "0":
        return DIGITS[0]
    groups = [text[max(0, end - 3) : end] for end in range(len(text), 0, -3)][::-1]
    words: list[str] = []
    for index, group in enumerate(groups):
        scale = len(groups) - 1 - index
        if int(group) == 0:
            continue
        words.append(_group(group))
        words.append(_scale(scale, groups[index + 1 :]))
    return " ".join(word for word in words if word)


def _scale(scale: int, lower: list[str]) -> str:
    """Say "nghìn tỷ" as "nghìn" while more billions follow: 1.234 tỷ is one number of billions."""
    if scale > 3 and any(int(group) for group in lower[: scale - 3]):
        return _SCALES[scale - 3]
    return _SCALES[scale]


def _group(group: str) -> str:
    """Say up to three figures; three are said with their hundreds, also when these are none."""
    if len(group) == 3:
        hundreds, rest = group[0], group[1:]
        if rest == "00":
            return f"{DIGITS[int(hundreds)]} trăm"
        if rest[0] == "0":
            return f"{DIGITS[int(hundreds)]} trăm linh {DIGITS[int(rest[1])]}"
        return f"{DIGITS[int(hundreds)]} trăm {_tens(rest)}"
    return _tens(group) if len(group) == 2 else DIGITS[int(group)]


def _tens(pair: str) -> str:
    tens, ones = int(pair[0]), int(pair[1])
    if tens == 1:
        return "mười" if ones == 0 else f"mười {'lăm' if ones == 5 else DIGITS[ones]}"
    if ones == 0:
        return f"{DIGITS[tens]} mươi"
    return f"{DIGITS[tens]} mươi { {1: 'mốt', 4: 'tư', 5: 'lăm'}.get(ones, DIGITS[ones]) }"


def decimal(whole: str, fraction: str, mark: str = "phẩy") -> str:
    """Return a decimal: ("98", "5") is "chín mươi tám phẩy năm", ("0", "05") "không phẩy không năm"."""
    if fraction.startswith("0") or len(fraction) > 3:
        return f"{cardinal(whole)} {mark} {figures(fraction)}"
    return f"{cardinal(whole)} {mark} {cardinal(fraction)}"


def ordinal(number: str) -> str:
    """Return what follows "thứ": nhất for 1, tư for 4."""
    return {"1": "nhất", "4": "tư"}.get(number.lstrip("0"), cardinal(number))


def quantity(text: str) -> str | None:
    """Return a number as it is written here: points between thousands, a comma before decimals.

    "1.305" is 1305, "1,5" one and a half, "2,500,000" and "1.5" are read as their writers mean them. None
    for what is no such number, like 1.2.3.
    """
    sign = {"-": "âm ", "+": "cộng "}.get(text[:1], "")
    return (said := _unsigned(text.lstrip("+-"))) and sign + said


def _unsigned(text: str) -> str | None:
    for thousands, comma in ((".", ","), (",", ".")):
        whole, _, fraction = text.partition(comma)
        if fraction and not fraction.isdigit():
            continue
        plain = _without_thousands(whole, thousands)
        if plain is not None and (thousands == "." or _is_foreign(whole, fraction)):
            return decimal(plain, fraction) if fraction else cardinal(plain)
    return None


def _is_foreign(whole: str, fraction: str) -> bool:
    """Tell 2,500,000 and 1.5, in which the signs stand the other way, from 1.500 and 1,500."""
    return whole.count(",") > 1 or bool(fraction)


def _without_thousands(whole: str, thousands: str) -> str | None:
    groups = whole.split(thousands)
    if len(groups) == 1:
        return whole if whole.isdigit() else None
    first, *rest = groups
    if 1 <= len(first) <= 3 and first != "0" * len(first) and all(len(each) == 3 for each in rest):
        return "".join(groups) if all(each.isdigit() for each in groups) else None
    return None
