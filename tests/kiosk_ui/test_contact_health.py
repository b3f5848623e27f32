"""Ill contacts: stuck, shorted, chattering; found, forgiven when they behave, and never a lively hand."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_ui.contact_health import CALM_CHATTER_S, CALM_S, ContactHealth, Reading

LOOK_S = 0.025
STUCK_S = 20.0


class Line:
    """A contact over time: told when it goes down and up, looked at as the node looks."""

    def __init__(self, down: bool = False) -> None:
        self.health = ContactHealth(STUCK_S)
        self.now_s = 0.0
        self.down = down
        self.edges = self.presses = 0
        self.found: list[str | None] = []

    def stay(self, for_s: float) -> None:
        until_s = self.now_s + for_s
        while self.now_s < until_s:
            self.now_s += LOOK_S
            if self.health.look(self.now_s, Reading(self.down, self.edges, self.presses)):
                self.found.append(self.health.fault)

    def press(self, hold_s: float = 0.1, bounces: int = 12, open_s: float = 0.1) -> None:
        self.down = True
        self.edges += 1 + bounces
        self.presses += 1
        self.stay(hold_s)
        self.down = False
        self.edges += 1 + bounces
        self.stay(open_s)


def test_a_key_that_is_held_for_an_hour_is_stuck_and_well_again_when_it_comes_up() -> None:
    line = Line()
    line.stay(1)
    line.press(hold_s=3_600, open_s=CALM_S + 0.1)
    assert line.found == ["stuck", None]
    assert line.health.edges_left_out == 13, "the edges of its coming up"


def test_a_wire_that_is_shorted_since_the_start_is_told_apart() -> None:
    line = Line(down=True)
    line.stay(STUCK_S + 0.1)
    assert line.found == ["shorted"]


def test_a_loose_wire_chatters_until_it_has_been_still_for_a_while() -> None:
    line = Line()
    for _ in range(40):
        line.press(hold_s=0.025, bounces=0, open_s=0.05)
    assert line.found == ["chattering"]
    line.stay(CALM_CHATTER_S + 0.1)
    assert line.found == ["chattering", None]
    assert line.health.edges_left_out > 0


def test_hum_on_the_line_is_chattering_though_no_press_comes_of_it() -> None:
    line = Line()
    for _ in range(200):
        line.edges += 6
        line.stay(LOOK_S)
    assert line.found == ["chattering"]


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), hold_s=st.floats(0.05, 2.0), open_s=st.floats(0.05, 1.0))
def test_no_hand_is_taken_for_a_fault(seed: int, hold_s: float, open_s: float) -> None:
    chance = random.Random(seed)
    hold_s, open_s = max(hold_s, 0.0625), max(open_s, 0.0625)
    line = Line()
    for _ in range(40):
        line.press(hold_s * chance.uniform(1, 2), chance.randint(0, 12), open_s * chance.uniform(1, 2))
    assert line.found == []


@pytest.mark.parametrize("hold_s", [STUCK_S - 1, STUCK_S + 1])
def test_a_press_is_stuck_only_after_its_time(hold_s: float) -> None:
    line = Line()
    line.stay(1)
    line.press(hold_s=hold_s, open_s=3)
    assert bool(line.found) == (hold_s > STUCK_S)
