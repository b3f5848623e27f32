"""How the levels of a scale look: a face, and colours on which its words read at 7:1 or better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kiosk_ui.palette import Colour

Face = Literal["delighted", "content", "neutral", "unhappy", "upset"]


@dataclass(frozen=True)
class Look:
    """How one level looks.

    `colour` is the face's; `dark` draws it and writes on `pale`, the tile's; white words stand on `deep`.
    """

    face: Face
    colour: Colour
    dark: Colour
    pale: Colour
    deep: Colour


_DELIGHTED = Look("delighted", (52, 178, 128), (5, 48, 34), (216, 243, 229), (0, 88, 60))
_CONTENT = Look("content", (146, 196, 64), (30, 54, 10), (232, 245, 211), (48, 88, 14))
_NEUTRAL = Look("neutral", (250, 184, 62), (76, 44, 0), (255, 237, 200), (118, 64, 0))
_UNHAPPY = Look("unhappy", (238, 108, 84), (84, 16, 12), (255, 226, 219), (146, 30, 24))
_UPSET = Look("upset", (206, 74, 92), (72, 6, 22), (253, 219, 225), (120, 14, 40))

LOOKS: dict[str, tuple[Look, ...]] = {
    "vi3": (_CONTENT, _NEUTRAL, _UNHAPPY),
    "vi4": (_DELIGHTED, _CONTENT, _NEUTRAL, _UNHAPPY),
    "vi5": (_DELIGHTED, _CONTENT, _NEUTRAL, _UNHAPPY, _UPSET),
}
"""By the scale's id, in the order of the buttons, left to right."""


def level_key(scale: str, level: int) -> str:
    """Return under which key a catalogue has the words of a level."""
    return f"scale_{scale}.level_{level}"
