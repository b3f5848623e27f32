"""The rating node as citizens use it: corrections, reasons, ill buttons, who is served, the exit."""

from __future__ import annotations

import threading
import time
from typing import Any

import msgspec
import pytest

from firmware_agent.node import Sight
from firmware_agent.settings import SettingsError, check_settings
from kiosk_ui.catalogue import load_catalogue
from kiosk_ui.rating import REST_S, RatingNode
from kiosk_ui.rating_layout import language_box, level_boxes, middle_box, reason_boxes
from kiosk_ui.rating_settings import LAMPS, PINS, REASONS, RatingSettings
from tests.kiosk_ui.stand import Stand
from tests.support.waiting import await_condition
from wire.facts import ButtonFailed, ButtonRecovered, RatingPressed, RatingReasoned
from wire.intents import Serving

SIZE = (800, 480)
QUICK = {"width": SIZE[0], "height": SIZE[1], "thanks_s": 0.5, "reason_s": 3.0}
NOBODY = Serving(counter="quay-1", counter_name="Quầy 1")
ON = Serving(counter="quay-1", counter_name="Quầy 1", officer="can-bo", ticket="t-7", number="A007")


def run(stand: Stand, **said: Any) -> RatingSettings:
    settings = check_settings({**QUICK, **said}, RatingSettings, "device.toml")
    stand.start(RatingNode(stand.context(settings)))
    if settings.screen:
        await_condition(stand.shown)
    return settings


def presses(stand: Stand) -> list[RatingPressed]:
    return [body for body in stand.facts.bodies() if isinstance(body, RatingPressed)]


def reasons(stand: Stand) -> list[RatingReasoned]:
    return [body for body in stand.facts.bodies() if isinstance(body, RatingReasoned)]


def press(stand: Stand, pin: int) -> RatingPressed:
    """Press and wait for the fact."""
    time.sleep(0.06)  # a contact that has just opened may still bounce
    before = len(presses(stand))
    stand.sim_pins.press(pin, 0.05)
    await_condition(lambda: len(presses(stand)) > before)
    return presses(stand)[-1]


def touch(stand: Stand, at: tuple[int, int]) -> None:
    assert stand.sim_screen is not None
    time.sleep(REST_S + 0.1)  # a finger that is not counted with the one before
    stand.sim_screen.touch(*at)


def face(level: int, levels: int = 4) -> tuple[int, int]:
    return level_boxes(*SIZE, levels)[level - 1].centre


def test_another_button_corrects_and_the_same_one_repeats(stand: Stand) -> None:
    settings = run(stand)
    first, second, third = (press(stand, settings.pins[place]) for place in (0, 1, 1))
    assert (first.corrects, second.corrects, third.corrects) == (None, first.press, None)
    assert [each.marks for each in (first, second, third)] == [[], [], ["repeat"]]
    assert len({each.press for each in (first, second, third)}) == 3


def test_pounding_is_kept_whole_and_marked(stand: Stand) -> None:
    settings = run(stand)
    for _ in range(8):
        stand.sim_pins.press(settings.pins[3], 0.05)
        time.sleep(0.06)
    await_condition(lambda: len(presses(stand)) == 8)
    assert ["burst" in each.marks for each in presses(stand)] == [False] * 5 + [True] * 3


def test_a_low_answer_may_be_given_a_reason_for_by_one_tap(stand: Stand) -> None:
    settings = run(stand)
    low = press(stand, settings.pins[3])
    touch(stand, reason_boxes(*SIZE, len(REASONS))[1].centre)
    await_condition(lambda: reasons(stand))
    assert reasons(stand) == [RatingReasoned(counter="quay-1-pi", press=low.press, reason="procedure")]


def test_a_reason_may_be_skipped_or_the_answer_changed_by_touch(stand: Stand) -> None:
    run(stand, buttons=False)
    touch(stand, face(4))
    await_condition(lambda: len(presses(stand)) == 1)
    touch(stand, middle_box(*SIZE).centre)
    touch(stand, face(2))
    await_condition(lambda: len(presses(stand)) == 2)
    low, better = presses(stand)
    assert (better.level, better.corrects, better.source) == (2, low.press, "touch")
    assert reasons(stand) == []


def test_ten_fingers_are_one_answer(stand: Stand) -> None:
    run(stand, buttons=False)
    assert stand.sim_screen is not None
    for finger in range(10):
        stand.sim_screen.touch(*face(1 + finger % 4))
    await_condition(lambda: presses(stand))
    stand.end()
    assert [each.level for each in presses(stand)] == [1]


def test_while_nobody_is_served_it_is_calm_and_a_press_is_kept_with_a_mark(stand: Stand) -> None:
    stand.documents.lay(NOBODY)
    settings = run(stand)
    touch(stand, face(1))  # the calm picture wakes
    kept = press(stand, settings.pins[0])
    assert (kept.source, kept.ticket, kept.marks) == ("button", None, ["nobody-served"])
    assert len(presses(stand)) == 1


def test_a_visit_that_has_just_ended_may_be_rated_until_the_window_closes(stand: Stand) -> None:
    stand.documents.lay(ON)
    settings = run(stand, window_s=5, correct_s=0)
    stand.documents.lay(msgspec.structs.replace(ON, ended_at_ms=stand.clock.wall_ms()))
    kept = press(stand, settings.pins[0])
    assert (kept.ticket, kept.officer, kept.marks) == ("t-7", "can-bo", [])
    time.sleep(5.2)
    late = press(stand, settings.pins[0])
    assert (late.ticket, late.marks) == (None, ["nobody-served"])


