"""Facts that a disk did not take at once: they wait in their order, the oldest give way to the newest."""

from __future__ import annotations

import logging
import sqlite3

from firmware_agent.node import Context
from wire.facts import Body

UNTOLD_MAX = 100
"""Facts that wait for a disk that takes none; beyond it the oldest are dropped."""

TRY_EVERY_S = 1.0

log = logging.getLogger(__name__)


class Untold:
    """untold.add(fact); untold.tell(now_s) a few times a second: on a full disk it goes on waiting."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._waiting: list[Body] = []
        self._try_at_s = float("-inf")

    def add(self, fact: Body) -> None:
        """Have it told."""
        self._waiting = [*self._waiting, fact][-UNTOLD_MAX:]

    def tell(self, now_s: float) -> None:
        """Record what waits; `now_s` is monotonic."""
        if not self._waiting or now_s < self._try_at_s:
            return
        self._try_at_s = now_s + TRY_EVERY_S
        try:
            while self._waiting:
                self._context.facts.record(self._waiting[0])
                self._waiting.pop(0)
        except (sqlite3.Error, OSError) as error:
            log.warning("chưa ghi được tình trạng nút (the buttons' state is not told yet): %s", error)
