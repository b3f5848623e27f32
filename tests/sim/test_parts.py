"""Pins that bounce, a screen whose pictures can be seen, a printer that runs out of paper."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pygame
import pytest
from gpiozero import LED, Button
from PIL import Image

from firmware_agent.hardware import HardwareError, Touch
from sim.control import ControlError
from sim.parts.pins import STATES_KEPT, SimPins
from sim.parts.printer import SimPrinter
from sim.parts.screen import SimScreen
from tests.support.waiting import await_condition

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")


@pytest.fixture
def pins() -> Iterator[SimPins]:
    made = SimPins(seed=7)
    yield made
    made.close()


def test_a_press_is_a_train_of_edges_told_by_another_thread(pins: SimPins) -> None:
    edges: list[tuple[str, str]] = []
    with Button(17, pin_factory=pins.factory) as button:
        button.when_pressed = lambda: edges.append(("down", threading.current_thread().name))
        button.when_released = lambda: edges.append(("up", threading.current_thread().name))
        for _ in range(10):
            pins.press(17, 0.02)
        assert not button.is_pressed
    downs = [edge for edge, _ in edges].count("down")
    assert downs == [edge for edge, _ in edges].count("up")
    assert downs > 10, "contacts bounce"
    assert threading.current_thread().name not in {name for _, name in edges}


def test_a_press_is_held_as_long_as_it_is_meant_to(pins: SimPins) -> None:
    with Button(17, pin_factory=pins.factory):
        start_s = time.monotonic()
        pins.press(17, 0.2)
        assert time.monotonic() - start_s >= 0.2


def test_the_same_seed_bounces_the_same() -> None:
    trains = []
    for _ in range(2):
        made = SimPins(seed=3)
        trains.append([made._train() for _ in range(5)])
        made.close()
    assert trains[0] == trains[1]


def test_lamps_can_be_seen(pins: SimPins) -> None:
    with LED(5, pin_factory=pins.factory) as lamp:
        assert not pins.lamp(5)
        lamp.on()
        assert pins.lamp(5)


def test_where_no_button_is_nothing_can_be_pressed(pins: SimPins) -> None:
    with LED(5, pin_factory=pins.factory), pytest.raises(ControlError):
        pins.press(5)


def test_memory_is_bounded(pins: SimPins) -> None:
    with Button(17, pin_factory=pins.factory):
        for _ in range(40):
            pins.press(17, 0.02)
        assert len(pins.factory.pin(17).states) <= STATES_KEPT


@pytest.fixture
def screen(tmp_path: Path) -> SimScreen:
    return SimScreen(320, 240, tmp_path / "frames", lambda: time.monotonic_ns() // 1_000_000)


def frames(screen: SimScreen, tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "frames").glob("*.png"))


def show(screen: SimScreen, colour: tuple[int, int, int]) -> None:
    screen.surface.fill(colour)
    screen.show()


def test_what_is_shown_can_be_seen(screen: SimScreen, tmp_path: Path) -> None:
    show(screen, (200, 30, 40))
    with Image.open(frames(screen, tmp_path)[-1]) as picture:
        assert picture.size == (320, 240)
        assert picture.convert("RGB").getpixel((5, 5)) == (200, 30, 40)


def test_the_same_picture_is_kept_once(screen: SimScreen, tmp_path: Path) -> None:
    for _ in range(5):
        show(screen, (1, 2, 3))
    assert len(frames(screen, tmp_path)) == 1


def test_a_hundred_pictures_in_a_moment_are_few_on_disk_but_the_last_is_there(
    screen: SimScreen, tmp_path: Path
) -> None:
    for red in range(101):
        show(screen, (red, 0, 0))

    def last_is_there() -> bool:
        with Image.open(frames(screen, tmp_path)[-1]) as picture:
            return picture.convert("RGB").getpixel((0, 0)) == (100, 0, 0)

    await_condition(last_is_there)
    assert len(frames(screen, tmp_path)) < 20


def test_touches_come_in_order_and_only_from_the_screen(screen: SimScreen) -> None:
    for x, y in ((1, 2), (400, 5), (30, 40)):
        screen.touch(x, y)
    assert screen.touches() == [Touch(1, 2), Touch(30, 40)]
    assert screen.touches() == []


def test_a_finger_that_rests_deafens_nobody_and_no_touch_is_told_twice(screen: SimScreen) -> None:
    assert os.environ["SDL_TOUCH_MOUSE_EVENTS"] == "0", "SDL makes a mouse of the first finger only"
    screen.rest(0, 0)
    assert screen.touches() == [Touch(0, 0)]
    screen.touch(30, 40, finger=1)
    screen.touch(99, 59, finger=2)
    for made_of_a_finger in (True, False):
        press = {"pos": (7, 8), "button": 1, "touch": made_of_a_finger}
        pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, press))
    edge = {"x": 1.0, "y": 1.0, "dx": 0.0, "dy": 0.0, "touch_id": 1, "finger_id": 3}
    pygame.event.post(pygame.event.Event(pygame.FINGERDOWN, edge))
    width, height = screen.surface.get_size()
    corner = Touch(width - 1, height - 1)
    assert screen.touches() == [Touch(30, 40), Touch(99, 59), Touch(7, 8), corner]


def test_a_printer_prints_until_the_paper_is_out(tmp_path: Path) -> None:
    printer = SimPrinter(tmp_path / "printed")
    slip = Image.new("1", (576, 100), 1)
    printer.print_image(slip)
    printer.paper_out = True
    with pytest.raises(HardwareError, match="hết giấy"):
        printer.print_image(slip)
    printer.paper_out = False
    printer.print_image(slip)
    assert [path.name for path in sorted((tmp_path / "printed").iterdir())] == [
        "ticket-0001.png",
        "ticket-0002.png",
    ]


def test_a_button_sticks_until_it_is_freed(pins: SimPins) -> None:
    with Button(17, pin_factory=pins.factory) as button:
        pins.hold(17)
        assert button.is_pressed
        pins.free(17)
        assert not button.is_pressed
        with pytest.raises(ControlError):
            pins.hold(5)


def test_a_loose_wire_makes_and_breaks_and_comes_to_rest_open(pins: SimPins) -> None:
    edges: list[str] = []
    with Button(17, pin_factory=pins.factory) as button:
        button.when_pressed = lambda: edges.append("down")
        button.when_released = lambda: edges.append("up")
        pins.chatter(17, 0.2, every_s=0.02)
        assert not button.is_pressed
    assert edges == ["down", "up"] * 5
