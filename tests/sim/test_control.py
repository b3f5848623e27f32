"""The control socket: commands are checked, garbage harms nothing."""

from __future__ import annotations

import contextlib
import json
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.control import (
    LINE_BYTES_MAX,
    Answer,
    Command,
    ControlError,
    ControlServer,
    Hands,
    Look,
    Press,
    Touch,
    read_command,
    socket_path,
)
from tests.support.waiting import HANGS_S


@pytest.fixture
def short() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="c-", dir="/tmp") as path:
        yield Path(path)


class Device:
    """Notes what was done to it; cannot be touched."""

    def __init__(self) -> None:
        self.done: list[Command] = []

    def do(self, command: Command) -> Answer:
        if isinstance(command, Touch):
            raise ControlError("no screen")
        if isinstance(command, Press) and command.pin == 13:
            raise RuntimeError("broken")
        self.done.append(command)
        return Answer(ok=True, lamps={17: True}) if isinstance(command, Look) else Answer(ok=True)


@pytest.fixture
def device(short: Path) -> Iterator[Device]:
    made = Device()
    server = ControlServer(socket_path(short, "quay-1-pi", "rating"), made.do)
    yield made
    server.close()


def raw(short: Path, data: bytes, answers: int) -> list[dict[str, object]]:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(HANGS_S)
        connection.connect(str(socket_path(short, "quay-1-pi", "rating")))
        connection.sendall(data)
        lines = connection.makefile("rb")
        return [json.loads(lines.readline()) for _ in range(answers)]


def test_hands_press_and_hear_that_it_is_done(short: Path, device: Device) -> None:
    hands = Hands(short, "quay-1-pi", "rating")
    assert hands.do(Press(17)).ok
    assert device.done == [Press(17, 0.15)]
    assert hands.do(Look([17])).lamps == {17: True}


def test_what_a_device_cannot_do_is_an_error(short: Path, device: Device) -> None:
    hands = Hands(short, "quay-1-pi", "rating")
    with pytest.raises(ControlError, match="no screen"):
        hands.do(Touch(1, 2))
    with pytest.raises(ControlError, match="broken"):
        hands.do(Press(13))
    assert hands.reachable()


def test_a_device_that_is_off_is_an_error(short: Path) -> None:
    hands = Hands(short, "quay-9-pi", "rating")
    assert not hands.reachable()
    with pytest.raises(ControlError, match="quay-9-pi"):
        hands.do(Press(17))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"garbage",
        b"\xff\xfe",
        b"[]",
        b'{"do": "explode"}',
        b'{"do": "press"}',
        b'{"do": "press", "pin": -1}',
        b'{"do": "press", "pin": 17, "hold_s": 1e9}',
        b'{"do": "press", "pin": 17, "more": 1}',
        b'{"do": "touch", "x": 1.5, "y": 2}',
        b'{"do": "look", "pins": [' + b"1," * 40 + b"1]}",
    ],
)
def test_bad_lines_are_refused_and_the_next_one_is_done(short: Path, device: Device, line: bytes) -> None:
    answers = raw(short, line + b'\n{"do": "press", "pin": 17}\n', 2)
    assert [answer["ok"] for answer in answers] == [False, True]
    assert answers[0]["error"]
    assert device.done == [Press(17)]


def test_an_oversized_line_is_refused_whole(short: Path, device: Device) -> None:
    long = b'{"do": "press", "pin": 17, "x": "' + b"a" * (3 * LINE_BYTES_MAX) + b'"}\n'
    answers = raw(short, long + b'{"do": "press", "pin": 4}\n', 2)
    assert [answer["ok"] for answer in answers] == [False, True]
    assert device.done == [Press(4)]


@given(st.binary(max_size=200))
def test_any_bytes_are_a_command_or_refused(line: bytes) -> None:
    with contextlib.suppress(ControlError):
        assert read_command(line) is not None


def test_a_restarted_node_takes_its_socket_again(short: Path, device: Device) -> None:
    again = Device()
    server = ControlServer(socket_path(short, "quay-1-pi", "rating"), again.do)
    Hands(short, "quay-1-pi", "rating").do(Press(17))
    assert again.done == [Press(17)]
    assert device.done == []
    server.close()


def test_a_path_too_long_for_a_socket_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="107"):
        socket_path(tmp_path / ("d" * 100), "quay-1-pi", "rating")
