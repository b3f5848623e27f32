"""Accounts of loss: for each device and day, how many facts there should be, are stored, missing, repeated.

A day is closed once it is over: how far each stream was committed then is kept for good, and what lies
between two closings is a day's account. Nothing is estimated: the numbers of a stream have no holes, so what
is not there is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.store import Row, Store
from commune_hub.times import NowMs, local_day
from wire.names import HUB

migrations = Migrations("accounts")

DAYS_SHOWN = 31


@migrations()
def create(database: Database) -> None:
    """How far each stream was at each closing; what came again or was refused, by device and day."""
    database.executescript(
        """
        CREATE TABLE closings (
            day TEXT NOT NULL, device TEXT NOT NULL, node TEXT NOT NULL, epoch TEXT NOT NULL,
            committed INTEGER NOT NULL,
            PRIMARY KEY (day, device, node, epoch)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE closed_days (day TEXT PRIMARY KEY, closed_at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE counted (
            day TEXT NOT NULL, device TEXT NOT NULL, what TEXT NOT NULL, count INTEGER NOT NULL,
            PRIMARY KEY (day, device, what)
        ) STRICT, WITHOUT ROWID;
        """
    )


@dataclass(frozen=True)
class Stretch:
    """The facts of one stream between two closings: numbers `first` to `last`."""

    device: str
    node: str
    epoch: str
    first: int
    last: int


@dataclass(frozen=True)
class DayAccount:
    """A device's account of a day. `made` = `stored` + `missing`."""

    day: str
    device: str
    made: int
    """Facts that the device numbered and that the hub was told of."""
    stored: int
    missing: int
    """Numbers whose facts the hub will never have."""
    repeated: int
    """Facts that came again and were not taken twice."""
    refused: int
    """Messages of the device that were refused."""
    repaired: int
    """Facts that the device's card had damaged; in their place stands what could be read."""


class Accounts:
    """Close days, and tell what each device made, and what became of it."""

    def __init__(self, store: Store, now_ms: NowMs) -> None:
        self._store = store
        self._now_ms = now_ms

    def repeated(self, device: str, count: int) -> None:
        """Count facts that came again."""
        self._count(device, "repeated", count)

    def refused(self, device: str, count: int) -> None:
        """Count messages of a device that were refused."""
        self._count(device, "refused", count)

    def today(self) -> str:
        """Return the day that is open."""
        return local_day(self._now_ms())

    def close_days(self) -> str | None:
        """Close the day before today unless it is closed; return it if it was closed now.

        A hub that was off for days closes them as one: the last of them carries what came meanwhile.
        """
        yesterday = local_day(self._now_ms() - 86_400_000)
        last = self._store.value("SELECT max(day) FROM closed_days")
        closed = last is not None and str(last) >= yesterday
        if closed or self._store.value("SELECT 1 FROM streams") is None:
            return None
        with self._store.transaction():
            self._store.execute("INSERT INTO closed_days VALUES (?, ?)", [yesterday, self._now_ms()])
            self._store.execute(
                "INSERT INTO closings SELECT ?, device, node, epoch, committed FROM streams", [yesterday]
            )
        return yesterday

    def closed_days(self) -> list[str]:
        """Return the days that are closed, oldest first."""
        return [str(row["day"]) for row in self._store.rows("SELECT day FROM closed_days ORDER BY day")]

    def stretches(self, day: str) -> list[Stretch]:
        """Return what each stream added on a closed day, or so far on the open one, but for those at rest."""
        if self._store.value("SELECT 1 FROM closed_days WHERE day = ?", [day]) is None:
            ends = self._store.rows("SELECT device, node, epoch, committed FROM streams")
        else:
            ends = self._store.rows("SELECT * FROM closings WHERE day = ?", [day])
        before = self._store.value("SELECT max(day) FROM closed_days WHERE day < ?", [day])
        starts = {
            (row["device"], row["node"], row["epoch"]): int(row["committed"])
            for row in self._store.rows("SELECT * FROM closings WHERE day = ?", [before or ""])
        }
        found = []
        for row in ends:
            stream = (str(row["device"]), str(row["node"]), str(row["epoch"]))
            first = starts.get(stream, 0) + 1
            if row["committed"] >= first:
                found.append(Stretch(*stream, first, int(row["committed"])))
        return sorted(found, key=lambda each: (each.device, each.node, each.epoch))

    def day(self, day: str) -> list[DayAccount]:
        """Return the account of each device on a day, the open one included."""
        made: dict[str, int] = {}
        stored: dict[str, int] = {}
        repaired: dict[str, int] = {}
        for each in self.stretches(day):
            made[each.device] = made.get(each.device, 0) + each.last - each.first + 1
            stored[each.device] = stored.get(each.device, 0) + self._stored(each)
            repaired[each.device] = repaired.get(each.device, 0) + self._stored(each, "fact.damaged")
        counted = {
            (row["device"], row["what"]): int(row["count"])
            for row in self._store.rows("SELECT * FROM counted WHERE day = ?", [day])
        }
        devices = sorted({*made, *(device for device, _ in counted)} - {HUB})
        return [
            DayAccount(
                day,
                device,
                made.get(device, 0),
                stored.get(device, 0),
                made.get(device, 0) - stored.get(device, 0),
                counted.get((device, "repeated"), 0),
                counted.get((device, "refused"), 0),
                repaired.get(device, 0),
            )
            for device in devices
        ]

    def latest(self, days: int) -> list[DayAccount]:
        """Return the accounts of today and of the last closed days, `days` in all, newest first."""
        chosen = [self.today(), *reversed(self.closed_days()[-(days - 1) :])]
        return [account for day in chosen for account in self.day(day)]

    def _stored(self, stretch: Stretch, kind: str | None = None) -> int:
        where, values = ("AND kind = ?", [kind]) if kind else ("", [])
        found: Row | None = self._store.row(
            "SELECT count(*) AS count FROM facts WHERE device = ? AND node = ? AND epoch = ? "  # noqa: S608
            f"AND seq BETWEEN ? AND ? {where}",
            [stretch.device, stretch.node, stretch.epoch, stretch.first, stretch.last, *values],
        )
        return int(found["count"]) if found else 0

    def _count(self, device: str, what: str, count: int) -> None:
        if count > 0:
            self._store.execute(
                "INSERT INTO counted VALUES (?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET count = count + excluded.count",
                [self.today(), device[:40], what, count],
            )
