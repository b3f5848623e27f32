"""Officers in a scenario do all that a visit needs, and number pads have keys."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from firmware_agent.hardware import HardwareError
from firmware_agent.settings import SettingsError, read_toml
from kiosk_ui.keys import KeysSettings
from sim import acts
from sim.clock import begin_run, read_start
from sim.commune import Commune
from sim.control import ControlError, Hands
from sim.doing import Doer, _order
from sim.expand import expand
from sim.hardware import SimHardware
from sim.parts.keypad import SimKeypad
from sim.scenario import check_scenario, shipped_scenarios
from sim.truth import Truth, read_truth
from tests.kiosk_ui.at_counter import AWAY, DESK, Counter
from tests.kiosk_ui.stand import Stand
from wire.facts import ButtonFailed, ButtonRecovered, TicketCalled, TicketEnded, TicketRecalled


def scenario(*events: dict[str, Any]) -> dict[str, Any]:
    values = read_toml(shipped_scenarios()["commune_day"])
    pad = {"name": "phim-1", "place": "quay-1", "nodes": ["keys"]}
    return {**values, "devices": [*values["devices"], pad], "events": list(events)}


def acts_of(*events: dict[str, Any]) -> list[acts.Act]:
    return expand(check_scenario(scenario(*events), "test"), seed=1)


def test_every_handling_becomes_an_order_of_the_api() -> None:
    events: list[dict[str, Any]] = [
        {"do": "recall", "at": 1},
        {"do": "missed", "at": 2},
        {"do": "park", "at": 3, "reason": "Thiếu giấy tờ"},
        {"do": "return", "at": 4},
        {"do": "transfer", "at": 5, "to_counter": "quay-2", "counters": ["quay-1"]},
    ]
    made = acts_of(*events)
    assert [_order(act) for act in made if isinstance(act, acts.Handle)] == [
        ("recall", "recall", None),
        ("missed", "missed", None),
        ("park", "park", {"reason": "Thiếu giấy tờ"}),
        ("return", "return", None),
        ("transfer", "transfer", {"to_field": None, "to_counter": "quay-2"}),
    ]
    assert {act.actor for act in made} == {"quay-1"}


def test_keys_are_pressed_where_a_pad_is() -> None:
    assert acts_of({"do": "keys", "at": 1, "names": ["7", "enter"]}) == [
        acts.Keys(at_s=1.0, device="phim-1", names=("7", "enter"))
    ]


def test_luck_lays_things_on_keys_and_lifts_them_off() -> None:
    made = acts_of(
        {"do": "hold", "at": 1, "name": "enter"}, {"do": "hold", "at": 2, "name": "0", "down": False}
    )
    assert made == [
        acts.Hold(at_s=1.0, device="phim-1", name="enter", down=True),
        acts.Hold(at_s=2.0, device="phim-1", name="0", down=False),
    ]
    assert {act.actor for act in made} == {"luck"}


def test_luck_befalls_sound_cards_where_loudspeakers_are() -> None:
    made = acts_of(
        {"do": "sound", "at": 1, "gain": 0.0, "devices": ["loa-dong-1"]},
        {"do": "sound", "at": 2, "plugged": False, "lose_s": 0.5, "devices": ["loa-dong-1"]},
        {"do": "sound", "at": 3, "horn": False, "devices": ["loa-dong-1"]},
        {"do": "ear", "at": 4, "deaf": True, "devices": ["loa-dong-1"]},
    )
    assert made == [
        acts.Sound(at_s=1.0, device="loa-dong-1", plugged=None, gain=0.0, lose_s=0.0),
        acts.Sound(at_s=2.0, device="loa-dong-1", plugged=False, gain=None, lose_s=0.5),
        acts.Sound(at_s=3.0, device="loa-dong-1", horn=False),
        acts.Ear(at_s=4.0, device="loa-dong-1", deaf=True),
    ]
    assert {act.actor for act in made} == {"luck"}


@pytest.mark.parametrize(
    ("event", "named"),
    [
        ({"do": "transfer", "at": 1}, "to_field"),
        ({"do": "park", "at": 1, "to_counter": "quay-2"}, "to_field"),
        ({"do": "transfer", "at": 1, "to_counter": "quay-99"}, "quay-99"),
        ({"do": "transfer", "at": 1, "to_field": "may-bay"}, "may-bay"),
        ({"do": "keys", "at": 1, "names": ["7"], "devices": ["quay-1-pi"]}, "quay-1-pi"),
        ({"do": "keys", "at": 1, "names": ["7", "escape"]}, "backspace enter"),
        ({"do": "hold", "at": 1, "name": "escape"}, "backspace enter"),
        ({"do": "hold", "at": 1, "name": "enter", "devices": ["quay-1-pi"]}, "quay-1-pi"),
        ({"do": "sound", "at": 1, "gain": 0, "devices": ["quay-1-pi"]}, "quay-1-pi"),
    ],
)
def test_what_cannot_be_done_is_named(event: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError) as caught:
        acts_of(event)
    assert named in str(caught.value.report())


def test_a_pad_that_is_out_hears_nothing() -> None:
    pad = SimKeypad()
    pad.press(["1", "enter"])
    assert pad.keys() == ["1", "enter"]
    pad.plug(False)
    pad.press(["2"])
    with pytest.raises(HardwareError):
        pad.keys()
    pad.plug(True)
    assert pad.keys() == []
    pad.hold("enter")
    assert (pad.keys(), pad.held()) == (["enter"], frozenset({"enter"}))
    pad.plug(False)
    assert pad.held() == frozenset()
    pad.free("enter")
    pad.plug(True)
    assert (pad.keys(), pad.held()) == ([], frozenset())
    for act in (pad.press, lambda names: pad.hold(*names), lambda names: pad.free(*names)):
        with pytest.raises(ControlError, match="escape"):
            act(["escape"])


@dataclass
class AtThePad:
    """Of a commune, a person's hands at the number pad of a counter."""

    control: Path

    def hands(self, device: str, node: str) -> Hands:
        return Hands(self.control, device, node)


