"""How many stand before a ticket: those who wait for a counter that may call it too, and come first there."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from commune_hub.capabilities.queue import Queue, Ticket
from commune_hub.times import NowMs

FRESH_MS = 2_000
"""A whole hall of phones is answered by one look at the queue, so often at most."""

Counters = frozenset[str]
Range = tuple[int, int]
"""Minutes, from … to."""

WaitOf = Callable[[Ticket, Sequence[Ticket], int], Range | None]
"""(ticket, who waits before it, now): returns how long it will wait; None: nobody can tell.
As `commune_hub.documents.kiosk.KioskDocuments.still_waits`."""


@dataclass(frozen=True)
class Place:
    """Where a ticket stands in the queue."""

    before: int
    """How many come first."""
    wait_min: Range | None


def count_before(order: Iterable[tuple[str, Counters]]) -> dict[str, int]:
    """Return how many come before each ticket; `order` says who may call each, in calling order. Pure."""
    passed: Counter[Counters] = Counter()
    before: dict[str, int] = {}
    for ticket, counters in order:
        before[ticket] = sum(count for others, count in passed.items() if others & counters)
        passed[counters] += 1
    return before


class Places:
    """`places.of(ticket)` for phones, from a look at the queue that is FRESH_MS old at most."""

    def __init__(self, queue: Queue, counters: Sequence[str], now_ms: NowMs, wait_of: WaitOf) -> None:
        self._queue = queue
        self._counters = counters
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._wait_of = wait_of
        self._looked_ms: int | None = None
        self._waiting: list[Ticket] = []
        self._before: dict[str, int] = {}
        self._waits: dict[str, Range | None] = {}

    def of(self, ticket: Ticket) -> Place | None:
        """Return where a ticket stands; None: not known, it was called or came just now."""
        with self._lock:
            self._look()
            before = self._before.get(ticket.ticket)
            return None if before is None else Place(before, self._wait(ticket))

    def _look(self) -> None:
        now_ms = self._now_ms()
        # A clock that was set back must not keep an old look for hours.
        if self._looked_ms is not None and 0 <= now_ms - self._looked_ms < FRESH_MS:
            return
        self._looked_ms = now_ms
        self._waiting = self._queue.waiting()
        self._before = count_before((each.ticket, self._may(each)) for each in self._waiting)
        self._waits = {}

    def _wait(self, ticket: Ticket) -> Range | None:
        if ticket.ticket not in self._waits:
            ahead = list(takewhile(lambda each: each.ticket != ticket.ticket, self._waiting))
            self._waits[ticket.ticket] = self._wait_of(ticket, ahead, self._now_ms())
        return self._waits[ticket.ticket]

    def _may(self, ticket: Ticket) -> Counters:
        return frozenset(counter for counter in self._counters if self._queue.may(counter, ticket))
