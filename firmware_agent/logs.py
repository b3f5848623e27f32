"""Log lines for a technician: time, level, where, what; one line each, to standard error."""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter
from collections.abc import Callable

SAME_MAX = 100
SAME_WITHIN_S = 60.0
"""From one place in the code come at most so many lines within so many seconds: what a stranger sends again
and again must not fill the disk, nor push everything else out of the journal."""


class Calm(logging.Filter):
    """Leaves out what comes too often, and says how much that was when it goes on."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now_s = now_s
        self._since_s = now_s()
        self._lines: Counter[tuple[str, int]] = Counter()
        self._left_out: Counter[tuple[str, int]] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether to write a line."""
        now_s = self._now_s()
        if now_s - self._since_s >= SAME_WITHIN_S:
            self._since_s = now_s
            self._lines.clear()
        place = (record.pathname, record.lineno)
        self._lines[place] += 1
        if self._lines[place] > SAME_MAX:
            self._left_out[place] += 1
            return False
        if left_out := self._left_out.pop(place, 0):
            record.msg = f"{record.msg} [bỏ qua {left_out} dòng giống vậy (lines like this were left out)]"
        return True


def set_up_logging(who: str) -> None:
    """Send log lines to standard error, each with `who` in it. Called once at start."""
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stderr,
        format=f"%(asctime)s %(levelname)s {who} %(name)s: %(message)s",
        force=True,
    )
    for handler in logging.getLogger().handlers:
        handler.addFilter(Calm())
    for chatty in ("httpx", "httpcore", "aiohttp.access", "engineio", "socketio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
