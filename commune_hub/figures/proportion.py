"""A share with its uncertainty: few presses say little, and the interval shows how little."""

from __future__ import annotations

import math

from msgspec import Struct

Z_95 = 1.959963984540054
"""The 97.5 % point of the normal distribution: a two-sided interval of 95 %."""

DIGITS = 6
"""Shares are kept to a millionth: the same on every machine, and finer than anybody reads."""


class Proportion(Struct, frozen=True):
    """`part` of `whole`; `share` and its 95 % interval lie between 0 and 1, and are None of nothing."""

    part: int
    whole: int
    share: float | None
    low: float | None
    high: float | None


def proportion(part: int, whole: int) -> Proportion:
    """Return a share with its Wilson score interval (E. B. Wilson, 1927), which is right for few answers too.

    Raises ValueError unless 0 <= part <= whole.
    """
    if not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole} is no share")
    if whole == 0:
        return Proportion(0, 0, None, None, None)
    share = part / whole
    z2 = Z_95 * Z_95
    middle = (share + z2 / (2 * whole)) / (1 + z2 / whole)
    half = Z_95 / (1 + z2 / whole) * math.sqrt(share * (1 - share) / whole + z2 / (4 * whole * whole))
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return Proportion(part, whole, round(share, DIGITS), round(low, DIGITS), round(high, DIGITS))
