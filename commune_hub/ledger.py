"""The ledger: every fact of every node, taken exactly once, in order, and never changed.

Each stream (device, node, epoch) is committed up to a number. What the capabilities make of a fact is
committed with it in the same transaction, so that an ack covers both.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from itertools import count, repeat
from typing import Protocol

from msgspec import Raw, Struct, structs
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.fact_checks import fact_crc
from commune_hub.intake.joining import join
from commune_hub.store import Row, Store
from commune_hub.timekeeping.clock_watch import ClockWatch
from commune_hub.timekeeping.time_book import Moved, TimeBook
from commune_hub.timekeeping.true_time import Reading
from commune_hub.times import NowMs, iso_utc
from wire.agreement import Fork, find_fork, mark_of
from wire.batches import Ack, Batch, Stream
from wire.codec import WireError
from wire.delivery import Verdict, judge_batch
from wire.facts import Body, Fact, Moment, make_fact, read_bodies, read_body
from wire.names import HUB

_INSERT = "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

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


@migrations()
def find_what_is_not_understood(database: Database) -> None:
    """Pages ask for it all day: without an index that reads every fact there is, and holds up new ones."""
    database.execute("CREATE INDEX facts_not_understood ON facts (device, kind) WHERE understood = 0")


@migrations()
def checksum_each_fact(database: Database) -> None:
    """Give new facts a checksum (commune_hub.fact_checks); none to those that are there, since who knows."""
    database.execute("ALTER TABLE facts ADD COLUMN crc INTEGER")


class Taken(Struct, frozen=True, gc=False):
    """A fact as the ledger took it, for the capabilities to draw their conclusions.

    `at_ms` is when it happened as far as is known now, `believed_ms` what the node's clock said then.
    """

    device: str
    node: str
    epoch: str
    seq: int
    at_ms: int
    synced: bool
    body: Body
    believed_ms: int

    def true_ms(self, told_ms: int) -> int:
        """Return the true time of a moment that the body tells by the node's clock."""
        return told_ms + self.at_ms - self.believed_ms


class Capability(Protocol):
    """What follows the ledger."""

    def apply(self, taken: Sequence[Taken]) -> None:
        """Draw conclusions from facts of one stream, in order, at least one, in the ledger's transaction."""

    def retime(self, taken: Taken, was: Taken) -> None:
        """Correct conclusions: a fact applied as `was` happened at another time, `taken.at_ms`.

        Inside the ledger's transaction, like `apply`.
        """


