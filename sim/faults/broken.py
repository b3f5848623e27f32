"""The protocol broken on purpose, each time in one way: an auditor that misses one of these is none.

`BREAKAGES` names them; each is a pair of stand-ins for `World`, whole nodes and hubs with one bad habit.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from commune_hub.ledger import Ledger
from commune_hub.store import Store
from firmware_agent.delivery.carrier import Carrier
from sim.faults.hub import Hub
from sim.faults.node import Node
from sim.faults.vfs import ForgetfulDrive
from sim.faults.world import MakeHub, MakeNode
from wire.batches import Ack, Batch, Stream
from wire.codec import decode
from wire.facts import Moment
from wire.topics import Address

COMMIT_LATER_MS = 2_000


class HastyHub(Hub):
    """Acknowledges a batch when it comes, and commits it a little later, or before it looks at the next."""

    def __init__(self, *parts: Any, durable: bool) -> None:
        super().__init__(*parts, durable=durable)
        self._owed: list[Batch] = []

    def commit(self, batch: Batch) -> Ack | None:
        """Promise first."""
        self._pay()
        if self.ledger is None or batch.first != 1 + self.ledger.committed(
            batch.device, batch.node, batch.epoch
        ):
            return super().commit(batch)
        self._owed.append(batch)
        self._schedule.after(COMMIT_LATER_MS, self._pay)
        return Ack(epoch=batch.epoch, committed=batch.first + len(batch.facts) - 1)

    def stop(self) -> None:
        """What was only promised is forgotten with the process."""
        self._owed.clear()
        super().stop()

    def _pay(self) -> None:
        owed, self._owed = self._owed, []
        for batch in owed:
            try:
                super().commit(batch)
            except sqlite3.Error as error:
                self.tell(f"hụt (missed): {error}")


class GreedyHub(Hub):
    """Takes what comes again as if it were new."""

    def commit(self, batch: Batch) -> Ack | None:
        """Number the batch anew, behind what is there."""
        if self.ledger is None:
            return None
        committed = self.ledger.committed(batch.device, batch.node, batch.epoch)
        taken = super().commit(replace(batch, first=committed + 1, oldest=committed + 1, before=None))
        last = batch.first + len(batch.facts) - 1
        return None if taken is None else Ack(epoch=batch.epoch, committed=last)


class BlindHub(Hub):
    """Never looks at the facts, only at their numbers, and gives no mark for the node to look at."""

    def commit(self, batch: Batch) -> Ack | None:
        """Take by number alone."""
        if self.ledger is None:
            return None
        self.ledger.__dict__["_fork"] = lambda *_: None
        ack = super().commit(batch)
        if ack is None:
            return None
        committed = self.ledger.committed(batch.device, batch.node, batch.epoch)
        return Ack(epoch=ack.epoch, committed=committed)


class CredulousHub(Hub):
    """Believes every clock, also one that does not know the time."""

    def open_ledger(self) -> tuple[Store, Ledger]:
        """Open one that takes each stamp for that of a clock that was set."""
        store, ledger = super().open_ledger()
        book: Any = ledger.__dict__["_times"]
        settle = book.settle

        def believe(stream: Stream, first: int, moments: list[Moment], received_ms: int) -> Any:
            return settle(stream, first, [replace(each, synced=True) for each in moments], received_ms)

        book.settle = believe
        return store, ledger


class _LazyDrive(ForgetfulDrive):
    """Opens databases that do not sync every commit."""

    def connect(self, path: Path) -> sqlite3.Connection:
        connection: Any = super().connect(path)
        execute = connection.execute

        def lazily(sql: str, parameters: Any = ()) -> Any:
            return execute(sql.replace("synchronous=FULL", "synchronous=NORMAL"), parameters)

        connection.execute = lazily
        return connection  # type: ignore[no-any-return]


class LazyNode(Node):
    """Its outbox runs with synchronous=NORMAL."""

    def make_drive(self) -> ForgetfulDrive:
        """Return a drive that does not sync."""
        return _LazyDrive(self.disk)


class LazyHub(Hub):
    """Its store runs with synchronous=NORMAL."""

    def make_drive(self) -> ForgetfulDrive:
        """Return a drive that does not sync."""
        return _LazyDrive(self.disk)


class NamelessNode(Node):
    """Every outbox of it has the same epoch: a new card begins at number 1 of the old stream."""

    def name_epoch(self) -> str:
        """Return always the same."""
        return "0" * 16

    def make_carrier(self, outbox: Any) -> Carrier:
        """Return one that heeds no fork either, since it has no other name to go on under."""
        carrier = super().make_carrier(outbox)
        take_ack = carrier.take_ack

        def by_number(ack: Ack, now_ms: int) -> None:
            take_ack(replace(ack, mark=None, forked=False), now_ms)

        carrier.__dict__["take_ack"] = by_number
        return carrier


class TrustingNode(Node):
    """Takes the broker's PUBACK for a receipt."""

    def pubacked(self, topic: str, payload: bytes) -> None:
        """Forget what the broker says it has."""
        if topic == Address("xa", self.device, "rating").facts and self.carrier and self.outbox:
            batch = decode(payload, Batch)
            if batch.epoch != self.outbox.epoch:
                return
            last = batch.first + len(batch.facts) - 1
            self.carrier.take_ack(Ack(epoch=batch.epoch, committed=last), self.clock.mono_ms())


BREAKAGES: dict[str, tuple[MakeNode, MakeHub]] = {
    "ack before commit": (Node, HastyHub),
    "synchronous=NORMAL at the node": (LazyNode, Hub),
    "synchronous=NORMAL at the hub": (Node, LazyHub),
    "no epoch": (NamelessNode, Hub),
    "repeats are taken": (Node, GreedyHub),
    "PUBACK is a receipt": (TrustingNode, Hub),
    "only numbers are compared": (Node, BlindHub),
    "every clock is believed": (Node, CredulousHub),
}
"""What is broken, and how to make a world that way."""
