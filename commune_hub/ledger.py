"""The ledger: every fact of every node, taken exactly once, in order, and never changed.

Each stream (device, node, epoch) is committed up to a number. What the capabilities make of a fact is
committed with it in the same transaction, so that an ack covers both.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.store import Row, Store
from commune_hub.times import NowMs, iso_utc
from wire.batches import Batch
from wire.codec import WireError
from wire.delivery import Verdict, judge_batch
from wire.facts import Body, Fact, Moment, make_fact, read_body
from wire.names import HUB

log = logging.getLogger(__name__)

migrations = Migrations("ledger")


@migrations()
def create(database: Database) -> None:
    """Facts as they came, how far each stream is committed, and what can never come any more."""
    database.executescript(
        """
        CREATE TABLE facts (
            device TEXT NOT NULL, node TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,
            kind TEXT NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL,
            at_ms INTEGER NOT NULL, mono_ms INTEGER NOT NULL, boot TEXT NOT NULL, synced INTEGER NOT NULL,
            received_at TEXT NOT NULL,
            understood INTEGER NOT NULL,
            PRIMARY KEY (device, node, epoch, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX facts_by_kind ON facts (kind, at_ms);
        CREATE TABLE streams (
            device TEXT NOT NULL, node TEXT NOT NULL, epoch TEXT NOT NULL, committed INTEGER NOT NULL,
            PRIMARY KEY (device, node, epoch)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE lost (
            device TEXT NOT NULL, node TEXT NOT NULL, epoch TEXT NOT NULL,
            first INTEGER NOT NULL, last INTEGER NOT NULL, noted_at TEXT NOT NULL
        ) STRICT;
        CREATE TABLE own_epoch (epoch TEXT NOT NULL) STRICT;
        CREATE TRIGGER facts_stay BEFORE UPDATE ON facts
            BEGIN SELECT RAISE(ABORT, 'a fact never changes'); END;
        """
    )
    database.execute("INSERT INTO own_epoch VALUES (?)", [secrets.token_hex(8)])


@dataclass(frozen=True)
class Taken:
    """A fact as the ledger took it, for the capabilities to draw their conclusions."""

    device: str
    node: str
    epoch: str
    seq: int
    at_ms: int
    synced: bool
    body: Body


class Capability(Protocol):
    """What follows the ledger."""

    def apply(self, taken: Taken) -> None:
        """Draw conclusions from a fact, inside the ledger's transaction."""


class Ledger:
    """Take batches, answer how far their stream is committed, and write the hub's own facts.

    committed = ledger.take(batch)      # on disk when this returns
    ledger.record("queue", TicketCalled(…))
    """

    def __init__(self, store: Store, now_ms: NowMs, followers: Sequence[Capability]) -> None:
        self._store = store
        self._now_ms = now_ms
        self._followers = followers
        self._epoch = str(store.value("SELECT epoch FROM own_epoch"))

    def take(self, batch: Batch) -> int:
        """Commit what is new in `batch`; return the number up to which its stream is committed."""
        with self._store.transaction():
            committed = self.committed(batch.device, batch.node, batch.epoch)
            verdict = judge_batch(committed, batch.first, len(batch.facts), batch.oldest)
            if verdict.outcome != "take":
                return committed
            self._note_lost(batch, verdict)
            first = batch.first + verdict.skip
            for seq, fact in enumerate(batch.facts[verdict.skip :], first):
                self._write(batch.device, batch.node, batch.epoch, seq, fact)
            last = batch.first + len(batch.facts) - 1
            self._commit_up_to(batch.device, batch.node, batch.epoch, last)
            return last

    def record(self, node: str, body: Body) -> None:
        """Write a fact of the hub's own (an officer called a number), on the stream of `node` at the hub."""
        with self._store.transaction():
            seq = self.committed(HUB, node, self._epoch) + 1
            moment = Moment(at_ms=self._now_ms(), mono_ms=0, boot=HUB, synced=True)
            self._write(HUB, node, self._epoch, seq, make_fact(body, moment))
            self._commit_up_to(HUB, node, self._epoch, seq)

    def committed(self, device: str, node: str, epoch: str) -> int:
        """Return the number up to which a stream is committed; 0 for a stream never seen."""
        found = self._store.value(
            "SELECT committed FROM streams WHERE device = ? AND node = ? AND epoch = ?", [device, node, epoch]
        )
        return int(found or 0)

    def lost(self) -> list[Row]:
        """Return the ranges of facts that a sender itself no longer held, newest first."""
        return self._store.rows("SELECT * FROM lost ORDER BY noted_at DESC LIMIT 200")

    def not_understood(self) -> list[Row]:
        """Return kinds of facts that are kept but say nothing to this version, with their count."""
        return self._store.rows(
            "SELECT device, kind, count(*) AS count FROM facts WHERE understood = 0 GROUP BY device, kind"
        )

    def _write(self, device: str, node: str, epoch: str, seq: int, fact: Fact) -> None:
        body = self._read(device, fact)
        moment = fact.moment
        self._store.execute(
            "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                device,
                node,
                epoch,
                seq,
                fact.kind,
                iso_utc(moment.at_ms),
                bytes(fact.body).decode(),
                moment.at_ms,
                moment.mono_ms,
                moment.boot,
                int(moment.synced),
                iso_utc(self._now_ms()),
                int(body is not None),
            ],
        )
        if body is not None:
            self._tell(Taken(device, node, epoch, seq, moment.at_ms, moment.synced, body))

    def _read(self, device: str, fact: Fact) -> Body | None:
        """Read a body; one that is unknown or malformed is still a fact: kept raw, and counted."""
        try:
            return read_body(fact.kind, bytes(fact.body))
        except WireError as error:
            log.warning("không hiểu sự việc (fact not understood) từ %s: %s", device, error)
            return None

    def _tell(self, taken: Taken) -> None:
        for follower in self._followers:
            follower.apply(taken)

    def _note_lost(self, batch: Batch, verdict: Verdict) -> None:
        if verdict.lost is None:
            return
        log.warning("mất sự việc (facts lost at the sender) %s/%s %s", batch.device, batch.node, verdict.lost)
        self._store.execute(
            "INSERT INTO lost VALUES (?, ?, ?, ?, ?, ?)",
            [batch.device, batch.node, batch.epoch, *verdict.lost, iso_utc(self._now_ms())],
        )

    def _commit_up_to(self, device: str, node: str, epoch: str, last: int) -> None:
        self._store.execute(
            "INSERT INTO streams VALUES (?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET committed = max(committed, excluded.committed)",
            [device, node, epoch, last],
        )
