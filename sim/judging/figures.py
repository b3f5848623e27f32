"""Draw the room and the people of a scene: simple figures of plausible size, colour and movement."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]
"""Blue, green, red: 0–255."""

SKIN: Colour = (140, 175, 215)
HAIR: Colour = (30, 30, 35)
CLOTHES: tuple[Colour, ...] = ((150, 60, 50), (60, 60, 160), (70, 120, 60), (200, 200, 210), (40, 140, 190))

SHIFT = 4
"""Coordinates carry 4 binary places, so that small movements are smooth."""

DESK_TOP = 0.62
"""Where the desk begins, as a share of the height."""


@dataclass(frozen=True)
class Figure:
    """A person at one instant."""

    look: int
    """Chooses height and clothes."""
    x: float
    """Where the person stands: 0 is the left edge of the picture, 1 the right one."""
    sway: float
    """Small movements of head and arms, -1 … 1."""
    step: float
    """Up and down of walking, -1 … 1."""


def draw_room(rng: np.random.Generator, width: int, height: int) -> tuple[Picture, int]:
    """Return the empty room with its desk, and the row from which the desk hides what is behind it."""
    room = np.empty((height, width, 3), np.uint8)
    room[:] = (150, 165, 160)
    shade = np.linspace(1.08, 0.85, width, dtype=np.float32)
    room[:] = (room * shade[None, :, None]).clip(0, 255)
    for _ in range(3):
        _poster(room, rng)
    top = int(height * DESK_TOP)
    room[top:] = (70, 105, 140)
    room[top : top + max(2, height // 60)] = (95, 135, 170)
    _box(room, (0.08, 0.66, 0.16, 0.12), (225, 230, 232))  # papers
    _box(room, (0.74, 0.50, 0.18, 0.16), (45, 45, 45))  # a screen
    return room, top


def draw_visitor(picture: Picture, figure: Figure) -> None:
    """Draw a standing person; the desk is drawn over the legs afterwards."""
    height, width = picture.shape[:2]
    tall = 0.46 + 0.03 * (figure.look % 4)
    clothes = CLOTHES[figure.look % len(CLOTHES)]
    x = figure.x * width + 0.006 * width * figure.sway
    top = (0.90 - tall * 1.25) * height + 0.012 * height * figure.step
    head = 0.075 * height
    shoulder = top + 2.0 * head
    _ellipse(picture, (x, shoulder + 0.24 * height), (0.115 * height, 0.26 * height), clothes)
    _arm(picture, (x - 0.10 * height, shoulder + 0.04 * height), figure.sway, clothes)
    _arm(picture, (x + 0.10 * height, shoulder + 0.04 * height), -figure.sway, clothes)
    nod = 0.008 * height * figure.sway
    _ellipse(picture, (x + nod, top + head), (0.8 * head, head), SKIN)
    _ellipse(picture, (x + nod, top + 0.6 * head), (0.82 * head, 0.65 * head), HAIR)


def draw_officer(picture: Picture, sway: float, busy: bool) -> None:
    """Draw the officer, seen from behind: breathing while nobody is there, writing while somebody is."""
    height, width = picture.shape[:2]
    much = 1.0 if busy else 0.04
    x = 0.24 * width + 0.010 * width * sway * much
    _ellipse(picture, (x, 0.98 * height), (0.17 * height, 0.24 * height), (190, 195, 200))
    _ellipse(picture, (x + 0.01 * width * sway * much, 0.68 * height), (0.07 * height, 0.09 * height), HAIR)
    if busy:
        _arm(picture, (x + 0.15 * height, 0.82 * height), sway, (190, 195, 200))


def _arm(picture: Picture, shoulder: tuple[float, float], swing: float, colour: Colour) -> None:
    height = picture.shape[0]
    hand = (shoulder[0] + 0.05 * height * swing, shoulder[1] + 0.17 * height - 0.03 * height * swing)
    cv2.line(
        picture, _fixed(shoulder), _fixed(hand), colour, max(2, round(0.045 * height)), cv2.LINE_8, SHIFT
    )
    _ellipse(picture, hand, (0.026 * height, 0.026 * height), SKIN)


def _ellipse(
    picture: Picture, centre: tuple[float, float], axes: tuple[float, float], colour: Colour
) -> None:
    cv2.ellipse(picture, _fixed(centre), _fixed(axes), 0, 0, 360, colour, cv2.FILLED, cv2.LINE_AA, SHIFT)


def _fixed(point: tuple[float, float]) -> tuple[int, int]:
    return round(point[0] * (1 << SHIFT)), round(point[1] * (1 << SHIFT))


def _poster(room: Picture, rng: np.random.Generator) -> None:
    left, top = float(rng.uniform(0.05, 0.8)), float(rng.uniform(0.04, 0.2))
    blue, green, red = (int(each) for each in rng.integers(60, 230, 3))
    _box(room, (left, top, float(rng.uniform(0.08, 0.15)), float(rng.uniform(0.1, 0.2))), (blue, green, red))


def _box(room: Picture, place: tuple[float, float, float, float], colour: Colour) -> None:
    """Fill (left, top, width, height), all as shares of the picture."""
    height, width = room.shape[:2]
    left, top, wide, high = place
    room[int(top * height) : int((top + high) * height), int(left * width) : int((left + wide) * width)] = (
        colour
    )
