"""The simulated hardware of a node: parts come when asked for, hands reach only the parts that are there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from firmware_agent.hardware import HardwareError
from firmware_agent.registry import hardware_driver
from sim.clock import SimClock, begin_run, read_start
from sim.control import Arrive, ControlError, Ear, Hands, Leave, Look, Press, Sound, Touch
from sim.hardware import SimHardware
from sim.parts.heard import HeardFile


@pytest.fixture
def control() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="c-", dir="/tmp") as path:
        yield Path(path)


@pytest.fixture
def hardware(tmp_path: Path, control: Path) -> Iterator[SimHardware]:
    begin_run(tmp_path)
    made = SimHardware(
        {"run": tmp_path, "control": control, "seed": 5}, "quay-1-pi", "camera", tmp_path / "node"
    )
    (tmp_path / "node").mkdir()
    yield made
    made.close()


def test_it_is_the_driver_called_sim() -> None:
    assert hardware_driver("sim") is SimHardware


def test_wrong_options_are_all_named(tmp_path: Path) -> None:
    options = {"run": tmp_path, "control": Path("/" + "x" * 60), "seed": -1, "colour": "red"}
    with pytest.raises(ValidationError) as caught:
        SimHardware(options, "a", "b", tmp_path)
    assert {error["loc"][0] for error in caught.value.errors()} == {"control", "seed", "colour"}


def test_nothing_listens_before_a_part_is_asked_for(hardware: SimHardware, control: Path) -> None:
    assert not Hands(control, "quay-1-pi", "camera").reachable()
    assert list(control.iterdir()) == []


def test_people_come_and_the_camera_sees(hardware: SimHardware, control: Path) -> None:
    hands = Hands(control, "quay-1-pi", "camera")
    capture = hardware.camera(160, 120, 20.0)
    assert hands.do(Look()).frame is None
    there, frame = capture.read()
    assert there
    assert frame.shape == (120, 160, 3)
    seen = hands.do(Look()).frame
    assert seen is not None
    assert Path(seen).read_bytes().startswith(b"\xff\xd8")
    hands.do(Arrive())
    hands.do(Leave())
    capture.release()


def test_hands_do_not_find_parts_that_are_not_there(hardware: SimHardware, control: Path) -> None:
    hardware.camera(160, 120, 20.0).release()
    hands = Hands(control, "quay-1-pi", "camera")
    for command in (Press(17), Touch(1, 1)):
        with pytest.raises(ControlError, match="không có"):
            hands.do(command)


def test_after_the_end_nobody_is_reached(hardware: SimHardware, control: Path) -> None:
    hardware.camera(160, 120, 20.0).release()
    hardware.close()
    assert not Hands(control, "quay-1-pi", "camera").reachable()


def test_a_clock_may_be_wrong_and_not_know(tmp_path: Path) -> None:
    right, wrong = SimClock(), SimClock(ahead_s=-86_400, is_synced=False)
    assert right.synced()
    assert not wrong.synced()
    assert -86_400_500 < wrong.wall_ms() - right.wall_ms() < -86_399_500


def test_the_run_has_one_time_line(tmp_path: Path) -> None:
    start = begin_run(tmp_path)
    again = read_start(tmp_path)
    assert again == start
    assert 0 <= again.now_s() < 5
    assert start.since_s(start.at_wall_ms(12.5)) == 12.5
    (tmp_path / "start.json").write_text("{}")
    with pytest.raises(ValueError, match=r"start\.json"):
        read_start(tmp_path)


def test_ears_hear_the_own_and_the_neighbours_loudspeaker(tmp_path: Path, control: Path) -> None:
    begin_run(tmp_path)
    sounded = {"loa-1/speaker/heard": 1_000, "loa-1/speaker/clamps": 1_500, "loa-2/speaker/heard": 20_000}
    for path, size in sounded.items():
        heard = HeardFile(tmp_path / f"{path}.wav", 22_050, now_s=0.0)
        heard.write(0, np.full(22_050, size, np.int16))
        heard.close()
    options = {"run": str(tmp_path), "control": str(control), "microphone_m": 2.0, "sense": True}
    hears = {"microphone_hears": {"loa-2": 4.0}}
    hardware = SimHardware(options | hears, "loa-1", "speaker", tmp_path / "loa-1" / "speaker")
    ear, clamps = hardware.microphone("microphone"), hardware.microphone("sense")
    assert ear is not None
    assert clamps is not None
    assert set(ear.record(0.5, 100, 22_050).tolist()) == {500 + 5_000}
    assert set(clamps.record(0.5, 100, 22_050).tolist()) == {1_500}
    hands = Hands(control, "loa-1", "speaker")
    hands.do(Ear(gain=100.0))
    assert set(ear.record(0.5, 100, 22_050).tolist()) == {32_767}
    hands.do(Ear("sense", deaf=True))
    assert not clamps.record(0.5, 100, 22_050).any()
    hardware.close()
    none = SimHardware({**options, "microphone_m": 0.0, "sense": False}, "loa-3", "speaker", tmp_path)
    assert none.microphone("microphone") is None
    assert none.microphone("sense") is None


def test_hands_reach_the_sound_card_and_its_amplifier(tmp_path: Path, control: Path) -> None:
    begin_run(tmp_path)
    options = {"run": str(tmp_path), "control": str(control), "sound_skew_ppm": 80, "sound_plugged": False}
    hardware = SimHardware(options, "loa-1", "speaker", tmp_path)
    card: Any = hardware.sound_card()
    hands = Hands(control, "loa-1", "speaker")
    assert card.crystal.skew_ppm == 80
    with pytest.raises(HardwareError):
        card.open_output(22_050, 512, lambda *_: None)
    hands.do(Sound(plugged=True, lose_s=0.2))
    assert (card.unplugged, card.gain, card.take_lost_s()) == (False, 1.0, 0.2)
    hands.do(Sound(gain=0.0))
    assert (card.unplugged, card.gain, card.take_lost_s()) == (False, 0.0, 0.0)
    hardware.close()
