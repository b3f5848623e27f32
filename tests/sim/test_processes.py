"""Processes that are started, watched, killed, and never left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sim.processes import Crew, kill_child
from tests.support.waiting import HANGS_S

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
PARENT = [
    sys.executable,
    "-c",
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)', 'camera'])\n"
    "print(child.pid, flush=True)\ntime.sleep(60)",
]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('up', flush=True)\ntime.sleep(60)",
]


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    with Crew(tmp_path / "logs") as made:
        yield made


def eventually(condition: Callable[[], bool], within_s: float = HANGS_S) -> bool:
    deadline_s = time.monotonic() + within_s
    while time.monotonic() < deadline_s:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


def said(crew: Crew, name: str) -> str:
    assert eventually(lambda: crew.log_path(name).exists() and bool(crew.log_path(name).read_text()))
    return crew.log_path(name).read_text().strip()


def test_output_goes_to_the_log_and_stop_ends_in_order(crew: Crew) -> None:
    crew.add("a", SLEEP)
    pid = crew.start("a")
    assert crew.running("a")
    assert crew.start("a") == pid
    assert said(crew, "a") == "up"
    assert crew.stop("a") == []
    assert not crew.running("a")
    assert crew.fallen() == {}


def test_what_dies_by_itself_is_named_with_its_code(crew: Crew) -> None:
    crew.add("a", [sys.executable, "-c", "raise SystemExit(7)"])
    crew.start("a")
    assert eventually(lambda: crew.fallen() == {"a": 7})


def test_a_kill_takes_the_whole_session_and_is_no_fall(crew: Crew) -> None:
    crew.add("a", PARENT)
    crew.start("a")
    child = int(said(crew, "a"))
    assert alive(child)
    crew.kill("a")
    assert eventually(lambda: not alive(child))
    assert crew.fallen() == {}
    crew.start("a")
    assert crew.running("a")


def test_only_the_named_child_is_killed(crew: Crew) -> None:
    crew.add("a", PARENT)
    crew.start("a")
    child = int(said(crew, "a"))
    with pytest.raises(ProcessLookupError):
        kill_child(crew.pid("a"), "rating")
    assert kill_child(crew.pid("a"), "camera") == child
    assert eventually(lambda: not alive(child))
    assert crew.running("a")


def test_what_does_not_listen_is_killed_in_the_end(crew: Crew) -> None:
    crew.add("a", STUBBORN)
    crew.start("a")
    said(crew, "a")
    assert crew.stop("a", within_s=0.3) == ["a"]
    assert not crew.running("a")


def test_nothing_outlives_a_simulator_that_is_killed(tmp_path: Path) -> None:
    """The starting thread is not the main one: what counts is the end of the process."""
    program = (
        "import sys, threading, time\nfrom pathlib import Path\nfrom sim.processes import Crew\n"
        "crew = Crew(Path(sys.argv[1]))\n"
        "crew.add('a', [sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "thread = threading.Thread(target=lambda: print(crew.start('a'), flush=True))\n"
        "thread.start(); thread.join()\ntime.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as sim:
        assert sim.stdout is not None
        child = int(sim.stdout.readline())
        time.sleep(0.3)
        assert alive(child), "a child must not die with the thread that asked for it"
        os.kill(sim.pid, signal.SIGKILL)
    assert eventually(lambda: not alive(child))
