"""A thousand nodes on one hub: an ordinary minute, and the minute after an hour without the hub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.crowd import Plan
from bench.draining import bare_inserts
from bench.hall import Hall
from bench.measure import Measured, Skipped, one_to_one
from wire.codec import encode

NODES = 1_000
NODES_OF_DEVICE = 16
"""As many as a device may have."""
LIVE_S = 60.0
EVERY_S = 6.0
HEARTBEAT_S = 30.0
BACKLOG_OF_NODE = 600
"""An hour of ten facts a minute."""
LEVEL_WITHIN_S = 150.0
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """Return the CPU time of a process so far, all its threads, in seconds."""
    words = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / TICKS_A_SECOND


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1_024
    raise ProcessLookupError(pid)


def measure_thousand(directory: Path) -> list[Measured | Skipped]:
    """Press-to-ledger times, the hub's CPU and memory, and how long a thousand backlogs take."""
    with tempfile.TemporaryDirectory(dir=directory) as place, Hall(Path(place)) as hall:
        devices = [
            hall.enrol(f"pi-{first}", [f"rating-{number}" for number in range(first, last)])
            for first in range(0, NODES, NODES_OF_DEVICE)
            for last in [min(first + NODES_OF_DEVICE, NODES)]
        ]
        hall.start_hub()
        plan = Plan(
            devices=[str(path) for path in devices],
            live_s=LIVE_S,
            every_s=EVERY_S,
            heartbeat_s=HEARTBEAT_S,
            backlog=BACKLOG_OF_NODE,
            level_within_s=LEVEL_WITHIN_S,
        )
        found, marks = _run_crowd(hall, plan)
        _check_ledger(hall, found)
        bare = bare_inserts(hall, Path(place) / "bare.db")
    return _figures(found, marks, bare)


def _run_crowd(hall: Hall, plan: Plan) -> tuple[dict[str, Any], dict[str, dict[str, float]]]:
    """Run the crowd; at each of its phases note the time, and what hub and broker have used."""
    plan_path, result = hall.directory / "plan.json", hall.directory / "crowd.json"
    plan_path.write_bytes(encode(plan))
    hub, broker = hall.crew.pid("hub"), hall.broker_pid()
    marks: dict[str, dict[str, float]] = {}
    command = [sys.executable, "-m", "bench.crowd", str(plan_path), str(result)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as crowd:
        for line in crowd.stdout or ():
            marks[line.strip()] = {
                "at_s": time.monotonic(),
                "hub_cpu_s": cpu_s(hub),
                "broker_cpu_s": cpu_s(broker),
                "hub_mb": resident_mb(hub),
                "broker_mb": resident_mb(broker),
            }
    assert crowd.returncode == 0, "the crowd ended by an error"
    return json.loads(result.read_text(encoding="utf-8")), marks


def _check_ledger(hall: Hall, found: dict[str, Any]) -> None:
    rows = hall.ask("SELECT device || '/' || node, count(*), max(seq) FROM facts GROUP BY device, node")
    in_ledger = {name: (count, newest) for name, count, newest in rows}
    for name, acked in found["acked"].items():
        count, newest = in_ledger.get(name, (0, 0))
        assert count == newest, f"{name}: holes in the ledger"
        assert acked <= newest <= found["made"][name], f"{name}: acknowledged {acked}, in the ledger {newest}"


def _share(marks: dict[str, dict[str, float]], what: str, since: str, until: str) -> float:
    apart_s = marks[until]["at_s"] - marks[since]["at_s"]
    return (marks[until][what] - marks[since][what]) / apart_s


def _figures(
    found: dict[str, Any], marks: dict[str, dict[str, float]], bare: float
) -> list[Measured | Skipped]:
    count = found["nodes"]
    goal = "the goal"
    bare_is = "bare sqlite3 executemany of the same rows"
    ordinary = f"{count} nodes, an ordinary minute ({found['live_facts']:,} facts)"
    hour = f"{count} nodes come back with an hour of facts ({found['backlog']:,})"
    level = not found["behind_at_the_end"] or found["level_s"] < LEVEL_WITHIN_S
    told = f"{hour}: seconds until level" if level else f"{hour}: not level within"
    return [
        one_to_one(
            f"{ordinary}: press to ledger and back, p50", "ms", "lower", found["live_p50_ms"], 1_000, goal
        ),
        one_to_one(
            f"{ordinary}: press to ledger and back, p99", "ms", "lower", found["live_p99_ms"], 1_000, goal
        ),
        one_to_one(
            f"{ordinary}: CPU of the hub",
            "cores",
            "lower",
            _share(marks, "hub_cpu_s", "live", "away"),
            1.0,
            "one core",
        ),
        one_to_one(
            f"{ordinary}: CPU of the broker",
            "cores",
            "lower",
            _share(marks, "broker_cpu_s", "live", "away"),
            1.0,
            "one core",
        ),
        one_to_one(
            f"{ordinary}: memory of the hub",
            "MB",
            "lower",
            marks["away"]["hub_mb"],
            1_024,
            "a Pi 4 with 1 GB",
        ),
        one_to_one(told, "s", "lower", found["level_s"], found["backlog"] / bare, f"{bare_is}, seconds"),
        one_to_one(
            f"{hour}: live facts of nodes that are level again, p99",
            "ms",
            "lower",
            found["catching_up_p99_ms"],
            1_000,
            goal,
        ),
    ]
