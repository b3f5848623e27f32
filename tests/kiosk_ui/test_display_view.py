"""The display and its notices: every state can be drawn, and everything on it can be read."""

from __future__ import annotations

import os
from pathlib import Path

import pygame
import pytest

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

from kiosk_ui.bilingual import Bilingual
from kiosk_ui.catalogue import load_catalogue
from kiosk_ui.display_view import READ, DisplayView, NextInField, ShownCall, draw_display
from kiosk_ui.notice_view import ShownNotice
from kiosk_ui.palette import contrast

SIZES = [(800, 480), (1280, 720), (1920, 1080)]
LONG = "Ủy ban nhân dân xã có tên rất dài, ở một nơi rất xa, giữa những dãy núi"
TEXTS = Bilingual(load_catalogue("vi"), load_catalogue("en"))
CALLS = tuple(ShownCall(f"A{n:03}", f"Quầy số {n}", n < 2) for n in range(1, 9))


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
        DisplayView(),
        DisplayView("UBND xã"),
        DisplayView(
            LONG,
            "08:15",
            CALLS[0],
            CALLS[1:],
            tuple(NextInField(LONG, ("A100", "A101")) for _ in range(6)),
            99,
        ),
        DisplayView("UBND xã", "", None, CALLS, (), 0, ShownNotice(LONG, tuple([LONG] * 6))),
    ],
)
def test_display_screens(size: tuple[int, int], view: DisplayView) -> None:
    surface = pygame.Surface(size)
    draw_display(surface, view, TEXTS)
    assert colours(surface) > 2


@pytest.mark.parametrize(
    "kind", ["text", "slogan", "fees", "phones", "calendar", "picture", "reminder", "new"]
)
def test_every_kind_of_notice_can_be_drawn_with_its_picture_and_without(kind: str, tmp_path: Path) -> None:
    there = tmp_path / "picture"
    pygame.image.save(pygame.Surface((40, 400)), f"{there}.png")
    pictures = []
    for path in ("", f"{there}.png", f"{there}.gone"):
        for lines in ((), ("Chứng thực | 2.000 đ | trong ngày", "Phụ | lục"), (LONG,)):
            surface = pygame.Surface((1280, 720))
            notice = ShownNotice(LONG, lines, kind, path)
            draw_display(surface, DisplayView("UBND xã", "", CALLS[0], notice=notice), TEXTS)
            pictures.append(pygame.image.tobytes(surface, "RGB"))
    assert pictures[:3] == pictures[6:], "a missing picture leaves the text as it is"
    assert pictures[0] != pictures[3]


def test_a_call_on_the_stage_looks_different_from_the_last_one() -> None:
    pictures = []
    for fresh in (True, False):
        surface = pygame.Surface((1280, 720))
        draw_display(surface, DisplayView("UBND xã", "", ShownCall("A001", "Quầy 1", fresh)), TEXTS)
        pictures.append(pygame.image.tobytes(surface, "RGB"))
    assert pictures[0] != pictures[1]


def test_everything_on_the_display_reads_at_seven_to_one_and_stands_in_the_catalogue() -> None:
    assert min(contrast(words, ground) for words, ground in READ) >= 7
    for language in ("vi", "en"):
        assert [key for key in load_catalogue(language).missing if key.startswith("display.")] == []
