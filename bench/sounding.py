"""A loudspeaker node's process: memory and CPU at rest and while it sounds; its card is a virtual one."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from bench.hall import Hall, await_true, child_pid, sockets
from bench.measure import Measured, Skipped, one_to_one
from bench.thousand import cpu_s, resident_mb

DEVICE, NODE, HAMLET = "loa-dong-1", "speaker", "thon-dong"
READY_WITHIN_S = 40.0
SETTLED_AFTER_S = 4.0
WATCHED_S = 10.0
TEXT = "Đề nghị bà con thôn Đông giữ gìn vệ sinh đường làng ngõ xóm sạch sẽ. " * 6
"""Sounds longer than it is watched."""


def measure_sounding(directory: Path) -> list[Measured | Skipped]:
    """Memory in MB and CPU in cores of one loudspeaker node: the supervisor is not counted."""
    with tempfile.TemporaryDirectory(dir=directory) as place, Hall(Path(place)) as hall, sockets() as control:
        editor, approver = hall.colleague("bien-tap", "editor"), hall.colleague("phe-duyet", "approver")
        awake = {"quiet_hours": False}
        config = hall.enrol(DEVICE, [NODE], kind=NODE, place=HAMLET, control=control, settings=awake)
        hall.start_hub()
        hall.crew.add(DEVICE, [sys.executable, "-m", "firmware_agent", "run", str(config)])
        agent = hall.crew.start(DEVICE)
        await_true(lambda: _facts(hall, "intent.applied"), READY_WITHIN_S)
        node = child_pid(agent, Path(sys.executable).name.encode(), NODE.encode())
        time.sleep(SETTLED_AFTER_S)
        rest = _watched(node)
        told = editor.post("/bulletins", {"title": "Vệ sinh", "text": TEXT, "places": [HAMLET]})
        told = editor.post(f"/bulletins/{told['id']}/submit")
        approver.post(f"/bulletins/{told['id']}/approve", {"version": told["version"]})
        await_true(lambda: _facts(hall, "playback.started"), READY_WITHIN_S)
        sounding = _watched(node)
        assert not _facts(hall, "playback.finished"), "it was over before it was watched"
    return [
        one_to_one(f"a loudspeaker node {doing}: {what}", unit, "lower", found, limit, limit_is)
        for doing, figures in (("at rest", rest), ("while it sounds", sounding))
        for what, unit, found, limit, limit_is in (
            ("memory", "MB", figures[0], 1_024.0, "a Pi 4 with 1 GB"),
            ("CPU", "cores", figures[1], 1.0, "one core"),
        )
    ]


def _watched(pid: int) -> tuple[float, float]:
    """Watch a process for a while; return its memory and the CPU that it used of a core."""
    before_s, start_s = cpu_s(pid), time.monotonic()
    time.sleep(WATCHED_S)
    return resident_mb(pid), (cpu_s(pid) - before_s) / (time.monotonic() - start_s)


def _facts(hall: Hall, kind: str) -> bool:
    return bool(hall.ask("SELECT 1 FROM facts WHERE node = ? AND kind = ?", [NODE, kind]))
