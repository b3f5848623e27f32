"""How much of a backlog is under way at once: as much as the hub gives credit for.

A whole commune comes back in the minute in which the power does. If each node sent all it may, the broker
would drop what it cannot queue, and the press of this minute would wait behind the backlog of the day. So
the hub says with each ack how much may be under way. Where it says nothing (it is an older one, or has not
spoken yet), the node feels its way: little at first, more while acks come quickly.
"""

from __future__ import annotations

from dataclasses import dataclass

from wire.batches import MAX_FACTS_IN_BATCH

WINDOW_FACTS_MIN = 10
WINDOW_FACTS = 8 * MAX_FACTS_IN_BATCH
"""Most facts that may be under way without an ack."""

CREDIT_FACTS_MAX = 2 * WINDOW_FACTS
"""Most that a node sends on credit: 16 full batches, a quarter of what its MQTT client holds in memory."""

LATE_MS = 200
"""An ack that takes twice as long as the fastest one, and so much more, stood in a queue.

Twice: where a round trip takes 700 ms, jitter and the bytes of a larger batch alone make 900 of it. With
LATE_MS alone a line of 16 kB/s and 300 ± 100 ms carried 0.44 of what it can, so 0.55 to 0.80 (sim.flow, no
credit); the queue that is allowed keeps a press waiting one round trip longer.
"""

FASTEST_AGES_BY = 16
"""A late ack moves what counts as fastest by this part: a link may have become a slower one."""


CREDIT_MS = 10_000
"""A word of the hub holds so long. The next may be lost, or the hub be: then a node asks by sending a few."""


@dataclass
class Pace:
    """One ack at a time is timed; each round trip counts once."""

    facts: int = WINDOW_FACTS_MIN
    """How many may be under way by what was felt; `allowed` says how many may."""
    _credit: int | None = None
    _credit_ends_ms: int = 0
    _fastest_ms: int | None = None
    _timed: tuple[int, int] | None = None
    """The number whose ack is timed, and when it was sent."""

    def begin_anew(self) -> None:
        """What was under way is lost, or nobody knows: begin with little."""
        self.facts = WINDOW_FACTS_MIN
        self._credit = self._timed = None

    def on_credit(self, credit: int | None, now_ms: int) -> None:
        """The hub has said how many facts may be under way; None: it said nothing of it."""
        if credit is not None:
            self._credit, self._credit_ends_ms = min(credit, CREDIT_FACTS_MAX), now_ms + CREDIT_MS

    def allowed(self, now_ms: int) -> int:
        """Return how many facts may be under way now."""
        if self._credit is not None and now_ms >= self._credit_ends_ms:
            self.begin_anew()
        return self.facts if self._credit is None else self._credit

    def wait_ms(self, now_ms: int) -> int | None:
        """Return how long the last word of the hub holds yet; None: there is none."""
        return None if self._credit is None else max(0, self._credit_ends_ms - now_ms)

    def on_sent(self, last: int, now_ms: int) -> None:
        """Facts up to `last` were sent."""
        if self._timed is None:
            self._timed = (last, now_ms)

    def on_ack(self, committed: int, now_ms: int) -> None:
        """Facts up to `committed` are safe."""
        if self._timed is None or committed < self._timed[0]:
            return
        took_ms = now_ms - self._timed[1]
        self._timed = None
        fastest_ms = took_ms if self._fastest_ms is None else min(self._fastest_ms, took_ms)
        late = took_ms > 2 * fastest_ms + LATE_MS
        self.facts = max(self.facts // 2, WINDOW_FACTS_MIN) if late else min(2 * self.facts, WINDOW_FACTS)
        self._fastest_ms = fastest_ms + (took_ms - fastest_ms) // FASTEST_AGES_BY
