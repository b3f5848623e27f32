"""Chance visitors come for ever, in order, and the same for the same seed."""

from __future__ import annotations

from itertools import islice, pairwise

from hypothesis import given
from hypothesis import strategies as st

from sim import acts
from sim.chance import PAUSE_S, visitors
from sim.scenario import load_scenario, shipped_scenarios

DAY = load_scenario(shipped_scenarios()["commune_day"])


@given(seed=st.integers(0, 2**31), from_s=st.floats(0, 10_000))
def test_visitors_come_in_order_after_the_scenario(seed: int, from_s: float) -> None:
    some = list(islice(visitors(DAY, seed, from_s), 60))
    assert some == list(islice(visitors(DAY, seed, from_s), 60))
    assert some[0].at_s >= from_s + PAUSE_S[0]
    assert all(after.at_s - before.at_s >= PAUSE_S[0] - 1e-6 for before, after in pairwise(some))


def test_somebody_who_leaves_has_come_before() -> None:
    inside: set[str] = set()
    for act in islice(visitors(DAY, 3, 0.0), 500):
        if isinstance(act, acts.Arrive):
            assert act.device not in inside
            inside.add(act.device)
        if isinstance(act, acts.Leave):
            assert act.device in inside
            inside.discard(act.device)


def test_all_kinds_of_visitors_come() -> None:
    kinds = {type(act) for act in islice(visitors(DAY, 3, 0.0), 300)}
    assert kinds == {acts.Press, acts.Take, acts.Call, acts.Arrive, acts.Leave}
