"""Calls come at a hand's pace: a wire is held up, a hand never."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kiosk_ui.pace import NEXTS_MAX, WITHIN_S, Pace

GAPS_S = st.integers(0, 512).map(lambda sixty_fourths: sixty_fourths / 64)
"""Sums of these are exact: at the window's very edge nothing is rounded."""


@given(st.lists(GAPS_S, max_size=60))
def test_a_wire_calls_a_few_and_a_hand_is_never_held_up(gaps_s: list[float]) -> None:
    pace, now_s = Pace(), 0.0
    allowed: list[float] = []
    for gap_s in gaps_s:
        now_s += gap_s
        if pace.allows(now_s):
            allowed.append(now_s)
        assert sum(now_s - at_s < WITHIN_S for at_s in allowed) <= NEXTS_MAX
    assert pace.allows(now_s + WITHIN_S), "whoever rests is heard again"
    hand = Pace()
    assert all(hand.allows(at * WITHIN_S / NEXTS_MAX) for at in range(50))
