"""The book of true times: keeps what is known of each device's boots, and each time that is not its stamp's.

A fact itself never changes. A fact of a synchronised clock costs no row here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.store import Row, Store
from commune_hub.timekeeping.boot_chain import UNKNOWN_BOOT, Arrived, Edge, edges_of, learn, propagate
from commune_hub.timekeeping.true_time import FLOOR_MS, Boot, Reading, in_order, read_synced, synced_within_ms
from wire.batches import MAX_FACTS_IN_BATCH
from wire.facts import Moment
from wire.names import HUB

PAGE_FACTS = 500
"""Facts timed anew in one go."""

SEQ_MAX = 2**53
"""Greatest number that a fact can have (wire.batches)."""

_FACTS = (
    "SELECT seq, kind, body, facts.at_ms AS believed_ms, mono_ms, boot, synced, received_at, "
    "true_times.at_ms AS at_ms, sure, within_ms "
    "FROM facts LEFT JOIN true_times USING (device, node, epoch, seq) "
    "WHERE device = ? AND node = ? AND epoch = ?"
)

migrations = Migrations("true_time")


@migrations()
def create(database: Database) -> None:
    """True times where they differ from the stamp, what is known of boots, and the order of boots.

    The index holds only facts of unsynchronised clocks: it costs the others nothing.
    """
    database.executescript(
        """
        CREATE TABLE true_times (
            device TEXT NOT NULL, node TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,
            at_ms INTEGER NOT NULL, sure TEXT NOT NULL, within_ms INTEGER NOT NULL,
            PRIMARY KEY (device, node, epoch, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE boots (
            device TEXT NOT NULL, boot TEXT NOT NULL, known TEXT NOT NULL,
            PRIMARY KEY (device, boot)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE boot_order (
            device TEXT NOT NULL, earlier TEXT NOT NULL, later TEXT NOT NULL, last_mono_ms INTEGER NOT NULL,
            PRIMARY KEY (device, earlier, later)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE caught_up (done INTEGER NOT NULL) STRICT;
        CREATE INDEX facts_unsynced ON facts (device, boot) WHERE synced = 0;
        """
    )


class Stream(NamedTuple):
    """Names a stream of facts."""

    device: str
    node: str
    epoch: str


@dataclass(frozen=True)
class Moved:
    """A fact taken earlier whose time is known better now."""

    stream: Stream
    seq: int
    kind: str
    body: str
    synced: bool
    believed_ms: int
    was_ms: int
    at_ms: int


@dataclass(frozen=True)
class _Window:
    """Consecutive facts of a stream, among them some of an unsynchronised clock."""

    stream: Stream
    first: int
    last: int


class TimeBook:
    """Work out when facts happened, and better when more is known. Used inside the ledger's transaction.

    readings, moved = book.settle(stream, first, moments, received_ms)     # before the facts are written
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def settle(
        self, stream: Stream, first: int, moments: Sequence[Moment], received_ms: int
    ) -> tuple[list[Reading], list[Moved]]:
        """Return the times of new facts, numbered from `first`, and the facts that they shed light on."""
        if stream.device == HUB:
            return [Reading(each.at_ms, "exact", 0) for each in moments], []
        arrived = [Arrived(each, received_ms) for each in moments]
        before = self._neighbour(stream, first, "before")
        # A full batch is one of many: bounds that narrow with each are taken with the last, so that a long
        # backlog is not timed anew for each of its batches.
        patient = len(moments) >= MAX_FACTS_IN_BATCH
        previous = None if before is None else _moment(before)
        changed = self._learn(stream.device, previous, arrived, patient=patient)
        moved = list(self._retime(stream.device, changed))
        boots = self._boots(stream.device, {each.boot for each in moments})
        if changed:
            before = self._neighbour(stream, first, "before")
        readings = in_order(_read_all(boots, arrived), _reading_or_none(before), None)
        rows = [
            (*stream, seq, each.at_ms, each.sure, each.within_ms)
            for seq, each in enumerate(readings, first)
            if each.sure != "exact"
        ]
        self._write(rows)
        return readings, moved

    def reading(self, stream: Stream, seq: int) -> Reading | None:
        """Return when a fact happened, as known now; None for one that is not here."""
        page = self._page(stream, seq, seq)
        return _reading(page[0]) if page else None

    def catch_up(self) -> Iterator[Moved]:
        """Learn, once, from the facts of a store that is older than this book; yield what moves."""
        if self._store.row("SELECT 1 FROM caught_up") is not None:
            return
        for row in self._store.rows(
            "SELECT device, node, epoch FROM streams "
            "WHERE device IN (SELECT device FROM facts WHERE synced = 0)"
        ):
            self._learn_from_the_past(Stream(**row))
        late = self._store.rows("SELECT DISTINCT device, boot FROM facts WHERE synced = 0")
        for device in sorted({row["device"] for row in late}):
            yield from self._retime(device, {row["boot"] for row in late if row["device"] == device})
        self._store.execute("INSERT INTO caught_up VALUES (1)")

    def _learn_from_the_past(self, stream: Stream) -> None:
        previous: Moment | None = None
        seq = 0
        while page := self._page(stream, seq, SEQ_MAX):
            arrived = [_arrived(row) for row in page]
            self._learn(stream.device, previous, arrived)
            previous, seq = arrived[-1].moment, page[-1]["seq"] + 1

    def _learn(
        self, device: str, previous: Moment | None, arrived: Sequence[Arrived], *, patient: bool = False
    ) -> set[str]:
        """Take what stamps tell of their boots; return the boots of which more is known now.

        With `patient`, a mere narrower bound of a boot that has one is left to a later batch.
        """
        known = self._boots(device, {each.moment.boot for each in arrived})
        news = learn(known, arrived)
        if patient:
            news = {name: boot for name, boot in news.items() if boot.anchors or name not in known}
        edges = edges_of(previous, arrived)
        for edge in edges:
            self._store.execute(
                "INSERT INTO boot_order VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                "last_mono_ms = max(last_mono_ms, excluded.last_mono_ms)",
                [device, edge.earlier, edge.later, edge.last_mono_ms],
            )
        if news or edges:
            self._keep(device, news)
            seeds = {*news, *(end for edge in edges for end in (edge.earlier, edge.later))}
            led_to = propagate(self._boots(device, None), self._edges(device), sorted(seeds))
            self._keep(device, led_to)
            news |= led_to
        return set(news)

    def _retime(self, device: str, boots: Iterable[str]) -> Iterator[Moved]:
        windows = [
            _Window(Stream(device, row["node"], row["epoch"]), row["first"], row["last"])
            for boot in boots
            for row in self._store.rows(
                "SELECT node, epoch, min(seq) AS first, max(seq) AS last FROM facts "
                "WHERE device = ? AND boot = ? AND synced = 0 GROUP BY node, epoch",
                [device, boot],
            )
        ]
        if not windows:
            return
        known = self._boots(device, None)
        for window in sorted(windows, key=lambda each: (each.stream, each.first)):
            yield from self._retime_window(window, known)

    def _retime_window(self, window: _Window, boots: dict[str, Boot]) -> Iterator[Moved]:
        stream = window.stream
        floor = _reading_or_none(self._neighbour(stream, window.first, "before"))
        ceiling = _reading_or_none(self._neighbour(stream, window.last, "after"))
        first = window.first
        while page := self._page(stream, first, window.last):
            fresh = in_order(_read_all(boots, [_arrived(row) for row in page]), floor, ceiling)
            yield from self._correct(stream, page, fresh)
            floor, first = fresh[-1], page[-1]["seq"] + 1

    def _correct(self, stream: Stream, page: list[Row], fresh: list[Reading]) -> Iterator[Moved]:
        pairs = [(row, new) for row, new in zip(page, fresh, strict=True) if _reading(row) != new]
        self._write([(*stream, row["seq"], new.at_ms, new.sure, new.within_ms) for row, new in pairs])
        for row, new in pairs:
            was_ms = _reading(row).at_ms
            if new.at_ms != was_ms:
                yield Moved(
                    stream=stream,
                    seq=row["seq"],
                    kind=row["kind"],
                    body=row["body"],
                    synced=bool(row["synced"]),
                    believed_ms=row["believed_ms"],
                    was_ms=was_ms,
                    at_ms=new.at_ms,
                )

    def _write(self, rows: Sequence[tuple[object, ...]]) -> None:
        if rows:
            self._store.execute_many("INSERT OR REPLACE INTO true_times VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def _neighbour(self, stream: Stream, seq: int, side: Literal["before", "after"]) -> Row | None:
        """Return the fact of the stream next to number `seq`; between them some may be lost."""
        where, order = ("seq < ?", "DESC") if side == "before" else ("seq > ?", "ASC")
        return self._store.row(f"{_FACTS} AND {where} ORDER BY seq {order} LIMIT 1", [*stream, seq])

    def _page(self, stream: Stream, first: int, last: int) -> list[Row]:
        """Return the first PAGE_FACTS facts from number `first` to `last`."""
        sql = f"{_FACTS} AND seq BETWEEN ? AND ? ORDER BY seq LIMIT {PAGE_FACTS}"
        return self._store.rows(sql, [*stream, first, last])

    def _boots(self, device: str, names: Iterable[str] | None) -> dict[str, Boot]:
        """Return what is known of some boots of a device; of all when `names` is None."""
        if names is None:
            rows = self._store.rows("SELECT boot, known FROM boots WHERE device = ?", [device])
        else:
            sql = "SELECT boot, known FROM boots WHERE device = ? AND boot = ?"
            rows = [row for name in names for row in self._store.rows(sql, [device, name])]
        return {row["boot"]: msgspec.json.decode(row["known"], type=Boot) for row in rows}

    def _edges(self, device: str) -> list[Edge]:
        rows = self._store.rows(
            "SELECT earlier, later, last_mono_ms FROM boot_order WHERE device = ?", [device]
        )
        return [Edge(**row) for row in rows]

    def _keep(self, device: str, boots: dict[str, Boot]) -> None:
        self._store.execute_many(
            "INSERT OR REPLACE INTO boots VALUES (?, ?, ?)",
            [(device, name, msgspec.json.encode(boot).decode()) for name, boot in boots.items()],
        )


def _moment(row: Row) -> Moment:
    return Moment(
        at_ms=row["believed_ms"], mono_ms=row["mono_ms"], boot=row["boot"], synced=bool(row["synced"])
    )


def _arrived(row: Row) -> Arrived:
    received_ms = round(datetime.fromisoformat(row["received_at"]).timestamp() * 1_000)
    return Arrived(_moment(row), received_ms)


def _reading(row: Row) -> Reading:
    """Return the time of a fact as kept: its row in the book, or its own stamp."""
    if row["sure"] is None:
        return Reading(row["believed_ms"], "exact", synced_within_ms(row["mono_ms"]))
    return Reading(row["at_ms"], row["sure"], row["within_ms"])


def _reading_or_none(row: Row | None) -> Reading | None:
    return None if row is None else _reading(row)


def _read_all(boots: dict[str, Boot], arrived: Iterable[Arrived]) -> list[Reading]:
    return [_read(boots.get(each.moment.boot, Boot()), each) for each in arrived]


def _read(boot: Boot, arrived: Arrived) -> Reading:
    moment = arrived.moment
    if moment.boot == UNKNOWN_BOOT:
        # Its stamp is lost: somewhere between the fact before, to which `in_order` lifts it, and its arrival.
        return Reading(FLOOR_MS, "bounded", max(0, arrived.received_ms - FLOOR_MS))
    if moment.synced:
        return read_synced(moment.at_ms, moment.mono_ms, boot, arrived.received_ms)
    return boot.read(moment.mono_ms, arrived.received_ms)
