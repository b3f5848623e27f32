"""One physical press is one press, whatever the contact does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kiosk_ui.debounce import Debouncer

SETTLE_S = 0.04
pauses = st.lists(st.floats(0.0002, 0.020), max_size=6).map(lambda found: found[: len(found) // 2 * 2])
presses = st.lists(
    st.tuples(st.floats(0.05, 2.0), pauses, pauses, st.floats(0.25, 5.0)), min_size=1, max_size=8
)


def edges(made: list[tuple[float, list[float], list[float], float]]) -> list[tuple[bool, float]]:
    """Return (down, at) of a contact that bounces at both ends of each (hold, closing, opening, rest)."""
    found: list[tuple[bool, float]] = []
    at_s = 10.0
    for hold_s, closing, opening, rest_s in made:
        for down, train in ((True, closing), (False, opening)):
            found.append((down, at_s))
            state = down
            for pause_s in train:
                at_s += pause_s
                state = not state
                found.append((state, at_s))
            at_s += hold_s if down else rest_s
    return found


@given(presses)
def test_as_many_presses_as_there_were(made: list[tuple[float, list[float], list[float], float]]) -> None:
    debouncer = Debouncer(SETTLE_S)
    counted = sum(debouncer.edge(down, at_s) for down, at_s in edges(made))
    assert counted == len(made)
    assert not debouncer.pressed


def test_a_press_counts_at_its_first_edge() -> None:
    debouncer = Debouncer(SETTLE_S)
    assert debouncer.edge(True, 1.0)
    assert not debouncer.edge(False, 1.001)
    assert not debouncer.edge(True, 1.002)


def test_a_button_that_is_held_at_the_start_is_no_press() -> None:
    debouncer = Debouncer(SETTLE_S, pressed=True)
    assert not debouncer.edge(True, 1.0)
    debouncer.edge(False, 2.0)
    assert debouncer.edge(True, 2.3)


def test_a_lost_edge_is_made_good() -> None:
    debouncer = Debouncer(SETTLE_S)
    assert debouncer.correct(True)
    assert not debouncer.correct(True)
    assert not debouncer.correct(False)
    assert debouncer.edge(True, 1.0)


def test_a_clock_that_went_back_loses_no_press() -> None:
    debouncer = Debouncer(SETTLE_S)
    debouncer.edge(True, 100.0)
    debouncer.edge(False, 100.2)
    assert debouncer.edge(True, 3.0)
