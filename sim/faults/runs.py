"""One run, or many at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from sim.faults.audit import judge
from sim.faults.hub import Hub
from sim.faults.node import Node
from sim.faults.plan import Plan, plan_from_seed
from sim.faults.truth import Truth
from sim.faults.world import MakeHub, MakeNode, World

RUNS_MAX = 1_000_000
CHUNK = 25
"""Runs that a worker does before it reports."""


@dataclass(frozen=True)
class Outcome:
    """What came of a run."""

    plan: Plan
    violations: list[str]
    truth: Truth
    virtual_ms: int


@dataclass(frozen=True)
class Tally:
    """What came of some runs, small enough to cross between processes."""

    runs: int = 0
    presses: int = 0
    faults: int = 0
    virtual_ms: int = 0
    failed: tuple[tuple[int, str], ...] = ()
    """(seed, first violation)."""

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.runs + other.runs,
            self.presses + other.presses,
            self.faults + other.faults,
            self.virtual_ms + other.virtual_ms,
            self.failed + other.failed,
        )


def run_plan(plan: Plan, make_node: MakeNode = Node, make_hub: MakeHub = Hub) -> Outcome:
    """Run a plan and judge it."""
    world = World(plan, make_node, make_hub)
    try:
        world.run()
        return Outcome(plan, judge(world), world.truth, world.schedule.now_ms)
    finally:
        world.close()


def run_seeds(first: int, count: int) -> Tally:
    """Run `count` seeds from `first` on, in this process."""
    tally = Tally()
    for seed in range(first, first + count):
        outcome = run_plan(plan_from_seed(seed))
        failed = ((seed, outcome.violations[0]),) if outcome.violations else ()
        thanked = sum(press.thanked for press in outcome.truth.presses.values())
        tally += Tally(1, thanked, len(outcome.plan.faults), outcome.virtual_ms, failed)
    return tally


def run_many(first: int, count: int, jobs: int) -> Iterator[Tally]:
    """Run `count` seeds from `first` on in `jobs` processes; yield what each piece came to."""
    pieces = [(start, min(CHUNK, first + count - start)) for start in range(first, first + count, CHUNK)]
    if jobs == 1:
        yield from (run_seeds(*piece) for piece in pieces)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(run_seeds, *zip(*pieces, strict=True))
