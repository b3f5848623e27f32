"""A spy on `large_print.write`: what a screen wrote, how large, and on which ground."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pygame
import pytest

from kiosk_ui import large_print
from kiosk_ui.drawing import LINE_HEIGHT
from kiosk_ui.fonts import font
from kiosk_ui.large_print import SMALLEST_PX
from kiosk_ui.layout import Box, fit
from kiosk_ui.palette import Colour, contrast


@dataclass
class Written:
    """A text as it was drawn."""

    text: str
    size: int
    lines: list[str]
    worst_contrast: float


def spy_on(monkeypatch: pytest.MonkeyPatch, *modules: ModuleType) -> list[Written]:
    """Look at each text when one of `modules` draws it: how large, and how well it stands out."""
    found: list[Written] = []
    draw = large_print.write

    def spy(surface: pygame.Surface, text: str, box: Box, colour: Colour, size: int, **how: Any) -> None:
        before = pygame.surfarray.array3d(surface)
        draw(surface, text, box, colour, size, **how)
        at, lines = fit(
            text,
            (box.w, box.h),
            (max(size, SMALLEST_PX), SMALLEST_PX),
            lambda at, part: font(at, how.get("bold", False)).size(part)[0],
            lambda at: at * LINE_HEIGHT,
            how.get("lines_max", 1),
        )
        beneath = _beneath(before, pygame.surfarray.array3d(surface), box)
        found.append(Written(text, at, lines, min(contrast(colour, each) for each in beneath)))

    for module in modules:
        monkeypatch.setattr(module, "write", spy)
    return found


def _beneath(before: Any, after: Any, box: Box) -> set[Colour]:
    """The colours that lay where letters stand now; all of them inside the text's box."""
    changed = (before != after).any(axis=2)
    assert changed.any(), "nothing was drawn"
    xs, ys = changed.nonzero()
    assert box.x <= xs.min() <= xs.max() < box.x + box.w
    assert box.y - 2 <= ys.min() <= ys.max() < box.y + box.h + 2
    packed = before[changed].astype(int) @ [1 << 16, 1 << 8, 1]
    return {(each >> 16, each >> 8 & 255, each & 255) for each in np.unique(packed).tolist()}