class Ledger:
    """Take batches, answer how far their stream is committed, and write the hub's own facts.

    committed = ledger.take(batch)      # on disk when this returns
    publish(ledger.ack(batch))
    ledger.record("queue", TicketCalled(…))
    """

    def __init__(
        self,
        store: Store,
        now_ms: NowMs,
        followers: Sequence[Capability],
        repeated: Callable[[str, int], None] = lambda _device, _count: None,
        refused: Callable[[str, str, WireError], None] = lambda _device, _topic, _error: None,
    ) -> None:
        """`repeated(device, count)` hears of facts that came again, inside the transaction, and
        `refused(device, node, error)` of batches that were not taken: `gap` or `fork`."""
        self._store = store
        self._repeated = repeated
        self._refused = refused
        self._now_ms = now_ms
        self._followers = followers
        self._epoch = str(store.value("SELECT epoch FROM own_epoch"))
        self._times = TimeBook(store)
        self.clocks = ClockWatch()
        with store.transaction():
            self._correct(self._times.catch_up())

    def correct_some(self) -> bool:
        """Time anew some of the facts that wait for it, in a transaction of their own; False: none waits."""
        with self._store.transaction():
            moved = self._times.correct_some()
            self._correct(moved or ())
            return moved is not None

    def take(self, batch: Batch) -> int:
        """Commit what is new in `batch`; return the number up to which its stream is committed."""
        with self._store.transaction():
            return self._take(batch)

    def take_all(self, batches: Sequence[Batch]) -> list[int | None]:
        """Take several batches in one commit; return how far each is committed, its own end at most.

        None stands for one that could not be taken: its sender keeps it. Raises when the commit itself fails;
        then none was taken.
        """
        try:
            with self._store.transaction():
                return self._take_joined(batches)
        except Exception:
            log.exception("lỗi khi ghi sự việc, thử từng gói (error while taking facts, now one by one)")
        with self._store.transaction():
            return [self._take_or_leave(batch) for batch in batches]

    def _take_joined(self, batches: Sequence[Batch]) -> list[int | None]:
        committed: list[int | None] = [None] * len(batches)
        for joined, places in join(batches):
            up_to = self._take(joined)
            for place in places:
                # Its own end at most: the same answer twice would speak of a gap.
                committed[place] = min(up_to, batches[place].last)
        return committed

    def _take(self, batch: Batch) -> int:
        committed = self.committed(*batch.stream)
        verdict = judge_batch(committed, batch.first, len(batch.facts), batch.oldest)
        self._repeated(batch.device, verdict.skip if verdict.outcome == "take" else 0)
        if verdict.outcome == "repeat":
            self._repeated(batch.device, len(batch.facts))
        if self._fork(batch, committed) is not None:
            self._refuse(batch, "fork", "has other facts under numbers that are committed")
            return committed
        if verdict.outcome == "gap":
            self._refuse(batch, "gap", f"begins with {batch.first}, committed is {committed}")
        if verdict.outcome != "take":
            return committed
        self._note_lost(batch, verdict)
        first = batch.first + verdict.skip
        self.clocks.hear(batch.device, batch.facts[-1].moment, self._now_ms())
        self._write(*batch.stream, first, batch.facts[verdict.skip :])
        self._commit_up_to(*batch.stream, batch.last)
        return batch.last

    def ack(self, batch: Batch) -> Ack:
        """Return what the sender of `batch` is told, once `take` has been through: what is on disk now.

        A batch that the ledger had already is acknowledged up to its own end, where both were compared.
        """
        committed = self.committed(*batch.stream)
        fork = self._fork(batch, committed)
        if fork is not None and fork.agreed is not None:
            mark = mark_of(batch.facts[fork.agreed + 1 - batch.first])
            return Ack(epoch=batch.epoch, committed=fork.agreed, mark=mark, forked=True)
        told = committed if fork is not None else min(committed, batch.last)
        kept = self._kept(batch, told)
        return Ack(epoch=batch.epoch, committed=told, mark=None if kept is None else mark_of(kept))

    def _fork(self, batch: Batch, committed: int) -> Fork | None:
        return find_fork(batch, committed, lambda seq: self._kept(batch, seq))

    def _kept(self, batch: Batch, seq: int) -> Fact | None:
        """Return the fact that the stream of `batch` holds under `seq`, as it was sent."""
        row = self._store.row(
            "SELECT kind, body, at_ms, mono_ms, boot, synced FROM facts "
            "WHERE device = ? AND node = ? AND epoch = ? AND seq = ?",
            [*batch.stream, seq],
        )
        if row is None:
            return None
        moment = Moment(
            at_ms=row["at_ms"], mono_ms=row["mono_ms"], boot=row["boot"], synced=bool(row["synced"])
        )
        return Fact(kind=row["kind"], moment=moment, body=Raw(row["body"].encode()))

    def record(self, node: str, body: Body) -> None:
        """Write a fact of the hub's own (an officer called a number), on the stream of `node` at the hub."""
        with self._store.transaction():
            seq = self.committed(HUB, node, self._epoch) + 1
            moment = Moment(at_ms=self._now_ms(), mono_ms=0, boot=HUB, synced=True)
            self._write(HUB, node, self._epoch, seq, [make_fact(body, moment)])
            self._commit_up_to(HUB, node, self._epoch, seq)

    def committed(self, device: str, node: str, epoch: str) -> int:
        """Return the number up to which a stream is committed; 0 for a stream never seen."""
        found = self._store.value(
            "SELECT committed FROM streams WHERE device = ? AND node = ? AND epoch = ?", [device, node, epoch]
        )
        return int(found or 0)

    def time_of(self, device: str, node: str, epoch: str, seq: int) -> Reading | None:
        """Return when a fact happened, as far as is known now, and how sure that is; None: no such fact."""
        return self._times.reading(Stream(device, node, epoch), seq)

    def first_received(self) -> dict[tuple[str, str], str]:
        """Return, by device and node, when the first fact that is kept of it arrived (ISO 8601 in UTC)."""
        rows = self._store.rows(
            "SELECT device, node, min((SELECT received_at FROM facts WHERE facts.device = streams.device "
            "AND facts.node = streams.node AND facts.epoch = streams.epoch ORDER BY seq LIMIT 1)) AS at "
            "FROM streams GROUP BY device, node"
        )
        return {(row["device"], row["node"]): row["at"] for row in rows if row["at"] is not None}

    def lost(self) -> list[Row]:
        """Return the ranges of facts that a sender itself no longer held, newest first."""
        return self._store.rows("SELECT * FROM lost ORDER BY noted_at DESC LIMIT 200")

    def not_understood(self) -> list[Row]:
        """Return kinds of facts that are kept but say nothing to this version, the most frequent first."""
        return self._store.rows(
            "SELECT device, kind, count(*) AS count FROM facts WHERE understood = 0 GROUP BY device, kind "
            "ORDER BY count DESC, device, kind LIMIT 200"
        )

    def _refuse(self, batch: Batch, reason: str, why: str) -> None:
        node = f"{batch.device}/{batch.node}"
        self._refused(batch.device, node, WireError(reason, f"a batch of {node} {why}"))

    def _take_or_leave(self, batch: Batch) -> int | None:
        try:
            return self.take(batch)
        except Exception:
            # Undone by its own savepoint. One sender's trouble must not hold up the others.
            log.exception("lỗi khi ghi sự việc (error while taking facts) %s/%s", batch.device, batch.node)
            return None

    def _write(self, device: str, node: str, epoch: str, first: int, facts: Sequence[Fact]) -> None:
        """Write consecutive facts, then let the capabilities draw their conclusions, in order."""
        kinds = [fact.kind for fact in facts]
        raws = [bytes(fact.body) for fact in facts]
        bodies = self._read_all(device, kinds, raws)
        moments = [fact.moment for fact in facts]
        received_ms = self._now_ms()
        times_ms, moved = self._times.settle(Stream(device, node, epoch), first, moments, received_ms)
        believed_ms, mono_ms = [each.at_ms for each in moments], [each.mono_ms for each in moments]
        boots, synced = [each.boot for each in moments], [each.synced for each in moments]
        # Column by column: of a long backlog, this is what each fact costs.
        rows = zip(
            repeat(device),
            repeat(node),
            repeat(epoch),
            count(first),
            kinds,
            map(iso_utc, believed_ms),
            map(bytes.decode, raws),
            believed_ms,
            mono_ms,
            boots,
            synced,
            repeat(iso_utc(received_ms)),
            [body is not None for body in bodies],
            map(
                fact_crc,
                repeat(device),
                repeat(node),
                repeat(epoch),
                kinds,
                boots,
                raws,
                synced,
                count(first),
                believed_ms,
                mono_ms,
            ),
            strict=False,
        )
        self._store.execute_many(_INSERT, list(rows))
        self._correct(moved)
        taken = [
            Taken(device, node, epoch, seq, at_ms, moment.synced, body, moment.at_ms)
            for seq, (moment, body, at_ms) in enumerate(zip(moments, bodies, times_ms, strict=True), first)
            if body is not None
        ]
        for follower in self._followers if taken else ():
            follower.apply(taken)

    def _correct(self, moved: Iterable[Moved]) -> None:
        """Tell the capabilities of facts whose time is known better now."""
        for each in moved:
            body = self._read(each.stream.device, each.kind, each.body.encode())
            if body is not None:
                was = Taken(
                    *each.stream, each.seq, each.was_ms, each.synced, body, believed_ms=each.believed_ms
                )
                for follower in self._followers:
                    follower.retime(structs.replace(was, at_ms=each.at_ms), was)

    def _read_all(self, device: str, kinds: Sequence[str], raws: Sequence[bytes]) -> Sequence[Body | None]:
        """Read bodies, those of one kind together; where one is bad, each by itself."""
        if len(set(kinds)) == 1:
            return self._read_kind(device, kinds[0], raws)
        places: dict[str, list[int]] = {}
        for place, kind in enumerate(kinds):
            places.setdefault(kind, []).append(place)
        bodies: list[Body | None] = [None] * len(raws)
        for kind, of_kind in places.items():
            found = self._read_kind(device, kind, [raws[place] for place in of_kind])
            for place, body in zip(of_kind, found, strict=True):
                bodies[place] = body
        return bodies

    def _read_kind(self, device: str, kind: str, raws: Sequence[bytes]) -> Sequence[Body | None]:
        try:
            return read_bodies(kind, raws)
        except WireError:
            return [self._read(device, kind, raw) for raw in raws]

    def _read(self, device: str, kind: str, raw: bytes) -> Body | None:
        """Read a body; one that is unknown or malformed is still a fact: kept raw, and counted."""
        try:
            return read_body(kind, raw)
        except WireError as error:
            log.warning("không hiểu sự việc (fact not understood) từ %s: %s", device, error)
            return None

    def _note_lost(self, batch: Batch, verdict: Verdict) -> None:
        if verdict.lost is None:
            return
        log.warning("mất sự việc (facts lost at the sender) %s/%s %s", batch.device, batch.node, verdict.lost)
        self._store.execute(
            "INSERT INTO lost VALUES (?, ?, ?, ?, ?, ?)",
            [*batch.stream, *verdict.lost, iso_utc(self._now_ms())],
        )

    def _commit_up_to(self, device: str, node: str, epoch: str, last: int) -> None:
        self._store.execute(
            "INSERT INTO streams VALUES (?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET committed = max(committed, excluded.committed)",
            [device, node, epoch, last],
        )
