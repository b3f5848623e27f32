"""The rating node: one press, one fact on disk, then thanks; never thanks without the fact."""

from __future__ import annotations

import threading

import pytest

from firmware_agent.settings import SettingsError, check_settings
from kiosk_ui.rating import RatingNode
from kiosk_ui.rating_layout import level_boxes
from kiosk_ui.rating_settings import RatingSettings
from tests.kiosk_ui.stand import Stand
from tests.support.waiting import await_condition
from wire.facts import RatingPressed
from wire.intents import Serving

SETTINGS = RatingSettings(thanks_s=0.5)


def run(stand: Stand) -> None:
    stand.start(RatingNode(stand.context(SETTINGS)))
    await_condition(stand.shown)


def levels(stand: Stand) -> list[int]:
    return [body.level for body in stand.facts.bodies() if isinstance(body, RatingPressed)]


def lamps(stand: Stand) -> list[bool]:
    return [stand.sim_pins.lamp(pin) for pin in SETTINGS.lamps]


def test_each_button_is_its_level(stand: Stand) -> None:
    run(stand)
    for pin in SETTINGS.pins:
        stand.sim_pins.press(pin, 0.05)
    await_condition(lambda: len(levels(stand)) == 4)
    assert levels(stand) == [1, 2, 3, 4]


def test_thirty_presses_are_thirty_facts(stand: Stand) -> None:
    run(stand)
    for number in range(30):
        stand.sim_pins.press(SETTINGS.pins[number % 2], 0.05)
    await_condition(lambda: len(levels(stand)) >= 30)
    stand.end()
    assert levels(stand) == [1 + number % 2 for number in range(30)]


def test_two_buttons_in_one_moment_both_count(stand: Stand) -> None:
    run(stand)
    hands = [threading.Thread(target=stand.sim_pins.press, args=[pin, 0.1]) for pin in SETTINGS.pins[:2]]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    await_condition(lambda: sorted(levels(stand)) == [1, 2])


def test_the_lamp_thanks_and_goes_out(stand: Stand) -> None:
    run(stand)
    stand.sim_pins.press(SETTINGS.pins[2], 0.05)
    await_condition(lambda: lamps(stand) == [False, False, True, False])
    await_condition(lambda: not any(lamps(stand)))


def test_a_press_that_cannot_be_kept_is_not_thanked(stand: Stand) -> None:
    stand.facts.full = True
    run(stand)
    stand.sim_pins.press(SETTINGS.pins[0], 0.05)
    await_condition(stand.problems.texts)
    assert "thẻ nhớ" in stand.problems.texts()[0]
    assert levels(stand) == []
    assert not any(lamps(stand))
    stand.facts.full = False
    stand.sim_pins.press(SETTINGS.pins[1], 0.05)
    await_condition(lambda: levels(stand) == [2])
    await_condition(lambda: not stand.problems.texts())


def test_a_press_names_the_visit_that_it_belongs_to(stand: Stand) -> None:
    stand.documents.lay(
        Serving(counter="quay-1", counter_name="Quầy 1", officer="can-bo", ticket="t-7", number="A007")
    )
    run(stand)
    stand.sim_pins.press(SETTINGS.pins[0], 0.05)
    await_condition(stand.facts.bodies)
    (body,) = stand.facts.bodies()
    assert (body.counter, body.ticket, body.officer, body.source) == ("quay-1", "t-7", "can-bo", "button")


def test_without_a_document_the_device_stands_for_the_counter(stand: Stand) -> None:
    run(stand)
    stand.sim_pins.press(SETTINGS.pins[0], 0.05)
    await_condition(stand.facts.bodies)
    (body,) = stand.facts.bodies()
    assert (body.counter, body.ticket) == ("quay-1-pi", None)


def test_touch_counts_where_a_level_stands(stand: Stand) -> None:
    run(stand)
    assert stand.sim_screen is not None
    boxes = level_boxes(SETTINGS.width, SETTINGS.height, 4)
    stand.sim_screen.touch(5, 5)
    stand.sim_screen.touch(*boxes[3].centre)
    await_condition(lambda: levels(stand) == [4])
    (body,) = stand.facts.bodies()
    assert body.source == "touch"


def test_a_double_tap_is_one_press(stand: Stand) -> None:
    run(stand)
    assert stand.sim_screen is not None
    box = level_boxes(SETTINGS.width, SETTINGS.height, 4)[0]
    for _ in range(5):
        stand.sim_screen.touch(*box.centre)
    await_condition(lambda: levels(stand))
    stand.end()
    assert levels(stand) == [1]


@pytest.mark.parametrize("pins", [[17, 17, 22, 23], [17, 27, 22, 99], [5, 27, 22, 23], [17]])
def test_pins_that_cannot_be_are_refused(pins: list[int]) -> None:
    with pytest.raises(SettingsError):
        check_settings({"pins": pins}, RatingSettings, "device.toml")