def test_while_the_hub_is_away_nobody_is_called_absent(stand: Stand) -> None:
    stand.documents.lay(NOBODY)
    stand.sight = Sight(connected=False)
    settings = run(stand)
    assert press(stand, settings.pins[0]).marks == ["hub-away"]
    stand.sight = Sight(connected=True, silent_ms=60_000, backlog=1)
    assert "hub-away" in press(stand, settings.pins[1]).marks


def test_a_panel_by_the_way_out_belongs_to_no_visit(stand: Stand) -> None:
    stand.documents.lay(NOBODY)
    settings = run(stand, place_kind="exit")
    kept = press(stand, settings.pins[2])
    assert (kept.source, kept.ticket, kept.marks) == ("exit", None, [])


def test_a_stuck_button_is_one_press_then_a_fault_and_the_others_go_on(stand: Stand) -> None:
    settings = run(stand, stuck_after_s=1.0)
    stand.sim_pins.hold(settings.pins[3])
    await_condition(lambda: any("bị kẹt" in text for text in stand.problems.texts()))
    press(stand, settings.pins[0])
    stand.sim_pins.free(settings.pins[3])
    await_condition(lambda: not stand.problems.texts())
    stand.end()
    assert [each.level for each in presses(stand)] == [4, 1]
    told = [body for body in stand.facts.bodies() if isinstance(body, ButtonFailed | ButtonRecovered)]
    assert [type(each) for each in told] == [ButtonFailed, ButtonRecovered]
    assert told[0] == ButtonFailed(counter="quay-1-pi", level=4, fault="stuck")


def test_a_loose_wire_is_left_out_and_reported(stand: Stand) -> None:
    settings = run(stand)
    wire = threading.Thread(target=stand.sim_pins.chatter, args=[settings.pins[1], 5.0, 0.055])
    wire.start()
    await_condition(lambda: any("tiếp xúc kém" in text for text in stand.problems.texts()))
    at_fault = len(presses(stand))
    press(stand, settings.pins[0])
    wire.join()
    assert len(presses(stand)) <= at_fault + 2, "its presses end when the fault is found"
    assert [body for body in presses(stand) if not body.marks and body.level == 2] == presses(stand)[:1]


@pytest.mark.parametrize(("scale", "levels"), [("vi3", 3), ("vi4", 4), ("vi5", 5)])
def test_a_scale_has_as_many_buttons_lamps_and_faces(stand: Stand, scale: str, levels: int) -> None:
    settings = run(stand, scale=scale)
    assert (settings.pins, settings.lamps) == (PINS[:levels], LAMPS[:levels])
    kept = press(stand, settings.pins[-1])
    assert (kept.scale, kept.level) == (scale, levels)
    assert [stand.sim_pins.lamp(pin) for pin in settings.lamps] == [False] * (levels - 1) + [True]


def test_without_a_screen_the_lamps_answer(stand: Stand) -> None:
    settings = run(stand, screen=False)
    await_condition(lambda: stand.sim_pins.factory.pin(settings.pins[1]).pull == "up")
    press(stand, settings.pins[1])
    await_condition(lambda: stand.sim_pins.lamp(settings.lamps[1]))
    assert stand.sim_screen is None


def test_another_language_is_one_touch_away(stand: Stand) -> None:
    settings = run(stand, language_s=5.0)
    frames = stand.shown()
    touch(stand, language_box(*SIZE).centre)
    await_condition(lambda: stand.shown() > frames)
    press(stand, settings.pins[0])


def test_a_catalogue_with_a_missing_text_runs_and_says_so(stand: Stand) -> None:
    (stand.directory.parent / "khmer.toml").write_text(
        '[language]\nid = "km"\nname = "Khmer"\n[rating]\nquestion = "?"\n', encoding="utf-8"
    )
    settings = run(stand, catalogue="khmer.toml", reasons=["waiting", "parking"])
    press(stand, settings.pins[0])
    (text,) = stand.problems.texts()
    assert "thiếu" in text
    assert any("reason.parking" in line for line in RatingNode.check(settings, stand.directory))
    assert load_catalogue("km", stand.directory.parent / "khmer.toml")("rating.thanks") == "Cảm ơn ông/bà!"


@pytest.mark.parametrize(
    "said",
    [
        {"scale": "vi7"},
        {"scale": "vi5", "pins": [17, 27, 22, 23]},
        {"buttons": False, "screen": False},
        {"buttons": False, "pins": [17]},
        {"catalogue": "../khmer.toml"},
        {"reasons": ["waiting"] * 7},
    ],
)
def test_settings_that_cannot_be_are_refused(said: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        check_settings(said, RatingSettings, "device.toml")


def test_every_press_is_answered_by_its_own_lamp_though_it_does_not_count(stand: Stand) -> None:
    settings = run(stand, burst_presses=2, thanks_s=5.0)
    for place in (0, 1, 0, 1):
        press(stand, settings.pins[place])
        await_condition(
            lambda place=place: (  # type: ignore[misc]
                [stand.sim_pins.lamp(pin) for pin in settings.lamps] == [each == place for each in range(4)]
            )
        )
