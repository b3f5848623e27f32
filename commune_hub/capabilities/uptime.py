"""Uptime: in which hours each device was on, as its own health samples tell, whenever they arrive.

Presence says who can be reached now; a device that lost its link for a day was on all the same, and its
samples say so once they come. Samples come every minute; a row an hour is what reports ask for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.ledger import Taken
from commune_hub.store import Store
from wire.facts import Body, HealthSampled

HOUR_MS = 3_600_000

migrations = Migrations("uptime")


@migrations()
def create(database: Database) -> None:
    """Samples by device and hour (since 1970, UTC); filled from the facts of an earlier version's store."""
    database.executescript(
        f"""
        CREATE TABLE heard_hours (
            device TEXT NOT NULL, hour INTEGER NOT NULL, samples INTEGER NOT NULL,
            PRIMARY KEY (device, hour)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO heard_hours
            SELECT f.device, coalesce(t.at_ms, f.at_ms) / {HOUR_MS}, count(*)
            FROM facts f LEFT JOIN true_times t USING (device, node, epoch, seq)
            WHERE f.kind = 'health.sampled' AND f.understood = 1 GROUP BY 1, 2;
        """  # noqa: S608 - our own figure
    )


class Uptime:
    """Count samples by hour, and tell in how many hours there was one."""

    FOLLOWS: ClassVar[frozenset[type[Body]]] = frozenset({HealthSampled})

    def __init__(self, store: Store) -> None:
        self._store = store

    def apply(self, taken: Sequence[Taken]) -> None:
        """Count health samples."""
        found = Counter(
            (each.device, each.at_ms // HOUR_MS) for each in taken if isinstance(each.body, HealthSampled)
        )
        if found:
            self._count([(device, hour, samples) for (device, hour), samples in found.items()])

    def retime(self, taken: Taken, was: Taken) -> None:
        """Move a sample to its true hour."""
        before, after = was.at_ms // HOUR_MS, taken.at_ms // HOUR_MS
        if not isinstance(taken.body, HealthSampled) or before == after:
            return
        self._count([(taken.device, after, 1), (taken.device, before, -1)])
        self._store.execute(
            "DELETE FROM heard_hours WHERE device = ? AND hour = ? AND samples <= 0", [taken.device, before]
        )

    def hours_heard(self, from_ms: int, until_ms: int) -> dict[str, int]:
        """Return in how many hours of a stretch of time each device was on; one never heard is absent."""
        rows = self._store.rows(
            "SELECT device, count(*) AS hours FROM heard_hours WHERE hour >= ? AND hour < ? GROUP BY device",
            [from_ms // HOUR_MS, -(-until_ms // HOUR_MS)],
        )
        return {row["device"]: int(row["hours"]) for row in rows}

    def _count(self, rows: Sequence[tuple[str, int, int]]) -> None:
        self._store.execute_many(
            "INSERT INTO heard_hours VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
            "samples = samples + excluded.samples",
            rows,
        )
