"""The book of true times: keeps what is known of each device's boots, and each time that is not its stamp's.

A fact itself never changes. A fact of a synchronised clock costs no row here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

import msgspec
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.store import Row, Store
from commune_hub.timekeeping.boot_chain import (
    UNKNOWN_BOOT,
    Arrived,
    Edge,
    edges_of,
    learn,
    learn_agreeing,
    propagate,
)
from commune_hub.timekeeping.kept_facts import (
    PAGE_FACTS,
    KeptFacts,
    arrived_of,
    moment_of,
    reading_of,
    reading_or_none,
)
from commune_hub.timekeeping.true_time import (
    AHEAD_MAX_MS,
    FLOOR_MS,
    Anchor,
    Boot,
    Reading,
    in_order,
    read_synced,
)
from wire.batches import MAX_FACTS_IN_BATCH, Stream
from wire.facts import Moment
from wire.names import HUB

SEQ_MAX = 2**53
"""Greatest number that a fact can have (wire.batches)."""

_WAITING = (
    "SELECT 1 FROM retimings WHERE device = ? AND node = ? AND epoch = ? AND ? BETWEEN first AND last LIMIT 1"
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


@migrations()
def time_anew_in_slices(database: Database) -> None:
    """What waits to be timed anew: facts `first` to `last` of a stream, among them unsynchronised ones of a
    boot. Each go moves `first` on, in the transaction that corrects, so that a kill in between loses nothing.
    """
    database.execute(
        """
        CREATE TABLE retimings (
            device TEXT NOT NULL, node TEXT NOT NULL, epoch TEXT NOT NULL, boot TEXT NOT NULL,
            first INTEGER NOT NULL, last INTEGER NOT NULL,
            PRIMARY KEY (device, node, epoch, boot)
        ) STRICT, WITHOUT ROWID
        """
    )


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


class _Window(NamedTuple):
    """Consecutive facts of a stream, among them some of an unsynchronised clock, of this boot."""

    stream: Stream
    first: int
    last: int
    boot: str


class TimeBook:
    """Work out when facts happened, and better when more is known. Used inside the ledger's transaction.

    times_ms, moved = book.settle(stream, first, moments, received_ms)     # before the facts are written
    while (moved := book.correct_some()) is not None: ...                  # a transaction for each
    """

    def __init__(self, store: Store, at_once: int = PAGE_FACTS) -> None:
        """`at_once`: facts timed anew in the transaction that brings the news; more wait."""
        self._store = store
        self._facts = KeptFacts(store)
        self._at_once = at_once

    def settle(
        self, stream: Stream, first: int, moments: Sequence[Moment], received_ms: int
    ) -> tuple[list[int], list[Moved]]:
        """Return the times of new facts, numbered from `first`, and the facts that they shed light on."""
        if stream.device == HUB:
            return [each.at_ms for each in moments], []
        before = self._facts.neighbour(stream, first, "before")
        moved = self._settle_agreeing(stream.device, before, moments, received_ms)
        if moved is not None:
            return [each.at_ms for each in moments], moved
        return self._settle_each(stream, first, before, [Arrived(each, received_ms) for each in moments])

    def _settle_agreeing(
        self, device: str, before: Row | None, moments: Sequence[Moment], received_ms: int
    ) -> list[Moved] | None:
        """Settle facts that need no second look, as nearly all: all of one boot with a synchronised clock
        that agrees with what is known. Their times are their stamps; return what moves. None: others.
        """
        boot = moments[0].boot
        if not _follows(before, moments, received_ms):
            return None
        known = self._boots(device, {boot}).get(boot)
        ends = [Anchor(each.mono_ms, each.at_ms) for each in (moments[0], moments[-1])]
        offsets_ms = [each.at_ms - each.mono_ms for each in moments]
        learnt = learn_agreeing(known or Boot(), offsets_ms, (ends[0], ends[1]))
        if learnt is None:
            return None
        if learnt is known:
            return []
        return list(self._retime(device, self._spread(device, {boot: learnt}, [])))

    def _settle_each(
        self, stream: Stream, first: int, before: Row | None, arrived: Sequence[Arrived]
    ) -> tuple[list[int], list[Moved]]:
        # A full batch is one of many: bounds that narrow with each are taken with the last, so that a long
        # backlog is not timed anew for each of its batches.
        patient = len(arrived) >= MAX_FACTS_IN_BATCH
        previous = None if before is None else moment_of(before)
        changed = self._learn(stream.device, previous, arrived, patient=patient)
        moved = list(self._retime(stream.device, changed))
        boots = self._boots(stream.device, {each.moment.boot for each in arrived})
        readings = in_order(_read_all(boots, arrived), self._floor(stream, first), None)
        rows = [
            (*stream, seq, each.at_ms, each.sure, each.within_ms)
            for seq, each in enumerate(readings, first)
            if each.sure != "exact"
        ]
        self._write(rows)
        return [each.at_ms for each in readings], moved

    def correct_some(self) -> list[Moved] | None:
        """Time anew some of the facts that wait for it; return those that move, None when none waits."""
        row = self._store.row("SELECT * FROM retimings ORDER BY device, node, epoch, first LIMIT 1")
        if row is None:
            return None
        window = _window(row["device"], row)
        page = self._facts.page(window.stream, window.first, window.last)
        moved = list(self._retime_page(window, page, self._boots(window.stream.device, None)))
        which = "WHERE device = ? AND node = ? AND epoch = ? AND boot = ?"
        if len(page) < PAGE_FACTS:
            self._store.execute(f"DELETE FROM retimings {which}", [*window.stream, window.boot])  # noqa: S608
        else:
            following = page[-1]["seq"] + 1
            self._store.execute(
                f"UPDATE retimings SET first = ? {which}",  # noqa: S608
                [following, *window.stream, window.boot],
            )
        return moved

    def reading(self, stream: Stream, seq: int) -> Reading | None:
        """Return when a fact happened, as known now; None for one that is not here."""
        page = self._facts.page(stream, seq, seq)
        return reading_of(page[0]) if page else None

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
        while page := self._facts.page(stream, seq, SEQ_MAX):
            arrived = [arrived_of(row) for row in page]
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
        return self._spread(device, news, edges) if news or edges else set()

    def _spread(self, device: str, news: dict[str, Boot], edges: Sequence[Edge]) -> set[str]:
        """Keep news of boots, and what follows for their neighbours; return all that know more now."""
        self._keep(device, news)
        seeds = {*news, *(end for edge in edges for end in (edge.earlier, edge.later))}
        led_to = propagate(self._boots(device, None), self._edges(device), sorted(seeds))
        self._keep(device, led_to)
        return {*news, *led_to}

    def _retime(self, device: str, boots: Iterable[str]) -> Iterator[Moved]:
        """Time the facts of some boots anew, now if they are few; yield those that move."""
        # Without the hint SQLite goes through all facts of the device, to have them grouped.
        rows = [
            row
            for boot in boots
            for row in self._store.rows(
                "SELECT node, epoch, boot, min(seq) AS first, max(seq) AS last, count(*) AS count "
                "FROM facts INDEXED BY facts_unsynced "
                "WHERE device = ? AND boot = ? AND synced = 0 GROUP BY node, epoch",
                [device, boot],
            )
        ]
        windows = sorted(_window(device, row) for row in rows)
        waiting = "SELECT 1 FROM retimings WHERE device = ? LIMIT 1"
        if sum(row["count"] for row in rows) > self._at_once or self._store.value(waiting, [device]):
            self._store.execute_many(
                "INSERT OR REPLACE INTO retimings VALUES (?, ?, ?, ?, ?, ?)",
                [(*each.stream, each.boot, each.first, each.last) for each in windows],
            )
        elif windows:
            known = self._boots(device, None)
            for window in windows:
                yield from self._retime_window(window, known)

    def _retime_window(self, window: _Window, boots: dict[str, Boot]) -> Iterator[Moved]:
        while page := self._facts.page(window.stream, window.first, window.last):
            yield from self._retime_page(window, page, boots)
            window = window._replace(first=page[-1]["seq"] + 1)

    def _retime_page(self, window: _Window, page: list[Row], boots: dict[str, Boot]) -> Iterator[Moved]:
        """Time the first facts of a window anew."""
        floor = reading_or_none(self._facts.neighbour(window.stream, window.first, "before"))
        ceiling = reading_or_none(self._facts.neighbour(window.stream, window.last, "after"))
        fresh = in_order(_read_all(boots, [arrived_of(row) for row in page]), floor, ceiling)
        yield from self._correct(window.stream, page, fresh)
        if ceiling is not None and fresh and ceiling.at_ms < fresh[-1].at_ms:
            yield from self._lift(window.stream, window.last + 1, fresh[-1])

    def _lift(self, stream: Stream, first: int, floor: Reading) -> Iterator[Moved]:
        """Lift facts from number `first` on, up to the first that lies not below `floor`.

        They came while those before them waited, and were put where those were expected to go.
        """
        while page := self._facts.page(stream, first, SEQ_MAX):
            below = list(takewhile(lambda row: reading_of(row).at_ms < floor.at_ms, page))
            yield from self._correct(stream, below, in_order([reading_of(row) for row in below], floor, None))
            if len(below) < len(page):
                return
            first = page[-1]["seq"] + 1

    def _floor(self, stream: Stream, first: int) -> Reading | None:
        """Return the time of the fact before number `first`; as it will be, if it waits to be timed anew."""
        before = self._facts.neighbour(stream, first, "before")
        if before is None or self._store.row(_WAITING, [*stream, before["seq"]]) is None:
            return reading_or_none(before)
        return _read_all(self._boots(stream.device, {before["boot"]}), [arrived_of(before)])[0]

    def _correct(self, stream: Stream, page: list[Row], fresh: list[Reading]) -> Iterator[Moved]:
        pairs = [(row, new) for row, new in zip(page, fresh, strict=True) if reading_of(row) != new]
        self._write([(*stream, row["seq"], new.at_ms, new.sure, new.within_ms) for row, new in pairs])
        for row, new in pairs:
            was_ms = reading_of(row).at_ms
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


def _follows(before: Row | None, moments: Sequence[Moment], received_ms: int) -> bool:
    """Tell whether the stamps of a synchronised clock go on, in one boot, where the fact before ended."""
    boot = moments[0].boot
    if boot == UNKNOWN_BOOT or {(each.boot, each.synced) for each in moments} != {(boot, True)}:
        return False
    times_ms = [each.at_ms for each in moments]
    if times_ms[-1] > received_ms + AHEAD_MAX_MS or times_ms != sorted(times_ms):
        return False
    if before is None:
        return True
    exact = bool(before["synced"]) and before["sure"] is None
    return exact and before["boot"] == boot and before["believed_ms"] <= times_ms[0]


def _window(device: str, row: Row) -> _Window:
    return _Window(Stream(device, row["node"], row["epoch"]), row["first"], row["last"], row["boot"])


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
