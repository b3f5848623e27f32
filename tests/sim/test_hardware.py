"""The simulated hardware of a node: parts come when asked for, hands reach only the parts that are there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from firmware_agent.registry import hardware_driver
from sim.clock import SimClock, begin_run, read_start
from sim.control import Arrive, ControlError, Hands, Leave, Look, Press, Touch
from sim.hardware import SimHardware


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
