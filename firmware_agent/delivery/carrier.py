"""What goes up from an outbox and what an ack does to it: the delivery protocol on a real disk.

No thread, no socket and no clock in here: every kind of link drives it, and so does the fault simulator.
"""

from __future__ import annotations

import logging
import sqlite3

from firmware_agent.delivery.outbox import Outbox
from firmware_agent.node import Sight
from wire.batches import Ack, Batch
from wire.codec import MAX_BATCH_BYTES
from wire.delivery import Sender
from wire.topics import Address

ALOUD_AFTER_MS = 1_000
"""A hub that leaves facts unanswered for so long may be away: neighbours who listen shall hear the rest."""

ALOUD_MAX = 100
"""Facts that are told so, the newest; older ones are no news to a neighbour."""

log = logging.getLogger(__name__)


class Carrier:
    """Between an outbox and a link. Not safe for several threads: the link calls it under its lock.

    carrier.sender.on_connected(now_ms)
    while batch := carrier.next_batch(now_ms):
        publish(encode(batch))
    carrier.take_ack(ack, now_ms)
    """

    def __init__(self, address: Address, outbox: Outbox) -> None:
        self._address = address
        self._outbox = outbox
        self.sender = Sender(acked=outbox.acked, newest=outbox.newest)
        self._aloud_up_to = 0
        """Highest number that was told aloud on this connection."""

    @property
    def backlog(self) -> int:
        """Facts that the hub has not yet said are safe."""
        return self.sender.newest - self.sender.acked

    def appended(self) -> None:
        """The outbox holds a new fact."""
        self.sender.on_appended(self._outbox.newest)

    def next_batch(self, now_ms: int) -> Batch | None:
        """Return the batch to send now, or None; the sender counts it as sent."""
        step = self.sender.next_batch(now_ms)
        if step is None:
            return None
        try:
            batch = self._read(*step)
        except sqlite3.Error as error:
            # A card that reads badly now may read well in a second; the link must live until then.
            log.warning("chưa đọc được hộp thư đi (the outbox cannot be read now): %s", error)
            return None
        if batch is not None:
            self.sender.on_sent(batch.first + len(batch.facts) - 1, now_ms)
        return batch

    def next_aloud(self, now_ms: int) -> Batch | None:
        """Return facts to publish once though the hub has no room for them, or None.

        A silent hub is sent the same few facts again and again; what comes behind them would reach no
        neighbour. To the hub, should it be back, such a batch is a gap, which does no harm.
        """
        sender = self.sender
        if not sender.connected:
            self._aloud_up_to = 0
            return None
        told = max(sender.reached, self._aloud_up_to, sender.newest - ALOUD_MAX)
        if told >= sender.newest or sender.silent_ms(now_ms) < ALOUD_AFTER_MS:
            return None
        try:
            batch = self._read(told + 1, ALOUD_MAX)
        except sqlite3.Error as error:
            log.warning("chưa đọc được hộp thư đi (the outbox cannot be read now): %s", error)
            return None
        if batch is not None:
            self._aloud_up_to = batch.first + len(batch.facts) - 1
        return batch

    def sight(self, now_ms: int) -> Sight:
        """Return what is to be seen of the hub from here."""
        return Sight(self.sender.connected, self.sender.unheard_ms(now_ms), self.backlog)

    def _read(self, first: int, count: int) -> Batch | None:
        found, oldest, facts = self._outbox.read(first, count, MAX_BATCH_BYTES)
        if not facts:
            return None
        return Batch(
            device=self._address.device,
            node=self._address.node,
            epoch=self._outbox.epoch,
            first=found,
            oldest=oldest,
            facts=facts,
            before=self._outbox.mark(found - 1),
            newest=self.sender.newest,
        )

    def take_ack(self, ack: Ack, now_ms: int) -> None:
        """Forget what is safe at the hub; begin anew where the hub holds other facts of our numbers.

        Raises sqlite3.Error if the disk cannot take it now; the next ack tries again.
        """
        if ack.epoch != self._outbox.epoch:
            return
        if ack.forked:
            self._begin_anew(ack, now_ms)
        elif self._contradicted(ack):
            # Not our fact: nothing is forgotten, and the hub shall see ours from the first that it lacks.
            self.sender.on_ack(self.sender.acked, now_ms)
        else:
            # The disk first: if it cannot forget now, the ack that answers the next sending tries again.
            if self.sender.acked < ack.committed <= self.sender.newest:
                self._outbox.forget(ack.committed)
            self.sender.on_ack(ack.committed, now_ms, ack.credit)

    def _contradicted(self, ack: Ack) -> bool:
        own = self._outbox.mark(ack.committed)
        return None not in (own, ack.mark) and own != ack.mark

    def _begin_anew(self, ack: Ack, now_ms: int) -> None:
        if ack.committed < self.sender.acked or ack.mark != self._outbox.mark(ack.committed + 1):
            return  # late word of an earlier life of this card
        log.warning("thẻ nhớ là bản cũ, mở dòng mới (the card is an older image: a new epoch begins)")
        self._outbox.begin_anew(ack.committed)
        connected = self.sender.connected
        self.sender = Sender(acked=0, newest=self._outbox.newest)
        if connected:
            self.sender.on_connected(now_ms)
