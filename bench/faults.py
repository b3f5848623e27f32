"""Faults: whole lives of nodes, broker and hub in virtual time, and how many presses were lost or doubled."""

from __future__ import annotations

import time
from pathlib import Path

from rich.console import Console

from bench.measure import Found, one_to_one
from sim.faults.broken import BREAKAGES
from sim.faults.plan import plan_from_seed
from sim.faults.runs import run_plan
from sim.faults.show import cores, run_and_show

RUNS = 10_000
"""Some ten minutes on two cores."""
CONTROL_RUNS = 300
FIRST_SEED = 1


def measure_faults(_directory: Path) -> Found:
    """Runs in which a press was lost or doubled; and how fast simulated time passes, beside real time."""
    began_s = time.monotonic()
    tally = run_and_show(FIRST_SEED, RUNS, cores(), Console(stderr=True))
    took_s = time.monotonic() - began_s
    control = _share_with("synchronous=NORMAL at the node")
    return [
        one_to_one(
            f"runs of {RUNS:,} with {tally.faults:,} faults in which a press was lost or doubled",
            "% of runs",
            "lower",
            100 * len(tally.failed) / tally.runs,
            control,
            f"the same with the outbox at synchronous=NORMAL, {CONTROL_RUNS} runs",
        ),
        one_to_one(
            "simulated time, with every fault and every sync",
            "s/s",
            "higher",
            tally.virtual_ms / 1_000 / took_s,
            1.0,
            "real time",
        ),
    ]


def _share_with(breakage: str) -> float:
    """Return in how many of a hundred runs a breakage is seen."""
    make_node, make_hub = BREAKAGES[breakage]
    seeds = range(FIRST_SEED, FIRST_SEED + CONTROL_RUNS)
    seen = sum(bool(run_plan(plan_from_seed(seed), make_node, make_hub).violations) for seed in seeds)
    return 100 * seen / CONTROL_RUNS
