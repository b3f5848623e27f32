"""Screens: every state can be drawn, nothing runs out of its box, and targets are where they are drawn."""

from __future__ import annotations

import os

import pygame
import pytest

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

from kiosk_ui.display_view import DisplayView, ShownCall, ShownNotice, ShownWaiting, draw_display
from kiosk_ui.layout import Box, fit, grid_for, split, wrap
from kiosk_ui.palette import GOLD, INK, TEAL, WHITE, contrast
from kiosk_ui.rating_view import RatingView, draw_rating, level_at, level_boxes
from kiosk_ui.scale import LEVELS
from kiosk_ui.ticket_view import Choice, TicketView, choice_at, choice_boxes, done_box, draw_ticket

SIZES = [(800, 480), (1024, 600), (1280, 720), (1920, 1080)]
LONG = "Ủy ban nhân dân xã có tên rất dài, ở một nơi rất xa, giữa những dãy núi"
CALLS = tuple(ShownCall(f"A{n:03}", f"Quầy số {n}", n < 3) for n in range(1, 9))


def colours(surface: pygame.Surface) -> int:
    return len(
        {
            tuple(surface.get_at((x, y)))
            for x in range(0, surface.get_width(), 7)
            for y in range(0, surface.get_height(), 7)
        }
    )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "view",
    [
        RatingView(),
        RatingView(LONG, "A007"),
        RatingView(thanked=1),
        RatingView(thanked=4),
        RatingView(failed=True),
    ],
)
def test_rating_screens(size: tuple[int, int], view: RatingView) -> None:
    surface = pygame.Surface(size)
    draw_rating(surface, view)
    assert colours(surface) > 3


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [0, 1, 2, 4, 7, 12])
def test_ticket_screens(size: tuple[int, int], count: int) -> None:
    surface = pygame.Surface(size)
    choices = tuple(Choice(LONG, "Some field") for _ in range(count))
    draw_ticket(surface, TicketView(LONG, choices))
    assert colours(surface) > 2
    for index, box in enumerate(choice_boxes(*size, count)):
        assert choice_at(*size, count, *box.centre) == index
        assert box.w >= 100
        assert box.h >= 48, "large enough for a finger"


@pytest.mark.parametrize(
    "view", [TicketView(number="A007", field=LONG, advice=LONG), TicketView(failed=True)]
)
def test_number_and_failure_screens(view: TicketView) -> None:
    surface = pygame.Surface((1024, 600))
    draw_ticket(surface, view)
    assert colours(surface) > 2
    assert surface.get_rect().contains(pygame.Rect(*_tuple(done_box(1024, 600))))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "view",
    [
        DisplayView(),
        DisplayView("UBND xã"),
        DisplayView(LONG, "08:15", CALLS, tuple(ShownWaiting(f"B{n:03}", LONG) for n in range(16)), 99),
        DisplayView("UBND xã", "", CALLS, (), 0, ShownNotice(LONG, tuple([LONG] * 12))),
    ],
)
def test_display_screens(size: tuple[int, int], view: DisplayView) -> None:
    surface = pygame.Surface(size)
    draw_display(surface, view)
    assert colours(surface) > 2


def test_two_calls_look_different_from_one() -> None:
    pictures = []
    for calls in (CALLS[:1], CALLS[:2]):
        surface = pygame.Surface((1280, 720))
        draw_display(surface, DisplayView("UBND xã", "", calls))
        pictures.append(pygame.image.tobytes(surface, "RGB"))
    assert pictures[0] != pictures[1]


@pytest.mark.parametrize("size", SIZES)
def test_levels_stand_side_by_side_and_answer_to_touch(size: tuple[int, int]) -> None:
    boxes = level_boxes(*size)
    assert [level_at(*size, *box.centre) for box in boxes] == [1, 2, 3, 4]
    assert level_at(*size, 0, 0) is None


def test_words_can_be_read() -> None:
    for level in LEVELS:
        assert contrast(level.colour, WHITE) >= 4.5
    assert contrast(TEAL, WHITE) >= 7
    assert contrast(GOLD, INK) >= 7


def test_text_is_wrapped_and_cut_within_its_box() -> None:
    assert wrap("một hai ba", 7, len) == ["một hai", "ba"]
    assert wrap("dàiquá", 3, len) == ["dài", "quá"]
    size, lines = fit("một hai ba bốn", (6, 10), (10, 5), lambda at, text: len(text) * at / 5, float, 2)
    assert size == 5
    assert len(lines) <= 2


def test_a_grid_has_room_for_all() -> None:
    for count in range(1, 13):
        columns, rows = grid_for(count)
        assert columns * rows >= count
        assert columns <= 3
    assert len(split(Box(0, 0, 100, 100), 3, 2, 4)) == 6


def _tuple(box: Box) -> tuple[int, int, int, int]:
    return box.x, box.y, box.w, box.h
