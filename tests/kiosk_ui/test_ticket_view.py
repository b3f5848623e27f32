"""The ticket screen for old eyes: 7:1 everywhere, 28 pixels at least, nothing cut, targets as drawn."""

from __future__ import annotations

import os
from dataclasses import replace

import pygame
import pytest

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

from firmware_agent.settings import read_toml
from kiosk_ui import large_print, ticket_view
from kiosk_ui.catalogue import BUILT_IN, load_catalogue
from kiosk_ui.large_print import SMALLEST_PX
from kiosk_ui.layout import ELLIPSIS, Box
from kiosk_ui.palette import READABLE
from kiosk_ui.pictures import PICTURES, UNKNOWN, draw_picture
from kiosk_ui.ticket_layout import (
    SHELF_MAX,
    field_at,
    field_boxes,
    greeter_of,
    lane_at,
    lane_boxes,
    language_box,
    left_box,
    middle_box,
    shelf_of,
    shelves,
)
from kiosk_ui.ticket_view import Choice, TicketDrawing, TicketView
from provisioning.plan import DEFAULT_PLAN, Plan, WorkField, WorkLane
from tests.kiosk_ui.written import Written, spy_on

SIZES = [(800, 480), (1024, 600)]
PLAN = Plan.model_validate(read_toml(DEFAULT_PLAN))
NINE = [
    "Hộ tịch",
    "Chứng thực",
    "Đất đai",
    "Bảo trợ xã hội",
    "Kinh doanh",
    "Xây dựng",
    "Cư trú",
    "Y tế",
    "Khác",
]


def views(language: str) -> list[TicketView]:
    """Every page, in the words of the plan that ships."""

    def name(each: WorkField | WorkLane) -> str:
        return each.name if language == "vi" else each.name_en

    fields = tuple(Choice(name(each), each.picture, each.greeter) for each in PLAN.fields)
    lanes = tuple(Choice(name(each), each.picture) for each in PLAN.lanes)
    first = TicketView(
        office="UBND xã Xuân Lương", language=language, next_language="Tiếng Việt", fields=fields
    )
    many = tuple(Choice(each) for each in (*NINE, "Môi trường", "Thuế"))
    number = replace(first, page="number", number="A007", field=fields[1].name, wait_min=(10, 25))
    return [
        first,
        replace(first, fields=(*fields, Choice("Y tế"), Choice("Thuế"))),
        *(replace(first, fields=tuple(map(Choice, NINE[:count]))) for count in (1, 2, 9)),
        *(replace(first, fields=(*many, fields[-1]), shelf=shelf) for shelf in (0, 1)),
        *(replace(first, page="lanes", lanes=lanes[:count], field=fields[3].name) for count in (1, 2, 4)),
        *(replace(number, lane=lane.name) for lane in lanes),
        replace(number, slip="broken", wait_min=(0, 5)),
        replace(number, slip="none", wait_min=None),
        replace(first, page="failed"),
        TicketView(language=language),
    ]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[Written]:
    return spy_on(monkeypatch, ticket_view, large_print)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("language", BUILT_IN)
def test_every_text_can_be_read_by_old_eyes(
    size: tuple[int, int], language: str, written: list[Written]
) -> None:
    drawing = TicketDrawing({language: load_catalogue(language)})
    for view in views(language):
        drawing.draw(pygame.Surface(size), view)
    assert len(written) > 80
    assert [each for each in written if each.size < SMALLEST_PX] == []
    assert [each.lines for each in written if any(ELLIPSIS in line for line in each.lines)] == []
    assert [each for each in written if each.worst_contrast < READABLE] == []


def rect(box: Box) -> pygame.Rect:
    return pygame.Rect(box.x, box.y, box.w, box.h)


def apart(size: tuple[int, int], boxes: list[Box]) -> bool:
    """No two overlap, all are on the screen and large enough for a thumb."""
    rects = [rect(box) for box in boxes]
    return all(
        pygame.Rect(0, 0, *size).contains(each) and each.w >= 150 and each.h >= 52 for each in rects
    ) and [each.collidelist(rects[at + 1 :]) for at, each in enumerate(rects)].count(-1) == len(rects)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("greets", [True, False])
@pytest.mark.parametrize("count", range(1, 13))
def test_each_field_stands_once_and_is_touched_where_it_is_drawn(
    size: tuple[int, int], greets: bool, count: int
) -> None:
    fields = [Choice(f"{at}", greeter=greets and at == count - 1) for at in range(count)]
    found = []
    for shelf, shown in enumerate(shelves(fields)):
        boxes = field_boxes(*size, fields, shelf)
        assert len(shown) <= SHELF_MAX
        assert all(field_at(*size, fields, shelf, *box.centre) == at for at, box in boxes.items())
        assert all(shelf_of(fields, at) == shelf for at in shown)
        assert apart(size, [*boxes.values(), left_box(*size), language_box(*size)])
        found += shown
    greeter = greeter_of(fields)
    assert sorted([*found, *([] if greeter is None else [greeter])]) == list(range(count))
    assert (greeter is None) == (not greets or count == 1)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("count", range(1, 7))
def test_the_ordinary_class_stands_first_and_largest(size: tuple[int, int], count: int) -> None:
    first, *others = lane_boxes(*size, count)
    assert len(others) == count
    assert all(first.y < each.y and first.w * first.h > each.w * each.h for each in others) or count <= 2
    assert [lane_at(*size, count, *box.centre) for box in (first, *others)] == list(range(count + 1))
    assert apart(size, [first, *others, left_box(*size), middle_box(*size), language_box(*size)])


def test_every_picture_is_another_and_every_one_of_the_plan_is_there() -> None:
    drawn = {}
    for name in sorted(PICTURES):
        surface = pygame.Surface((64, 64))
        draw_picture(surface, name, 0, 0, 64, (255, 255, 255))
        drawn[name] = pygame.image.tobytes(surface, "RGB")
        lit = sum(byte > 128 for byte in drawn[name][::3])
        assert 250 < lit < 3_600, name
    assert len(set(drawn.values())) == len(PICTURES)
    assert UNKNOWN in PICTURES
    assert {each.picture for each in PLAN.fields} | {each.picture for each in PLAN.lanes} <= PICTURES
