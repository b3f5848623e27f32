"""What really happened in a run: one JSON line for each thing, written right after it was done.

The judge of a run goes by this file, so nothing that the product says is ever written into it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sim.clock import Start

TRUTH_FILE = "truth.jsonl"


class Truth:
    """Append lines to `truth.jsonl`. Safe to use from several threads."""

    def __init__(self, directory: Path, start: Start) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._file = (directory / TRUTH_FILE).open("a", encoding="utf-8")

    def now_s(self) -> float:
        """Return seconds since the run's start."""
        return self._start.now_s()

    def write(self, do: str, t_s: float | None = None, **said: Any) -> None:
        """Write what was done, at `t_s` (now, when it is not given)."""
        line = {"t": round(self.now_s() if t_s is None else t_s, 3), "do": do, **said}
        with self._lock:
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()


def read_truth(directory: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a run's truth; raises OSError, or ValueError with the number of a broken line."""
    with (directory / TRUTH_FILE).open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                found = json.loads(line)
                found["t"], found["do"]
            except (json.JSONDecodeError, KeyError, TypeError) as error:
                raise ValueError(f"{TRUTH_FILE}:{number}: {error}") from None
            yield found
