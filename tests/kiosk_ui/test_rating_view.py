"""The rating screen for old eyes: 7:1 everywhere, 28 pixels at least, nothing cut, targets as drawn."""

from __future__ import annotations

import os
from dataclasses import replace

import pygame
import pytest

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

from kiosk_ui import calm, large_print, rating_view, reason_view
from kiosk_ui.catalogue import BUILT_IN, load_catalogue
from kiosk_ui.large_print import SMALLEST_PX
from kiosk_ui.layout import ELLIPSIS
from kiosk_ui.palette import (
    ALARM,
    CARD,
    GOLD,
    INK,
    MIST,
    PAPER,
    READABLE,
    SOFT_INK,
    TEAL,
    TEAL_PALE,
    WHITE,
    Colour,
    contrast,
)
from kiosk_ui.rating_layout import (
    language_box,
    level_at,
    level_boxes,
    listen_box,
    middle_box,
    reason_boxes,
)
from kiosk_ui.rating_settings import REASONS
from kiosk_ui.rating_view import RatingDrawing, RatingView
from kiosk_ui.scale import LOOKS
from tests.kiosk_ui.written import Written, spy_on

SIZES = [(800, 480), (1024, 600)]
SERVING = RatingView(counter_name="Quầy 12", number="A007", next_language="English", listens=True)
VIEWS = [
    *(replace(SERVING, scale=scale) for scale in LOOKS),
    *(
        replace(SERVING, scale=scale, page="thanks", level=level, corrected=bool(level % 2))
        for scale, looks in LOOKS.items()
        for level in range(1, len(looks) + 1)
    ),
    replace(SERVING, page="reason", level=4, reasons=REASONS),
    replace(SERVING, page="reason", level=5, scale="vi5", reasons=(*REASONS, "facilities")),
    replace(SERVING, page="noted", level=4),
    replace(SERVING, page="idle"),
    replace(SERVING, at_exit=True, number=""),
    replace(SERVING, ended=True),
    RatingView(page="failed"),
]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[Written]:
    return spy_on(monkeypatch, rating_view, reason_view, calm, large_print)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("language", BUILT_IN)
def test_every_text_can_be_read_by_old_eyes(
    size: tuple[int, int], language: str, written: list[Written]
) -> None:
    drawing = RatingDrawing({language: load_catalogue(language)})
    for view in VIEWS:
        drawing.draw(pygame.Surface(size), replace(view, language=language))
    assert len(written) > 100
    assert [each for each in written if each.size < SMALLEST_PX] == []
    assert [each.lines for each in written if any(ELLIPSIS in line for line in each.lines)] == []
    assert [each for each in written if each.worst_contrast < READABLE] == []


@pytest.mark.parametrize(
    ("words", "ground"),
    [
        (INK, PAPER),
        (INK, CARD),
        (INK, GOLD),
        (SOFT_INK, PAPER),
        (SOFT_INK, CARD),
        (SOFT_INK, TEAL_PALE),
        (MIST, TEAL),
        (WHITE, TEAL),
        (GOLD, TEAL),
        (WHITE, ALARM),
        *((look.dark, look.pale) for looks in LOOKS.values() for look in looks),
        *((WHITE, look.deep) for looks in LOOKS.values() for look in looks),
    ],
)
def test_the_palette_keeps_seven_to_one(words: Colour, ground: Colour) -> None:
    assert contrast(words, ground) >= READABLE


@pytest.mark.parametrize("size", [*SIZES, (1920, 1080)], ids=str)
@pytest.mark.parametrize("levels", [3, 4, 5])
def test_faces_stand_in_their_order_large_enough_for_a_thumb(size: tuple[int, int], levels: int) -> None:
    boxes = level_boxes(*size, levels)
    assert [level_at(*size, levels, *box.centre) for box in boxes] == list(range(1, levels + 1))
    assert [box.x for box in boxes] == sorted(box.x for box in boxes)
    assert all(box.w >= 130 and box.h >= 200 for box in boxes)
    assert level_at(*size, levels, 0, 0) is None


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("count", range(1, 7))
def test_no_two_targets_touch(size: tuple[int, int], count: int) -> None:
    keys = [listen_box(*size), middle_box(*size), language_box(*size)]
    targets = [*reason_boxes(*size, count), *keys]
    assert len(targets) == count + 3
    for index, one in enumerate(targets):
        assert one.w >= 150
        assert one.h >= 50
        rect = pygame.Rect(one.x, one.y, one.w, one.h)
        assert pygame.Rect(0, 0, *size).contains(rect)
        assert rect.collidelist([pygame.Rect(o.x, o.y, o.w, o.h) for o in targets[index + 1 :]]) == -1


def test_each_answer_looks_different_from_afar() -> None:
    drawing = RatingDrawing({"vi": load_catalogue()})
    seen = set()
    for level in range(1, 6):
        surface = pygame.Surface((800, 480))
        drawing.draw(surface, RatingView(scale="vi5", page="thanks", level=level))
        seen.add(tuple(surface.get_at((790, 5))))
    assert len(seen) == 5
