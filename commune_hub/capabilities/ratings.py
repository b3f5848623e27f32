"""Ratings: what citizens pressed, counted. Presses are anonymous."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.ledger import Taken
from commune_hub.store import Row, Store
from commune_hub.times import NowMs, day_start_ms, local_time
from wire.facts import RatingPressed

LEVELS = {1: "Rất hài lòng", 2: "Hài lòng", 3: "Bình thường", 4: "Không hài lòng"}
"""Words of the scale `vi4`, best first."""

SATISFIED_UP_TO = 2
"""Levels 1 and 2 count as satisfied, the way SIPAS counts: (satisfied + very satisfied) ÷ all answers."""

DAY_MS = 86_400_000
"""Every day is as long as another in Asia/Ho_Chi_Minh."""

migrations = Migrations("ratings")


@migrations()
def create(database: Database) -> None:
    """One row a press."""
    database.executescript(
        """
        CREATE TABLE presses (
            at_ms INTEGER NOT NULL, counter TEXT NOT NULL, scale TEXT NOT NULL, level INTEGER NOT NULL,
            ticket TEXT, officer TEXT
        ) STRICT;
        CREATE INDEX presses_by_time ON presses (at_ms);
        """
    )


@dataclass(frozen=True)
class Tally:
    """Presses of a counter: how many of each level."""

    counter: str
    levels: dict[int, int]

    @property
    def total(self) -> int:
        """All presses."""
        return sum(self.levels.values())

    @property
    def satisfied_share(self) -> float | None:
        """Share of satisfied presses, 0 to 1, computed the way SIPAS is; None without any press."""
        satisfied = sum(count for level, count in self.levels.items() if level <= SATISFIED_UP_TO)
        return satisfied / self.total if self.total else None


class Ratings:
    """Count presses."""

    def __init__(self, store: Store, now_ms: NowMs) -> None:
        self._store = store
        self._now_ms = now_ms

    def apply(self, taken: Sequence[Taken]) -> None:
        """Keep presses."""
        rows = [
            (each.at_ms, body.counter, body.scale, body.level, body.ticket, body.officer)
            for each in taken
            if isinstance(body := each.body, RatingPressed)
        ]
        if rows:
            self._store.execute_many("INSERT INTO presses VALUES (?, ?, ?, ?, ?, ?)", rows)

    def retime(self, taken: Taken, was: Taken) -> None:
        """Move a press to its true time. Presses that are alike stand for one another."""
        body = taken.body
        if isinstance(body, RatingPressed):
            self._store.execute(
                "UPDATE presses SET at_ms = ? WHERE rowid = (SELECT rowid FROM presses WHERE at_ms = ? "
                "AND counter = ? AND scale = ? AND level = ? AND ticket IS ? AND officer IS ? LIMIT 1)",
                [
                    taken.at_ms,
                    was.at_ms,
                    body.counter,
                    body.scale,
                    body.level,
                    body.ticket,
                    body.officer,
                ],
            )

    def today(self) -> list[Tally]:
        """Return today's presses by counter, by local date."""
        rows = self._store.rows(
            "SELECT counter, level, count(*) AS count FROM presses WHERE at_ms >= ? AND at_ms < ? "
            "GROUP BY counter, level",
            self._today(),
        )
        levels: dict[str, dict[int, int]] = {}
        for row in rows:
            levels.setdefault(row["counter"], dict.fromkeys(LEVELS, 0))[row["level"]] = row["count"]
        return [Tally(counter, counts) for counter, counts in sorted(levels.items())]

    def hourly_today(self) -> list[dict[int, int]]:
        """Return 24 local hours of today, each with its presses by level."""
        hours: list[dict[int, int]] = [dict.fromkeys(LEVELS, 0) for _ in range(24)]
        rows: list[Row] = self._store.rows(
            "SELECT at_ms, level FROM presses WHERE at_ms >= ? AND at_ms < ?", self._today()
        )
        for row in rows:
            hour = hours[local_time(row["at_ms"]).hour]
            hour[row["level"]] = hour.get(row["level"], 0) + 1
        return hours

    def _today(self) -> tuple[int, int]:
        """Today's beginning and end: a clock that runs ahead must not press on every day until then."""
        start_ms = day_start_ms(self._now_ms())
        return start_ms, start_ms + DAY_MS
