"""What shall go wrong in a run, and when: a list that a seed makes, and that hypothesis can shrink."""

from __future__ import annotations

import random
from typing import Literal

from msgspec import Struct

HORIZON_MS = 400_000
"""How long people press and things go wrong, in virtual time; then everything heals."""
NODES_MAX = 3
FAULTS_MAX = 14
HUB = "hub"
BROKER = "broker"

Kind = Literal[
    "power",
    "power in a write",
    "restart",
    "line cut",
    "line silent",
    "line slow",
    "dead inside",
    "denied",
    "disk full",
    "read errors",
    "write errors",
    "clock jumps",
    "card copied",
    "card put back",
    "card new",
    "bit flips",
    "many presses",
    "broker saves",
    "broker killed",
]

OF_NODES: tuple[Kind, ...] = (
    "power",
    "power in a write",
    "restart",
    "line cut",
    "line silent",
    "line slow",
    "dead inside",
    "denied",
    "disk full",
    "read errors",
    "write errors",
    "clock jumps",
    "card copied",
    "card put back",
    "card new",
    "bit flips",
    "many presses",
)
OF_HUB: tuple[Kind, ...] = (
    "power",
    "power in a write",
    "restart",
    "line cut",
    "line silent",
    "line slow",
    "dead inside",
    "disk full",
    "read errors",
    "write errors",
    "clock jumps",
)
OF_BROKER: tuple[Kind, ...] = ("broker killed", "broker saves")


class Fault(Struct, frozen=True, order=True):
    """One thing that goes wrong. `span_ms`: for how long; `size`: how many, or how far."""

    at_ms: int
    who: str
    kind: Kind
    span_ms: int = 10_000
    size: int = 1


class Plan(Struct, frozen=True):
    """A run: how many nodes, what the broker bears, what goes wrong. `seed` makes every other chance."""

    seed: int
    nodes: int
    queue_limit: int
    hub_durable: bool
    """Whether the broker keeps messages for the hub while it is away."""
    press_every_ms: int
    """Mean time between two presses at a node."""
    faults: tuple[Fault, ...]


def devices(plan: Plan) -> list[str]:
    """Return the names of the nodes."""
    return [f"quay-{number + 1}" for number in range(plan.nodes)]


def plan_from_seed(seed: int) -> Plan:
    """Return the plan of a seed: always the same."""
    chance = random.Random(f"plan/{seed}")
    nodes = chance.randint(1, NODES_MAX)
    names = [f"quay-{number + 1}" for number in range(nodes)]
    faults = [_fault(chance, names) for _ in range(chance.randint(1, FAULTS_MAX))]
    if chance.random() < 0.3:
        faults += _old_card(chance, names)
    return Plan(
        seed=seed,
        nodes=nodes,
        queue_limit=chance.choice([2, 10, 1000]),
        hub_durable=chance.random() < 0.5,
        press_every_ms=chance.choice([4_000, 10_000, 30_000]),
        faults=tuple(sorted(faults)),
    )


def _fault(chance: random.Random, names: list[str]) -> Fault:
    who = chance.choice([*names, *names, HUB, HUB, BROKER])
    kinds = {HUB: OF_HUB, BROKER: OF_BROKER}.get(who, OF_NODES)
    span_ms = int(chance.expovariate(1 / 30_000)) + 200
    size = chance.choice([1, 2, 3, 8, 40, 230])
    return Fault(chance.randrange(HORIZON_MS), who, chance.choice(kinds), span_ms, size)


def _old_card(chance: random.Random, names: list[str]) -> list[Fault]:
    """A copy is made and put back later: by itself chance hardly ever finds that."""
    who = chance.choice(names)
    copied_ms = chance.randrange(HORIZON_MS // 2)
    back_ms = chance.randrange(copied_ms + 1, HORIZON_MS)
    return [Fault(copied_ms, who, "card copied"), Fault(back_ms, who, "card put back")]
