"""Visitors by chance: what goes on in the office when the scenario has nothing more to say."""

from __future__ import annotations

import random
from collections.abc import Iterator

from sim import acts
from sim.acts import Act
from sim.expand import some_level
from sim.scenario import Scenario

PAUSE_S = (1.5, 4.0)
"""Shortest and longest time between two things that happen."""
KINDS = ("press", "take", "call", "come_or_go")
WEIGHTS = (5, 3, 3, 1)


def visitors(scenario: Scenario, seed: int, from_s: float) -> Iterator[Act]:
    """Yield acts by time without end, from `from_s` on. The same seed gives the same visitors."""
    chance = random.Random(f"{seed}/visitors")
    inside: set[str] = set()
    at_s = from_s
    while True:
        at_s += chance.uniform(*PAUSE_S)
        act = _one(scenario, at_s, chance, inside)
        if act is not None:
            yield act


def _one(scenario: Scenario, at_s: float, chance: random.Random, inside: set[str]) -> Act | None:
    kind = chance.choices(KINDS, WEIGHTS)[0]
    able = {"press": "rating", "take": "ticket", "come_or_go": "camera"}
    devices = scenario.with_node(able[kind]) if kind in able else []
    if kind == "call":
        return acts.Call(at_s=at_s, counter=chance.choice(scenario.plan.counters).id)
    if not devices:
        return None
    device = chance.choice(devices)
    if kind == "press":
        return acts.Press(at_s=at_s, device=device, level=some_level(scenario.levels(device), chance))
    if kind == "take":
        return acts.Take(at_s=at_s, device=device, field=chance.choice(scenario.plan.fields).id)
    if device in inside:
        inside.discard(device)
        return acts.Leave(at_s=at_s, device=device)
    inside.add(device)
    return acts.Arrive(at_s=at_s, device=device)
