"""The real processes of a simulated commune: started, watched, stopped, or killed like a power cut.

Each runs in a session of its own, so that a kill takes all that it started, and dies with the simulator,
however that ends.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

GOODBYE_S = 12.0
"""How long a process may take to end when it is asked to: a little more than an agent gives its nodes."""


@dataclass
class _Member:
    """One process: how it is started, and how it stands."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    expected_to_run: bool = False


class Crew:
    """The processes by name.

    with Crew(directory / "logs") as crew:
        crew.add("hub", ["commune-hub", "run", "hub.toml"])
        crew.start("hub")
        crew.kill("hub")       # SIGKILL to the whole session: a power cut
        crew.start("hub")
        crew.fallen()          # names of those that died unasked, with what became of them
    """

    def __init__(self, logs: Path, environment: Mapping[str, str] | None = None) -> None:
        self._logs = logs
        self._logs.mkdir(parents=True, exist_ok=True)
        self._environment = {**os.environ, **(environment or {})}
        self._members: dict[str, _Member] = {}
        self._lock = threading.RLock()
        # PR_SET_PDEATHSIG fires when the *thread* that started a child ends: one thread that lives as
        # long as the crew starts them all, whoever asks for it.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="crew")

    def add(self, name: str, command: Sequence[str]) -> None:
        """Make `name` known; it is not started yet."""
        self._members[name] = _Member(name, list(command))

    def names(self) -> list[str]:
        """Return all names, in the order in which they were added."""
        return list(self._members)

    def start(self, name: str) -> int:
        """Start `name` unless it runs; return its pid. Raises KeyError, OSError."""
        with self._lock:
            member = self._members[name]
            if member.process is None or member.process.poll() is not None:
                member.process = self._starter.submit(self._spawn, member).result()
            member.expected_to_run = True
            return member.process.pid

    def pid(self, name: str) -> int:
        """Return the pid of `name`; raises ProcessLookupError when it does not run."""
        process = self._members[name].process
        if process is None or process.poll() is not None:
            raise ProcessLookupError(f"{name}: không chạy (does not run)")
        return process.pid

    def running(self, name: str) -> bool:
        """Tell whether `name` runs."""
        process = self._members[name].process
        return process is not None and process.poll() is None

    def kill(self, name: str) -> None:
        """Cut the power of `name`: SIGKILL to all of its session."""
        with self._lock:
            member = self._members[name]
            member.expected_to_run = False
            if member.process is not None:
                _kill_session(member.process)

    def stop(self, *names: str, within_s: float = GOODBYE_S) -> list[str]:
        """Ask these to end and wait for all; return those that had to be killed."""
        with self._lock:
            running = [self._members[name] for name in names if self.running(name)]
            for member in running:
                member.expected_to_run = False
                assert member.process is not None  # noqa: S101 - running() says so
                member.process.terminate()
            deadline_s = time.monotonic() + within_s
            return [member.name for member in running if not _ended(member.process, deadline_s)]

    def fallen(self) -> dict[str, int]:
        """Return the exit code of each process that died without being asked to."""
        with self._lock:
            return {
                member.name: member.process.returncode
                for member in self._members.values()
                if member.expected_to_run and member.process is not None and member.process.poll() is not None
            }

    def killed(self) -> list[str]:
        """Return those that were killed or stopped after they had run."""
        with self._lock:
            return [
                member.name
                for member in self._members.values()
                if member.process is not None and not member.expected_to_run
            ]

    def log_path(self, name: str) -> Path:
        """Return where the output of `name` goes."""
        return self._logs / f"{name}.log"

    def close(self) -> None:
        """End everything that still runs."""
        self.stop(*reversed(self.names()))
        self._starter.shutdown()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _spawn(self, member: _Member) -> subprocess.Popen[bytes]:
        output: IO[bytes]
        with self.log_path(member.name).open("ab") as output:
            return subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *member.command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )


def _kill_session(process: subprocess.Popen[bytes]) -> None:
    # The session's number is the pid of the process that we started ourselves and have not yet waited for,
    # so it cannot belong to anybody else.
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _ended(process: subprocess.Popen[bytes] | None, deadline_s: float) -> bool:
    if process is None:
        return True
    try:
        process.wait(max(0.05, deadline_s - time.monotonic()))
    except subprocess.TimeoutExpired:
        _kill_session(process)
        return False
    return True


def kill_child(parent: int, last_word: str) -> int:
    """SIGKILL the child of `parent` whose command line ends with `last_word`; return its pid.

    Raises ProcessLookupError when there is none.
    """
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    for child in map(int, children):
        words = Path(f"/proc/{child}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
        if words[-1] == last_word.encode():
            os.kill(child, signal.SIGKILL)
            return child
    raise ProcessLookupError(f"{last_word}: không chạy (no such child of {parent})")
