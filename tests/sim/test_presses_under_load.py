"""A machine that is too busy for its threads makes no press into two, and loses none."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from kiosk_ui.buttons import ButtonRow
from sim.parts.pins import SimPins

PRESSES = 25
HOLD = 6_000_000
"""Numbers that take about a tenth of a second to add."""


@pytest.fixture
def hog() -> Iterator[None]:
    """Something that holds the interpreter for a tenth of a second again and again, as drawing does."""
    ended = threading.Event()

    def hold() -> None:
        while not ended.wait(0.002):
            sum(range(HOLD))  # one call into C, during which no other thread runs

    thread = threading.Thread(target=hold, daemon=True)
    thread.start()
    yield
    ended.set()
    thread.join()


@pytest.mark.usefixtures("hog")
def test_each_press_counts_once_while_the_interpreter_is_held() -> None:
    pins = SimPins(seed=3)
    row = ButtonRow(pins.factory, pins=[17, 27], lamps=[5, 6], settle_s=0.04, wake=threading.Event())
    counted = 0
    for _ in range(PRESSES):
        pins.press(17, hold_s=0.06)
        row.watch(time.monotonic())
        counted += len(row.take())
        time.sleep(0.06)
    counted += len(row.take())
    row.close()
    pins.close()
    assert counted == PRESSES
