"""The hub in the simulation: the real ledger and store, on a drive and a line that can fail."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

from commune_hub import ledger as ledger_module
from commune_hub.intake.turns import Turns
from commune_hub.ledger import Ledger
from commune_hub.store import Row, Store
from commune_hub.timekeeping import time_book
from commune_hub.timekeeping.true_time import Reading
from firmware_agent.database import DatabaseUnusableError
from sim.faults.broker import Broker
from sim.faults.client import Client
from sim.faults.clock import FaultyClock
from sim.faults.machine import Machine
from sim.faults.schedule import Schedule
from sim.faults.truth import Truth
from wire.batches import Ack, Batch, Stream
from wire.codec import decode, encode
from wire.topics import Address, hub_filters

DATABASE = Path("hub.db")
MIGRATIONS = [ledger_module.migrations, time_book.migrations]
"""The ledger's own tables; the capabilities behind it have no part in delivery."""

TURNS_AT_ONCE = 1
TURN_FACTS = 10
LEVEL_FACTS = 0
"""Far fewer than the product's: with three nodes and a few hundred facts, turns must be waited for."""

STRANGER_EVERY_MS = 700
STRANGER = Batch(
    device="stranger", node="rating", epoch="0" * 16, first=1, oldest=1, facts=[], newest=1_000_000
)
"""A device with a long backlog that takes its turns among the nodes, so that these must wait for theirs."""


class Hub(Machine):
    """Takes batches, acknowledges, and keeps a note of what it promised, for the auditor."""

    restart_ms = 3_000

    def __init__(
        self,
        schedule: Schedule,
        chance: random.Random,
        broker: Broker,
        truth: Truth,
        *,
        durable: bool,
        commune: str = "xa",
    ) -> None:
        super().__init__(schedule, chance, broker, truth, "hub")
        self.commune = commune
        self._durable = durable
        self.clock = self.make_clock()
        self.clock.sync()
        self.store: Store | None = None
        self.ledger: Ledger | None = None
        self.promised: dict[Stream, int] = {}
        """Highest number of each stream that any ack has spoken of."""
        self.broken_promises: list[str] = []
        self.turns = self.make_turns()

    def make_clock(self) -> FaultyClock:
        """Return its clock, which is set at once."""
        return FaultyClock(self._schedule, self._chance, "hub")

    def make_turns(self) -> Turns:
        """Return who may send how much."""
        return Turns(TURNS_AT_ONCE, TURN_FACTS, LEVEL_FACTS)

    def open_ledger(self) -> tuple[Store, Ledger]:
        """Open what facts are kept in; raises sqlite3.Error and DatabaseUnusableError."""
        store = Store(DATABASE, MIGRATIONS, self.drive)
        return store, Ledger(store, self.clock.wall_ms, [])

    def begun(self, store: Store) -> None:
        """The process works."""
        self._stranger_sends(store, 0)

    def heard(self, topic: str, payload: bytes) -> None:
        """Something came that is no batch of facts."""

    def start(self) -> None:
        """Open the store and connect."""
        if self.store is not None or not self.disk.powered:
            return
        try:
            self.store, self.ledger = self.open_ledger()
            self.turns = self.make_turns()
        except (sqlite3.Error, DatabaseUnusableError) as error:
            self.tell(f"chưa mở được sổ (the store does not open): {error}")
            self.after_failure()
            return
        if self.goes_dark():
            return
        self._check_promises(self.ledger)
        self.client = Client(
            self._schedule, self._chance, self._broker, self.line, "hub", durable=self._durable
        )
        self.client.on_connect = self._connected
        self.client.on_message = self._take
        self.client.start()
        self.begun(self.store)

    def let_go(self) -> None:
        """Let go of the line and the store."""
        if self.client is not None:
            self.client.close()
        if self.store is not None:
            self.store.close()
        self.client = self.store = self.ledger = None

    def _connected(self) -> None:
        if self.client is not None:
            for pattern in hub_filters(self.commune):
                self.client.subscribe(pattern)

    def _take(self, topic: str, payload: bytes) -> None:
        if not topic.endswith("/facts"):
            self.heard(topic, payload)
            return
        batch = decode(payload, Batch)
        try:
            ack = self.commit(batch)
        except sqlite3.Error as error:
            self.tell(f"không ghi được (not written): {error}")
            ack = None
        if not self.goes_dark() and ack is not None:
            self._tell_all(batch, ack)

    def _tell_all(self, batch: Batch, ack: Ack) -> None:
        for stream, told in self.turns.after(batch, ack, self.clock.mono_ms()).items():
            if stream != STRANGER.stream:
                self.acknowledge(stream, told, batch)

    def _stranger_sends(self, store: Store, committed: int) -> None:
        """Another ten of the stranger's facts are committed, for as long as this process lives."""
        if self.store is store:
            self._tell_all(STRANGER, Ack(epoch=STRANGER.epoch, committed=committed))
            self._schedule.after(STRANGER_EVERY_MS, lambda: self._stranger_sends(store, committed + 10))

    def commit(self, batch: Batch) -> Ack | None:
        """Take a batch as the hub's link does; return the ack, or None where there is none to give."""
        if self.ledger is None:
            return None
        (taken,) = self.ledger.take_all([batch])
        return None if taken is None else self.ledger.ack(batch)

    def acknowledge(self, stream: Stream, ack: Ack, batch: Batch) -> None:
        """Promise: an answer to `batch`, or to another stream that may send now."""
        self.promised[stream] = max(self.promised.get(stream, 0), ack.committed)
        word = "khác (differs) sau" if ack.forked else "đáp (ack)"
        span = f"{batch.first}–{batch.last}" if batch.stream == stream else "đến lượt (its turn)"
        credit = "" if ack.credit is None else f", được gửi (may send) {ack.credit}"
        self.tell(f"{stream.device} {span}: {word} {ack.committed}{credit}")
        if self.client is not None:
            self.client.publish(Address(self.commune, stream.device, stream.node).ack, encode(ack))

    def _check_promises(self, ledger: Ledger) -> None:
        """After each start: what was promised lies in what the disk gave back."""
        for stream, promised in self.promised.items():
            committed = ledger.committed(*stream)
            if committed < promised:
                self.broken_promises.append(
                    f"{stream[0]}/{stream[2][:6]}: hứa (promised) {promised}, còn (kept) {committed}"
                )

    def rows(self) -> list[Row]:
        """Return every fact of the ledger, by stream and number."""
        return self._ask("SELECT * FROM facts ORDER BY device, node, epoch, seq")

    def times(self) -> list[Reading | None]:
        """Return when each fact of `rows` happened, by all that is known in the end."""
        if self.ledger is None:
            raise RuntimeError("the hub has no power")
        waits = True
        while waits:
            waits = self.ledger.correct_some()
        return [
            self.ledger.time_of(row["device"], row["node"], row["epoch"], row["seq"]) for row in self.rows()
        ]

    def lost(self) -> list[Row]:
        """Return what the ledger has noted as lost."""
        return self._ask("SELECT * FROM lost")

    def _ask(self, sql: str) -> list[Row]:
        if self.store is None:
            raise RuntimeError("the hub has no power")
        return self.store.rows(sql)
