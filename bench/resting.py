"""A node at rest: memory, CPU, and what its card has to bear for one press."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from bench.hall import Hall, await_true, child_pid, open_desk, sockets
from bench.measure import Measured, Skipped, one_to_one
from bench.thousand import cpu_s, resident_mb
from firmware_agent.clock import SystemClock, moment
from firmware_agent.config import AGENT
from wire.facts import RatingPressed, make_fact

DEVICE = "quay-1-pi"
NODE = "rating"
SETTLED_AFTER_S = 8.0
"""Start-up is over, documents are there."""
WATCHED_S = 15.0
PRESSES = 200
PRESS_EVERY_S = 0.02
ONLINE_WITHIN_S = 30.0


def measure_rest(directory: Path) -> list[Measured | Skipped]:
    """Memory and CPU of a rating node and of its supervisor; bytes written for one press."""
    with (
        tempfile.TemporaryDirectory(dir=directory) as place,
        Hall(Path(place)) as hall,
        sockets() as control,
    ):
        config = hall.enrol(DEVICE, [NODE, "writer"], control=control)
        hall.start_hub()
        return [*_at_rest(hall, config), *_written(hall, config)]


def _at_rest(hall: Hall, config: Path) -> list[Measured | Skipped]:
    bare = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    hall.crew.add(DEVICE, [sys.executable, "-m", "firmware_agent", "run", str(config)])
    agent = hall.crew.start(DEVICE)
    try:
        await_true(lambda: _present(hall, NODE) and _present(hall, AGENT), ONLINE_WITHIN_S)
        time.sleep(SETTLED_AFTER_S)
        node = child_pid(agent, Path(sys.executable).name.encode(), NODE.encode())
        before = {pid: cpu_s(pid) for pid in (agent, node)}
        time.sleep(WATCHED_S)
        share = {pid: (cpu_s(pid) - before[pid]) / WATCHED_S for pid in before}
        bare_mb = resident_mb(bare.pid)
        figures: list[Measured | Skipped] = []
        for who, pid in (("a rating node", node), ("the supervisor", agent)):
            figures += [
                one_to_one(
                    f"{who} at rest: memory",
                    "MB",
                    "lower",
                    resident_mb(pid),
                    bare_mb,
                    "Python with nothing loaded",
                ),
                one_to_one(f"{who} at rest: CPU", "cores", "lower", share[pid], 1.0, "one core"),
            ]
        return figures
    finally:
        hall.crew.stop(DEVICE)
        bare.kill()
        bare.wait()


def _present(hall: Hall, node: str) -> bool:
    return bool(hall.ask("SELECT 1 FROM signs WHERE device = ? AND node = ?", [DEVICE, node]))


def _written(hall: Hall, config: Path) -> list[Measured | Skipped]:
    """Press while the hub acknowledges: each press is written, sent, acknowledged, forgotten."""
    press = RatingPressed(counter="quay-1", scale="vi4", level=1, source="button")
    size = len(msgspec.json.encode(make_fact(press, moment(SystemClock()))))
    desk = open_desk(config, "writer")
    desk.start()
    try:
        desk.record(press)
        await_true(lambda: _in_ledger(hall) >= 1, ONLINE_WITHIN_S)
        before = _written_bytes()
        for _ in range(PRESSES):
            desk.record(press)
            time.sleep(PRESS_EVERY_S)
        await_true(lambda: _in_ledger(hall) >= PRESSES + 1, ONLINE_WITHIN_S)
        each = (_written_bytes() - before) / PRESSES
    finally:
        desk.stop()
    return [
        one_to_one(
            "written to the card for one press: kept, sent, forgotten",
            "bytes",
            "lower",
            each,
            size,
            "the fact itself, as JSON",
        )
    ]


def _in_ledger(hall: Hall) -> int:
    found = hall.ask("SELECT count(*) FROM facts WHERE node = 'writer' AND kind = ?", [RatingPressed.KIND])
    return int(found[0][0])


def _written_bytes() -> int:
    """Return how much this process has sent to the disk."""
    for line in Path("/proc/self/io").read_text(encoding="ascii").splitlines():
        if line.startswith("write_bytes:"):
            return int(line.split()[1])
    raise OSError("/proc/self/io: no write_bytes")
