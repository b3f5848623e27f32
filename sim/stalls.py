"""When this machine stood still: what is judged by the second on a machine that others use must know it.

`python -m sim.stalls FILE` is the process that watches: it sleeps a moment again and again, and writes down
each time that it was woken late. It does nothing else, so that nothing of its own can hold it up.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

STALLS_FILE = "stalls.txt"
LOOK_EVERY_S = 0.01
WORTH_S = 0.02
"""Being woken later than this counts: some five times what a busy Linux takes to switch."""
GOODBYE_S = 5.0


@dataclass(frozen=True)
class Stall:
    """A stretch in which nothing of ours ran, in seconds of CLOCK_MONOTONIC, which all processes share."""

    begin_s: float
    end_s: float


class Stalls:
    """Watches this machine as long as the block lasts.

    with Stalls(directory) as stalls:
        stalls.within_s(begin_s, end_s)
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / STALLS_FILE
        self._path.touch()
        self._watcher: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Stalls:
        """Begin to watch."""
        self._watcher = subprocess.Popen([sys.executable, "-m", "sim.stalls", str(self._path)])
        return self

    def __exit__(self, *_: object) -> None:
        """Watch no more; what was seen can still be asked."""
        if self._watcher is not None:
            self._watcher.terminate()
            self._watcher.wait(GOODBYE_S)

    def within_s(self, begin_s: float, end_s: float) -> float:
        """Return how long this machine stood still between two moments of CLOCK_MONOTONIC."""
        return stood_still_s(read_stalls(self._path), begin_s, end_s)


def stood_still_s(stalls: Sequence[Stall], begin_s: float, end_s: float) -> float:
    """Return how much of the time between two moments is in these stretches."""
    return sum(max(0.0, min(end_s, each.end_s) - max(begin_s, each.begin_s)) for each in stalls)


def read_stalls(path: Path) -> list[Stall]:
    """Return what the watching process has written; none without the file. Raises ValueError, OSError."""
    if not path.exists():
        return []
    whole, _, _ = path.read_text(encoding="ascii").rpartition("\n")
    return [Stall(*(float(each) for each in line.split())) for line in whole.splitlines()]


def watch(path: Path) -> None:
    """Write each stall into `path` until whoever started this process is gone."""
    parent = os.getppid()
    with path.open("a", encoding="ascii") as file:
        while os.getppid() == parent:
            due_s = time.monotonic() + LOOK_EVERY_S
            time.sleep(LOOK_EVERY_S)
            woken_s = time.monotonic()
            if woken_s - due_s > WORTH_S:
                file.write(f"{due_s:.4f} {woken_s:.4f}\n")
                file.flush()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        watch(Path(sys.argv[1]))
