"""Playbacks: what each loudspeaker made of each sounding of a bulletin."""

from __future__ import annotations

from collections.abc import Sequence

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.ledger import Taken
from commune_hub.store import Row, Store
from wire.facts import PlaybackCut, PlaybackFinished, PlaybackRefused, PlaybackStarted
from wire.intents import bulletin_of

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


class Playbacks:
    """Follow what loudspeakers tell, in order."""

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
            "SELECT * FROM soundings WHERE bulletin = ? ORDER BY due_at_ms DESC, device, node LIMIT 400",
            [bulletin],
        )

    def between(self, from_ms: int, until_ms: int) -> list[Row]:
        """Return what loudspeakers told from `from_ms` up to, but without, `until_ms`, in order."""
        return self._store.rows(
            "SELECT * FROM soundings WHERE told_at_ms >= ? AND told_at_ms < ? ORDER BY told_at_ms",
            [from_ms, until_ms],
        )

    def _follow(self, taken: Taken) -> None:
        match taken.body:
            case PlaybackStarted() as body:
                told: dict[str, str | int] = {"due_at_ms": body.due_at_ms, "detail": body.detail}
                if not body.from_ms:  # one that was cut and goes on began before
                    told["started_at_ms"] = taken.true_ms(body.started_at_ms)
                self._keep(taken, body.bulletin, "started", **told)
            case PlaybackCut() as body:
                detail = f"cut by {body.by} after {body.sounded_ms / 1000:.1f} s; {body.then}"
                self._keep(taken, body.bulletin, "cut", duration_ms=body.sounded_ms, detail=detail)
            case PlaybackFinished() as body:
                self._keep(
                    taken,
                    body.bulletin,
                    "finished",
                    started_at_ms=taken.true_ms(body.started_at_ms),
                    duration_ms=body.duration_ms,
                    underruns=body.underruns,
                    detail=body.detail,
                )
            case PlaybackRefused() as body:
                said = {"reason": body.reason, "detail": body.detail}
                self._keep(taken, body.bulletin, "refused", due_at_ms=body.due_at_ms, **said)

    def _keep(self, taken: Taken, sounding: str, outcome: str, **told: str | int) -> None:
        """Later facts add to what earlier ones told; the outcome is the latest."""
        values = {
            "sounding": sounding,
            "bulletin": bulletin_of(sounding),
            "device": taken.device,
            "node": taken.node,
            "outcome": outcome,
            "reason": told.get("reason", ""),
            "detail": told.get("detail", ""),
            "due_at_ms": told.get("due_at_ms"),
            "started_at_ms": told.get("started_at_ms"),
            "duration_ms": told.get("duration_ms"),
            "underruns": told.get("underruns"),
            "told_at_ms": taken.at_ms,
        }
        self._store.execute(
            "INSERT INTO soundings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "outcome = excluded.outcome, reason = excluded.reason, detail = excluded.detail, "
            "told_at_ms = excluded.told_at_ms, due_at_ms = coalesce(excluded.due_at_ms, due_at_ms), "
            "started_at_ms = coalesce(excluded.started_at_ms, started_at_ms), "
            "duration_ms = excluded.duration_ms, underruns = coalesce(excluded.underruns, underruns)",
            list(values.values()),
        )
