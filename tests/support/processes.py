"""Free ports, and child processes that a test ends by their own id."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.waiting import HANGS_S

WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
PORTS_EACH = 1_000
PORTS = range(20_000 + WORKER % 6 * PORTS_EACH, 20_000 + (WORKER % 6 + 1) * PORTS_EACH)
"""What this worker gives away, one after the other: no other worker does, nor Linux to a connection that goes
out, nor the simulator (sim.ports)."""

_given = itertools.cycle(PORTS)


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody uses; another each time."""
    for port in itertools.islice(_given, len(PORTS)):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no port is free")


def listens(port: int) -> bool:
    """Tell whether somebody takes connections on that port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def kill_now(process: subprocess.Popen[bytes]) -> None:
    """End a child as a power cut does, and wait until it is gone."""
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
    process.wait(HANGS_S)


def alive(pid: int) -> bool:
    """Tell whether a process runs under this id; one that ended and was not yet waited for does not count."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def running(command: list[str], env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command for as long as the block lasts; its output can be read from the process."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env) as process:
        try:
            yield process
        finally:
            kill_now(process)
