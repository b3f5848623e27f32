"""What the rating screen shows, and where its four buttons are."""

from __future__ import annotations

from dataclasses import dataclass

import pygame

from kiosk_ui.drawing import disc, panel, raised, words
from kiosk_ui.faces import draw_face
from kiosk_ui.layout import Box, split
from kiosk_ui.palette import ALARM, GOLD, INK, MIST, PAPER, SOFT_INK, TEAL, WHITE, mix
from kiosk_ui.scale import LEVELS, Level


@dataclass(frozen=True)
class RatingView:
    """The state of the rating screen."""

    counter_name: str = ""
    number: str = ""
    """Number of the ticket being served; empty when nobody's."""
    thanked: int = 0
    """Level (1 … 4) that was just committed; 0: the screen asks."""
    failed: bool = False
    """The last press could not be kept."""


def level_boxes(width: int, height: int) -> list[Box]:
    """Return where the four levels stand on the screen, level 1 first."""
    margin = width // 40
    top = round(height * 0.335)
    area = Box(margin, top, width - 2 * margin, round(height * 0.885) - top)
    return split(area, len(LEVELS), 1, width // 60)


def level_at(width: int, height: int, x: int, y: int) -> int | None:
    """Return the level (1 … 4) at that point of the screen."""
    for level, box in enumerate(level_boxes(width, height), start=1):
        if box.holds(x, y):
            return level
    return None


def draw_rating(surface: pygame.Surface, view: RatingView) -> None:
    """Paint the rating screen."""
    screen = Box(0, 0, *surface.get_size())
    if view.failed:
        _draw_failed(surface, screen)
    elif view.thanked:
        _draw_thanks(surface, screen, LEVELS[view.thanked - 1])
    else:
        _draw_question(surface, screen, view)


def _draw_question(surface: pygame.Surface, screen: Box, view: RatingView) -> None:
    surface.fill(PAPER)
    _draw_header(surface, screen.part(0, 0, 1, 0.135), view)
    words(
        surface,
        "Ông/bà có hài lòng với việc phục vụ không?",
        screen.part(0.03, 0.15, 0.97, 0.25),
        INK,
        round(screen.h * 0.068),
        bold=True,
    )
    words(
        surface,
        "How satisfied are you with our service?",
        screen.part(0.03, 0.245, 0.97, 0.315),
        SOFT_INK,
        round(screen.h * 0.04),
    )
    for level, box in zip(LEVELS, level_boxes(screen.w, screen.h), strict=True):
        _draw_level(surface, level, box)
    words(
        surface,
        "Bấm nút hoặc chạm vào màn hình. Không ghi tên ai.  ·  Anonymous",
        screen.part(0.03, 0.915, 0.97, 0.985),
        SOFT_INK,
        round(screen.h * 0.035),
    )


def _draw_header(surface: pygame.Surface, bar: Box, view: RatingView) -> None:
    surface.fill(TEAL, (bar.x, bar.y, bar.w, bar.h))
    surface.fill(GOLD, (bar.x, bar.y + bar.h - 4, bar.w, 4))
    inner = bar.inset(bar.w // 40, 6)
    size = round(bar.h * 0.56)
    name = view.counter_name or "Đánh giá phục vụ"
    words(surface, name, inner.part(0, 0, 0.6, 1), WHITE, size, bold=True, align="left")
    if view.number:
        words(surface, "Đang phục vụ số", inner.part(0.5, 0, 0.8, 1), MIST, round(size * 0.62), align="right")
        chip = inner.part(0.82, 0.04, 1, 0.96)
        panel(surface, chip, GOLD, chip.h // 2)
        words(surface, view.number, chip.inset(10, 0), INK, round(size * 0.95), bold=True)


def _draw_level(surface: pygame.Surface, level: Level, box: Box) -> None:
    raised(surface, box, level.colour, 26, edge=mix(level.colour, level.dark, 0.7))
    face = min(round(box.w * 0.72), round(box.h * 0.54))
    draw_face(surface, (box.centre[0], box.y + round(box.h * 0.345)), face, level)
    words(
        surface,
        level.words,
        box.part(0.05, 0.66, 0.95, 0.86),
        WHITE,
        round(box.h * 0.105),
        bold=True,
        lines_max=1,
    )
    words(surface, level.words_en, box.part(0.05, 0.83, 0.95, 0.96), WHITE, round(box.h * 0.068))


def _draw_thanks(surface: pygame.Surface, screen: Box, level: Level) -> None:
    surface.fill(level.colour)
    halo = round(screen.h * 0.235)
    centre = (screen.w // 2, round(screen.h * 0.30))
    disc(surface, centre, halo, mix(level.colour, level.pale, 0.22))
    draw_face(surface, centre, round(halo * 1.7), level)
    words(
        surface,
        "Cảm ơn ông/bà!",
        screen.part(0.04, 0.56, 0.96, 0.74),
        WHITE,
        round(screen.h * 0.13),
        bold=True,
    )
    words(
        surface,
        f"Đã ghi nhận: {level.words}",
        screen.part(0.04, 0.75, 0.96, 0.86),
        WHITE,
        round(screen.h * 0.066),
    )
    words(
        surface,
        f"Thank you. Recorded: {level.words_en.lower()}",
        screen.part(0.04, 0.87, 0.96, 0.95),
        level.pale,
        round(screen.h * 0.042),
    )


def _draw_failed(surface: pygame.Surface, screen: Box) -> None:
    surface.fill(ALARM)
    centre = (screen.w // 2, round(screen.h * 0.25))
    disc(surface, centre, round(screen.h * 0.14), WHITE)
    words(
        surface,
        "!",
        Box(0, centre[1] - screen.h // 8, screen.w, screen.h // 4),
        ALARM,
        round(screen.h * 0.19),
        bold=True,
    )
    words(
        surface,
        "Máy chưa ghi được ý kiến",
        screen.part(0.04, 0.45, 0.96, 0.61),
        WHITE,
        round(screen.h * 0.1),
        bold=True,
    )
    words(
        surface,
        "Xin ông/bà báo cho cán bộ, rồi bấm lại sau.",
        screen.part(0.04, 0.63, 0.96, 0.75),
        WHITE,
        round(screen.h * 0.062),
    )
    words(
        surface,
        "Your answer could not be saved. Please tell the officer.",
        screen.part(0.04, 0.78, 0.96, 0.87),
        WHITE,
        round(screen.h * 0.042),
    )