@pytest.fixture
def hardware(tmp_path: Path) -> Iterator[tuple[SimHardware, Path]]:
    begin_run(tmp_path)
    with tempfile.TemporaryDirectory(prefix="c-", dir="/tmp") as control:
        options = {"run": tmp_path, "control": Path(control), "seed": 5}
        made = SimHardware(options, "phim-1", "keys", tmp_path)
        yield made, Path(control)
        made.close()


def test_a_key_that_something_lies_on_is_told_and_left_out(
    tmp_path: Path, hardware: tuple[SimHardware, Path]
) -> None:
    """From the scenario to the counter's facts: through the doer, the control door, the pad and the node."""
    simulated, control = hardware
    stand = Stand(tmp_path, sight=AWAY)
    stand.sim_keypad = cast(SimKeypad, simulated.keypad())
    stand.documents.lay(DESK)
    counter = Counter(stand, KeysSettings(stuck_after_s=2.0))
    truth = Truth(tmp_path, read_start(tmp_path))
    doer = Doer(cast(Commune, AtThePad(control)), truth)
    happens = acts_of(
        {"do": "hold", "at": 1, "name": "enter"},
        {"do": "keys", "at": 4, "names": ["enter", "*"]},
        {"do": "hold", "at": 5, "name": "enter", "down": False},
        {"do": "keys", "at": 12, "names": ["enter"]},
    )
    told: list[bool] = []
    for second in range(14):
        for act in happens:
            assert act.at_s != second or doer.do(act)
        for _ in range(20):
            counter.step(0.05)
        told.append(any("Enter" in text for text in stand.problems.texts()))
    assert told == [3 <= second < 6 for second in range(14)], "from two seconds on until it is up, and still"
    assert [type(each) for each in counter.facts()] == [
        TicketCalled,
        ButtonFailed,
        TicketRecalled,
        ButtonRecovered,
        TicketEnded,
        TicketCalled,
    ]
    did = [(line["do"], line.get("name"), line.get("down")) for line in read_truth(tmp_path)]
    keys = ("keys", None, None)
    assert did == [("hold", "enter", True), keys, ("hold", "enter", False), keys]
    truth.close()
    stand.close()
