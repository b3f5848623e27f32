"""A number pad through Linux's input events: its keys by name, held keys once, plugs in and out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from evdev import ecodes as codes

from firmware_agent.hardware import HardwareError
from firmware_agent.pi import evdev_keypad
from firmware_agent.pi.evdev_keypad import KEYS, EvdevKeypad, _meant, find_pad


@dataclass
class Event:
    code: int
    type: int = 1
    value: int = 1


@dataclass
class Pad:
    """An input device as evdev gives it."""

    events: list[Event] = field(default_factory=list)
    name: str = "pad"
    gone: bool = False
    taken: bool = False
    closed: bool = False
    down: list[int] = field(default_factory=list)

    def grab(self) -> None:
        if self.taken:
            raise OSError(16, "busy")

    def read(self) -> Iterator[Any]:
        if self.gone:
            raise OSError(19, "No such device")
        if not self.events:
            raise BlockingIOError
        found, self.events = self.events, []
        return iter(found)

    def active_keys(self) -> list[int]:
        if self.gone:
            raise OSError(19, "No such device")
        return self.down

    def close(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evdev_keypad, "LOOK_AGAIN_S", 0.0)


def test_keys_have_names_and_a_held_key_is_one() -> None:
    pad = Pad([Event(71), Event(71, value=2), Event(71, value=0), Event(96), Event(30), Event(4, type=4)])
    keypad = EvdevKeypad(find=lambda _: pad)
    assert keypad.keys() == ["7", "enter"]
    assert keypad.keys() == []


def test_what_is_down_is_asked_of_the_kernel() -> None:
    pad = Pad(down=[71, 96, 28, 30])
    keypad = EvdevKeypad(find=lambda _: pad)
    assert keypad.held() == frozenset()
    assert keypad.keys() == []
    assert keypad.held() == {"7", "enter"}
    pad.gone = True
    assert keypad.held() == frozenset()


def test_the_codes_are_those_of_evdev() -> None:
    for figure in "0123456789":
        assert KEYS[codes.ecodes[f"KEY_KP{figure}"]] == figure
        assert KEYS[codes.ecodes[f"KEY_{figure}"]] == figure
    named = {
        "KPENTER": "enter",
        "KPPLUS": "+",
        "KPMINUS": "-",
        "KPASTERISK": "*",
        "KPSLASH": "/",
        "KPDOT": ".",
    }
    assert {name: KEYS[codes.ecodes[f"KEY_{name}"]] for name in named} == named
    assert (codes.EV_KEY, codes.KEY_KPENTER, codes.KEY_KP1, codes.KEY_A) == (1, 96, 79, 30)


def test_a_pad_that_was_pulled_out_is_taken_up_again() -> None:
    pads: list[Pad] = [Pad()]
    keypad = EvdevKeypad(find=lambda _: pads[-1] if pads else None)
    assert keypad.keys() == []
    pads.pop().gone = True
    with pytest.raises(HardwareError, match="rút ra"):
        keypad.keys()
    with pytest.raises(HardwareError, match="không thấy"):
        keypad.keys()
    pads.append(Pad([Event(78)]))
    assert keypad.keys() == ["+"]
    keypad.close()
    assert pads[0].closed


def test_a_pad_that_another_program_holds_is_said() -> None:
    with pytest.raises(HardwareError, match="giữ"):
        EvdevKeypad(find=lambda _: Pad(taken=True)).keys()


def test_nobodys_keyboard_is_taken_unasked() -> None:
    keys = {96, 79}
    assert _meant("", "some pad", keys)
    assert not _meant("", "a whole keyboard", keys | {30})
    assert _meant("1234:ABCD", "a whole keyboard 1234:abcd", keys | {30})
    assert not _meant("other", "some pad", keys)
    assert not _meant("", "a mouse", {272})


def test_where_there_is_no_pad_none_is_found() -> None:
    assert find_pad("a pad that nobody makes") is None
