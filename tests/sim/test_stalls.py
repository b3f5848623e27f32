"""A machine that stands still is noticed, and a failure meanwhile is told from one that is a fault."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from sim.stalls import Stall, Stalls, read_stalls, stood_still_s
from tests.support.stalled import VOID_S, MachineStoodStillError, judging


def stand_still(stalls: Stalls) -> None:
    """Let the watching process not run for a while, as if nothing ran, until it has noticed that."""
    assert stalls._watcher is not None
    began_s = time.monotonic()
    while stalls.within_s(began_s, time.monotonic()) < VOID_S:
        os.kill(stalls._watcher.pid, signal.SIGSTOP)
        time.sleep(2 * VOID_S)
        os.kill(stalls._watcher.pid, signal.SIGCONT)
        time.sleep(VOID_S)


def fail_late(stalls: Stalls) -> None:
    stand_still(stalls)
    pytest.fail("too late")


def test_what_was_not_run_is_seen_and_a_failure_within_it_is_void(tmp_path: Path) -> None:
    with Stalls(tmp_path) as stalls:
        began_s = time.monotonic()
        with pytest.raises(MachineStoodStillError), judging(stalls):
            fail_late(stalls)
        assert stalls.within_s(began_s - 10, began_s) == 0


def test_a_failure_on_a_machine_that_runs_is_one(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="wrong"), judging(Stalls(tmp_path)):
        raise AssertionError("wrong")


def test_only_what_overlaps_counts_and_half_a_line_does_not(tmp_path: Path) -> None:
    (tmp_path / "stalls.txt").write_text("1.0 1.5\n3.0 4.0\n5.0")
    stalls = read_stalls(tmp_path / "stalls.txt")
    assert stalls == [Stall(1.0, 1.5), Stall(3.0, 4.0)]
    assert stood_still_s(stalls, 1.25, 3.5) == pytest.approx(0.75)
    assert read_stalls(tmp_path / "none.txt") == []
