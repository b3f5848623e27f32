"""Playbacks: what each loudspeaker made of each sounding of a bulletin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.ledger import Taken
from commune_hub.store import Row, Store
from wire.facts import Body, PlaybackCut, PlaybackFinished, PlaybackRefused, PlaybackStarted
from wire.intents import bulletin_of

Told = str | int | float | None

migrations = Migrations("playbacks")


@migrations()
def create(database: Database) -> None:
    """One row a sounding and loudspeaker. Before bulletins repeated, the table was the bulletins' own."""
    database.executescript(
        """
        CREATE TABLE IF NOT EXISTS playbacks (
            bulletin TEXT NOT NULL, device TEXT NOT NULL, node TEXT NOT NULL, outcome TEXT NOT NULL,
            reason TEXT NOT NULL, started_at_ms INTEGER, duration_ms INTEGER, told_at_ms INTEGER NOT NULL,
            PRIMARY KEY (bulletin, device, node)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE soundings (
            sounding TEXT NOT NULL, bulletin TEXT NOT NULL, device TEXT NOT NULL, node TEXT NOT NULL,
            outcome TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, due_at_ms INTEGER,
            started_at_ms INTEGER, duration_ms INTEGER, underruns INTEGER, told_at_ms INTEGER NOT NULL,
            PRIMARY KEY (sounding, device, node)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO soundings SELECT bulletin, bulletin, device, node, outcome, reason, '', NULL,
            started_at_ms, duration_ms, NULL, told_at_ms FROM playbacks;
        DROP TABLE playbacks;
        CREATE INDEX soundings_by_bulletin ON soundings (bulletin, due_at_ms);
        CREATE INDEX soundings_by_time ON soundings (told_at_ms);
        """
    )


@migrations()
def keep_the_proof(database: Database) -> None:
    """How whole it was and what was heard of it, also of what was told before; NULL: not told."""
    database.executescript(
        """
        ALTER TABLE soundings ADD COLUMN completeness REAL;
        ALTER TABLE soundings ADD COLUMN level_dbfs REAL;
        ALTER TABLE soundings ADD COLUMN verdict TEXT;
        ALTER TABLE soundings ADD COLUMN fault TEXT;
        ALTER TABLE soundings ADD COLUMN sure REAL;
        ALTER TABLE soundings ADD COLUMN cuts INTEGER NOT NULL DEFAULT 0;
        DROP INDEX soundings_by_time;
        CREATE INDEX soundings_by_due ON soundings (coalesce(due_at_ms, started_at_ms, told_at_ms));
        UPDATE soundings SET completeness = told.completeness, level_dbfs = told.level_dbfs,
            verdict = told.verdict, fault = told.fault, sure = told.sure
            FROM (SELECT device, node, body ->> 'bulletin' AS sounding,
                body ->> 'completeness' AS completeness, body ->> 'level_dbfs' AS level_dbfs,
                coalesce(body ->> 'verdict', '') AS verdict, coalesce(body ->> 'fault', '') AS fault,
                body ->> 'sure' AS sure
                FROM facts WHERE kind = 'playback.finished' AND understood = 1) AS told
            WHERE soundings.sounding = told.sounding AND soundings.device = told.device
                AND soundings.node = told.node;
        UPDATE soundings SET cuts = told.cuts
            FROM (SELECT device, node, body ->> 'bulletin' AS sounding, count(*) AS cuts
                FROM facts WHERE kind = 'playback.cut' AND understood = 1 GROUP BY 1, 2, 3) AS told
            WHERE soundings.sounding = told.sounding AND soundings.device = told.device
                AND soundings.node = told.node;
        """
    )


_LATER = ("outcome", "reason", "detail", "told_at_ms", "duration_ms")
"""Of these the latest fact's word holds; of all others the latest word that there was."""

_COLUMNS = (
    *("sounding", "bulletin", "device", "node", "outcome", "reason", "detail", "due_at_ms", "started_at_ms"),
    *("duration_ms", "underruns", "told_at_ms", "completeness", "level_dbfs", "verdict", "fault", "sure"),
    "cuts",
)


def _upsert() -> str:
    later = [f"{name} = excluded.{name}" for name in _LATER]
    kept = [f"{name} = coalesce(excluded.{name}, {name})" for name in _COLUMNS[7:-1] if name not in _LATER]
    places = ", ".join("?" * len(_COLUMNS))
    return (
        f"INSERT INTO soundings ({', '.join(_COLUMNS)}) VALUES ({places}) ON CONFLICT DO UPDATE SET "  # noqa: S608
        f"{', '.join([*later, *kept])}, cuts = cuts + excluded.cuts"
    )


_KEEP = _upsert()


