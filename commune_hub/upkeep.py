"""What staff should know of the hub's own daily work: is it backed up, and is its disk sound?"""

from __future__ import annotations

import threading


class Upkeep:
    """Lines for the overview, by what they are about; for any thread.

    upkeep.tell("backup", "Chưa sao lưu được …")
    upkeep.tell("backup", "")     # it is well again
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: dict[str, str] = {}

    def tell(self, about: str, line: str) -> None:
        """Have `line` shown; an empty one takes away what was."""
        with self._lock:
            self._lines[about] = line

    def lines(self) -> list[str]:
        """Return what there is to say, plain Vietnamese with English behind it."""
        with self._lock:
            return [line for line in self._lines.values() if line]
