"""A key of the number pad that is held down, or repeats by itself: one press, and told while it lasts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kiosk_ui.at_counter import AWAY, DESK, Counter, ticket
from tests.kiosk_ui.stand import Stand
from wire.facts import ButtonFailed, ButtonRecovered, TicketCalled, TicketMissed


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    stand = Stand(tmp_path)
    stand.documents.lay(DESK)
    yield Counter(stand)
    stand.close()


def test_a_key_of_the_pad_that_is_held_calls_once_and_is_told_until_it_comes_up(counter: Counter) -> None:
    counter.stand.sight = AWAY
    stuck_s = counter.settings.stuck_after_s
    pad, problems = counter.stand.sim_keypad, counter.stand.problems
    pad.hold("enter")
    counter.step()
    counter.step(stuck_s - 1)
    assert problems.texts() == []
    pad.hold("/")
    counter.step(2)
    assert [text for text in problems.texts() if "kẹt" in text and "Enter" in text and "/" not in text]
    counter.step(stuck_s)
    assert [text for text in problems.texts() if "Enter" in text and "/" in text]
    counter.press("enter")
    for name in ("enter", "/"):
        pad.free(name)
        for _ in range(3):
            counter.step(1.0)
    assert problems.texts() == []
    counter.press("enter")
    told = [each for each in counter.facts() if isinstance(each, ButtonFailed | ButtonRecovered)]
    assert told[0] == ButtonFailed(counter="quay-1", level=3, fault="stuck")
    assert [type(each) for each in told] == [ButtonFailed, ButtonRecovered]
    done = [type(each) for each in counter.facts() if each not in told]
    assert done == [TicketCalled, TicketMissed, TicketCalled]


def test_a_pad_that_was_pulled_out_has_no_key_that_is_held(counter: Counter) -> None:
    counter.stand.sight = AWAY
    counter.stand.sim_keypad.hold("enter")
    for after_s in (0.05, counter.settings.stuck_after_s):
        counter.step(after_s)
    assert any("Enter" in text for text in counter.stand.problems.texts())
    counter.stand.sim_keypad.plug(False)
    for _ in range(3):
        counter.step(1.0)
    (said,) = counter.stand.problems.texts()
    assert "USB" in said


def test_a_pad_that_repeats_by_itself_is_no_hand(counter: Counter) -> None:
    counter.stand.sight = AWAY
    counter.lay(waiting=[ticket(f"A{n:03}", mine=True) for n in range(100, 130)])
    for _ in range(600):
        counter.stand.sim_keypad.press(["enter"])
        counter.step(0.05)
    assert sum(isinstance(each, TicketCalled) for each in counter.facts()) <= 3
    assert any("Enter" in text for text in counter.stand.problems.texts())
