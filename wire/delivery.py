"""The protocol that carries facts exactly once, as two pure state machines.

`Sender` decides what a node sends next, `Receiver` what a hub does with a batch. Neither knows threads,
sockets, files or clocks: time comes in as an argument. The link and the ledger are shells around them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from wire.batches import MAX_FACTS_IN_BATCH
from wire.pace import Pace

RESEND_AFTER_MS = 3_000
"""First patience with a silent hub; doubles up to RESEND_AFTER_MAX_MS."""

RESEND_AFTER_MAX_MS = 30_000

STALLED_AFTER_MS = 45_000
"""Connected, facts under way, and no ack for this long: the client must be built anew, since a network
thread can die while the client still calls itself connected."""


@dataclass
class Sender:
    """What one stream sends next. Everything up to `acked` is safe at the hub, up to `newest` exists."""

    acked: int
    newest: int
    connected: bool = False
    _sent: int = 0
    _patience_ms: int = RESEND_AFTER_MS
    _last_progress_ms: int = 0
    _unheard_since_ms: int | None = None
    """Since when facts have been sent without a word of the hub, on this connection and those before."""
    _reached: int = 0
    """Highest number sent on this connection, going back or not."""
    _resend_at_ms: int = 0
    _went_back_for: int = -1
    _pace: Pace = field(default_factory=Pace)

    def __post_init__(self) -> None:
        self._sent = self._reached = self.acked

    @property
    def reached(self) -> int:
        """Highest number that was sent on this connection."""
        return self._reached

    def on_connected(self, now_ms: int) -> None:
        """The link is up: whatever was under way before may be lost, so begin after the last ack."""
        self.connected = True
        self._patience_ms = RESEND_AFTER_MS
        self._last_progress_ms = now_ms
        self._went_back_for = -1
        self._reached = self.acked
        self._go_back(now_ms)

    def on_disconnected(self) -> None:
        """The link is down: nothing is sent until it is up again."""
        self.connected = False

    def on_appended(self, newest: int) -> None:
        """The outbox holds facts up to `newest`."""
        self.newest = max(self.newest, newest)

    def on_ack(self, committed: int, now_ms: int, credit: int | None = None) -> bool:
        """The hub has committed up to `committed`, and lets `credit` facts beyond be under way (None: the
        sender judges by itself). Returns whether that is news to be kept.

        The same ack again, while facts are under way, says that the hub saw a gap: go back once for it.
        An ack for facts that were never made is a lie or belongs to another file: ignored.
        """
        if committed > self.newest or committed < self.acked:
            return False
        self._unheard_since_ms = now_ms if self._sent > committed else None
        if committed == self.acked:
            if self._sent > self.acked and self._went_back_for != committed:
                self._went_back_for = committed
                self._go_back(now_ms)
            self._pace.on_credit(credit, now_ms)
            return False
        self.acked = committed
        self._pace.on_ack(committed, now_ms)
        self._pace.on_credit(credit, now_ms)
        self._sent = max(self._sent, committed)
        self._patience_ms = RESEND_AFTER_MS
        self._last_progress_ms = now_ms
        self._resend_at_ms = now_ms + self._patience_ms
        return True

    def on_sent(self, last: int, now_ms: int) -> None:
        """A batch that ends with number `last` was handed to the link."""
        if self._sent == self.acked:
            self._resend_at_ms = now_ms + self._patience_ms
        if self._reached <= self.acked:
            self._last_progress_ms = now_ms
        if self._unheard_since_ms is None:
            self._unheard_since_ms = now_ms
        self._pace.on_sent(last, now_ms)
        self._sent = max(self._sent, last)
        self._reached = max(self._reached, last)

    def next_batch(self, now_ms: int) -> tuple[int, int] | None:
        """Return (first number, most facts) to send now, or None."""
        if not self.connected:
            return None
        if self._sent > self.acked and now_ms >= self._resend_at_ms:
            self._patience_ms = min(2 * self._patience_ms, RESEND_AFTER_MAX_MS)
            self._go_back(now_ms)
        room = self.acked + self._pace.allowed(now_ms) - self._sent
        count = min(self.newest - self._sent, room, MAX_FACTS_IN_BATCH)
        return (self._sent + 1, count) if count > 0 else None

    def wait_ms(self, now_ms: int) -> int | None:
        """Return how long nothing will need doing unless something happens; None: for ever."""
        if not self.connected or self.newest == self.acked:
            return None
        if self._sent == self.acked:
            return self._pace.wait_ms(now_ms)
        return max(0, self._resend_at_ms - now_ms)

    def silent_ms(self, now_ms: int) -> int:
        """Return how long facts have been under way without a word of the hub; 0 while none is."""
        under_way = self.connected and self._reached > self.acked
        return now_ms - self._last_progress_ms if under_way else 0

    def unheard_ms(self, now_ms: int) -> int:
        """As `silent_ms`, but a link that was built anew meanwhile does not begin it anew: the broker takes
        it on, and the hub is as silent as before."""
        return 0 if self._unheard_since_ms is None else now_ms - self._unheard_since_ms

    def stalled(self, now_ms: int) -> bool:
        """Tell whether the link must be given up and built anew."""
        return self.silent_ms(now_ms) >= STALLED_AFTER_MS

    def _go_back(self, now_ms: int) -> None:
        self._sent = self.acked
        self._pace.begin_anew()
        self._resend_at_ms = now_ms + self._patience_ms


@dataclass(frozen=True)
class Verdict:
    """What to do with a batch: keep the facts from index `skip` on, and note numbers that are lost.

    `lost` is (first, last) of facts that the sender itself no longer holds, or None.
    """

    outcome: Literal["take", "repeat", "gap"]
    skip: int = 0
    lost: tuple[int, int] | None = None


def judge_batch(committed: int, first: int, count: int, oldest: int) -> Verdict:
    """Decide about facts `first` … `first + count - 1` of a stream committed up to `committed`.

    A gap is answered with the old ack, and the sender goes back. Only when the sender no longer holds
    what is missing (`oldest` lies beyond it) is the gap accepted, and noted as lost.
    """
    expected = committed + 1
    last = first + count - 1
    if last < expected:
        return Verdict("repeat")
    if first <= expected:
        return Verdict("take", skip=expected - first)
    if oldest == first:
        return Verdict("take", lost=(expected, first - 1))
    return Verdict("gap")
