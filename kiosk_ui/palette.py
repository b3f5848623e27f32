"""The one palette of every screen: calm paper, deep teal, a little gold; dark on light, or white on deep.

Words stand out from their ground by 7:1 or more (WCAG 2.1, AAA), since many who read them are old.
"""

from __future__ import annotations

Colour = tuple[int, int, int]

PAPER: Colour = (247, 244, 236)
CARD: Colour = (255, 255, 255)
SHADE: Colour = (226, 220, 206)
INK: Colour = (24, 40, 48)
SOFT_INK: Colour = (62, 74, 78)
TEAL: Colour = (7, 59, 66)
TEAL_DEEP: Colour = (4, 40, 46)
TEAL_PALE: Colour = (217, 234, 233)
GOLD: Colour = (244, 191, 66)
GOLD_PALE: Colour = (255, 240, 203)
WHITE: Colour = (255, 255, 255)
MIST: Colour = (220, 234, 235)
"""Small words on teal."""
ALARM: Colour = (150, 38, 30)


READABLE = 7.0
"""Least contrast of any words with their ground."""


def contrast(one: Colour, other: Colour) -> float:
    """Return how well one colour reads on the other, 1 to 21 (WCAG 2.1, contrast ratio)."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return `one` with `share` (0 … 1) of `other` in it."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _luminance(colour: Colour) -> float:
    linear = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