class Playbacks:
    """Follow what loudspeakers tell, in order."""

    FOLLOWS: ClassVar[frozenset[type[Body]]] = frozenset(
        {PlaybackStarted, PlaybackCut, PlaybackFinished, PlaybackRefused}
    )

    def __init__(self, store: Store) -> None:
        self._store = store

    def apply(self, taken: Sequence[Taken]) -> None:
        """Follow facts, in order."""
        for each in taken:
            self._follow(each)

    def retime(self, taken: Taken, was: Taken) -> None:
        """Correct when a loudspeaker sounded a bulletin, and when it told of it."""
        body = taken.body
        if not isinstance(body, PlaybackStarted | PlaybackCut | PlaybackFinished | PlaybackRefused):
            return
        where = [body.bulletin, taken.device, taken.node]
        if not isinstance(body, PlaybackRefused):
            self._store.execute(
                "UPDATE soundings SET started_at_ms = ? "
                "WHERE sounding = ? AND device = ? AND node = ? AND started_at_ms = ?",
                [taken.true_ms(body.started_at_ms), *where, was.true_ms(body.started_at_ms)],
            )
        self._store.execute(
            "UPDATE soundings SET told_at_ms = ? "
            "WHERE sounding = ? AND device = ? AND node = ? AND told_at_ms = ?",
            [taken.at_ms, *where, was.at_ms],
        )

    def of(self, bulletin: str) -> list[Row]:
        """Return what each loudspeaker made of a bulletin, the latest sounding first."""
        return self._store.rows(
            "SELECT *, coalesce(due_at_ms, started_at_ms, told_at_ms) AS at_ms FROM soundings "
            "WHERE bulletin = ? ORDER BY at_ms DESC, device, node LIMIT 400",
            [bulletin],
        )

    def between(self, from_ms: int, until_ms: int) -> list[Row]:
        """Return the soundings that were due from `from_ms` up to, but without, `until_ms`, in order."""
        return self._store.rows(
            "SELECT *, coalesce(due_at_ms, started_at_ms, told_at_ms) AS at_ms FROM soundings "
            "WHERE coalesce(due_at_ms, started_at_ms, told_at_ms) >= ? "
            "AND coalesce(due_at_ms, started_at_ms, told_at_ms) < ? ORDER BY at_ms, device, node",
            [from_ms, until_ms],
        )

    def last_heard(self, since_ms: int) -> dict[str, Row]:
        """Return, by device, the last sounding due since then of which somebody listened to the end."""
        rows = self._store.rows(
            "SELECT * FROM soundings WHERE coalesce(due_at_ms, started_at_ms, told_at_ms) >= ? "
            "AND verdict <> '' ORDER BY told_at_ms",
            [since_ms],
        )
        return {row["device"]: row for row in rows}

    def _follow(self, taken: Taken) -> None:
        told: dict[str, Told]
        match taken.body:
            case PlaybackStarted() as body:
                told = {"due_at_ms": body.due_at_ms, "detail": body.detail}
                if not body.from_ms:  # one that was cut and goes on began before
                    told["started_at_ms"] = taken.true_ms(body.started_at_ms)
                self._keep(taken, body.bulletin, "started", told)
            case PlaybackCut() as body:
                detail = f"cut by {body.by} after {body.sounded_ms / 1000:.1f} s; {body.then}"
                told = {"duration_ms": body.sounded_ms, "detail": detail, "cuts": 1}
                self._keep(taken, body.bulletin, "cut", told)
            case PlaybackFinished() as body:
                self._keep(taken, body.bulletin, "finished", _finished(taken, body))
            case PlaybackRefused() as body:
                told = {"due_at_ms": body.due_at_ms, "reason": body.reason, "detail": body.detail}
                self._keep(taken, body.bulletin, "refused", told)

    def _keep(self, taken: Taken, sounding: str, outcome: str, told: Mapping[str, Told]) -> None:
        """Later facts add to what earlier ones told; the outcome is the latest."""
        values: dict[str, Told] = {
            "sounding": sounding,
            "bulletin": bulletin_of(sounding),
            "device": taken.device,
            "node": taken.node,
            "outcome": outcome,
            "reason": "",
            "detail": "",
            "told_at_ms": taken.at_ms,
            "cuts": 0,
            **told,
        }
        self._store.execute(_KEEP, [values.get(name) for name in _COLUMNS])


def _finished(taken: Taken, body: PlaybackFinished) -> dict[str, Told]:
    return {
        "started_at_ms": taken.true_ms(body.started_at_ms),
        "duration_ms": body.duration_ms,
        "underruns": body.underruns,
        "detail": body.detail,
        "completeness": body.completeness,
        "level_dbfs": body.level_dbfs,
        "verdict": body.verdict,
        "fault": body.fault,
        "sure": body.sure,
    }
