"""The scale that citizens rate on: four levels, each a face, a colour and words."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk_ui.palette import Colour

SCALE = "vi4"
"""Id of this scale in every fact: level 1 = very satisfied … 4 = not satisfied."""


@dataclass(frozen=True)
class Level:
    """One answer. `dark` and `pale` are shades of `colour` for the face."""

    level: int
    words: str
    words_en: str
    colour: Colour
    dark: Colour
    pale: Colour


LEVELS = (
    Level(1, "Rất hài lòng", "Very satisfied", (16, 122, 87), (6, 58, 41), (214, 243, 228)),
    Level(2, "Hài lòng", "Satisfied", (74, 128, 36), (33, 62, 12), (230, 244, 208)),
    Level(3, "Bình thường", "Neutral", (168, 98, 4), (84, 48, 0), (255, 236, 196)),
    Level(4, "Không hài lòng", "Not satisfied", (186, 53, 44), (92, 18, 14), (255, 223, 216)),
)
"""In the order of the buttons, left to right. White words read on each at 4.5:1 or better (WCAG 2.1)."""
