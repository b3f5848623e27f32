"""Loudspeakers: what each keeps by its own settings, what happened to it, how its last self-test went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import ClassVar

import msgspec
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.ledger import Taken
from commune_hub.store import Row, Store
from commune_hub.timetable.plan import Habits
from speaker_node.hour_volume import HourVolume
from speaker_node.quiet import QuietHours
from wire.facts import Body, SpeakerConfigured, SpeakerReleased, SpeakerStopped, SpeakerTested

HISTORY_MAX = 100
"""Most lines of one loudspeaker's history that are shown."""

migrations = Migrations("loudspeakers")


@migrations()
def create(database: Database) -> None:
    """Settings by loudspeaker, and events: stopped, released, tested; filled from facts that are here."""
    database.executescript(
        """
        CREATE TABLE speaker_settings (
            device TEXT PRIMARY KEY, told_at_ms INTEGER NOT NULL, settings TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE speaker_events (
            device TEXT NOT NULL, kind TEXT NOT NULL, at_ms INTEGER NOT NULL, until_ms INTEGER,
            by TEXT NOT NULL, verdict TEXT NOT NULL, fault TEXT NOT NULL, level_dbfs REAL, sure REAL,
            detail TEXT NOT NULL
        ) STRICT;
        CREATE INDEX speaker_events_by_device ON speaker_events (device, at_ms);
        INSERT INTO speaker_events
            SELECT f.device, substr(f.kind, 9), coalesce(t.at_ms, f.at_ms), f.body ->> 'until_ms',
                coalesce(f.body ->> 'by', ''), coalesce(f.body ->> 'verdict', ''),
                coalesce(f.body ->> 'fault', ''), f.body ->> 'level_dbfs', f.body ->> 'sure',
                coalesce(f.body ->> 'detail', '')
            FROM facts f LEFT JOIN true_times t USING (device, node, epoch, seq)
            WHERE f.kind IN ('speaker.stopped', 'speaker.released', 'speaker.tested') AND f.understood = 1
            ORDER BY 3;
        """
    )


@dataclass(frozen=True)
class SpeakerEvent:
    """Something that befell a loudspeaker. Times are UTC milliseconds."""

    device: str
    kind: str
    """`stopped`, `released` or `tested`."""
    at_ms: int
    until_ms: int | None
    """Of `stopped`: when it ends by itself."""
    by: str
    verdict: str
    """Of `tested`, as the three that follow: as in wire.facts.SpeakerTested."""
    fault: str
    level_dbfs: float | None
    sure: float | None
    detail: str

    @property
    def passed(self) -> bool:
        """Whether this is a self-test that was heard, with nothing amiss."""
        return self.kind == "tested" and self.verdict == "heard" and not self.fault


class Loudspeakers:
    """Follow what loudspeakers tell of themselves."""

    FOLLOWS: ClassVar[frozenset[type[Body]]] = frozenset(
        {SpeakerConfigured, SpeakerStopped, SpeakerReleased, SpeakerTested}
    )

    def __init__(self, store: Store) -> None:
        self._store = store

    def apply(self, taken: Sequence[Taken]) -> None:
        """Follow facts, in order."""
        for each in taken:
            if isinstance(each.body, SpeakerConfigured):
                self._store.execute(
                    "INSERT OR REPLACE INTO speaker_settings VALUES (?, ?, ?)",
                    [each.device, each.at_ms, msgspec.json.encode(each.body).decode()],
                )
            elif (event := _event(each)) is not None:
                self._store.execute(
                    "INSERT INTO speaker_events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    list(vars(event).values()),
                )

    def retime(self, taken: Taken, was: Taken) -> None:
        """Correct when something befell a loudspeaker."""
        event, before = _event(taken), _event(was)
        if event is not None and before is not None:
            self._store.execute(
                "UPDATE speaker_events SET at_ms = ?, until_ms = ? "
                "WHERE device = ? AND kind = ? AND at_ms = ?",
                [event.at_ms, event.until_ms, event.device, event.kind, before.at_ms],
            )

    def settings(self) -> dict[str, SpeakerConfigured]:
        """Return what loudspeakers told of their settings, by device."""
        rows = self._store.rows("SELECT device, settings FROM speaker_settings")
        return {row["device"]: msgspec.json.decode(row["settings"], type=SpeakerConfigured) for row in rows}

    def habits(self) -> dict[str, Habits]:
        """Return the same as what a plan goes by."""
        return {device: habits_of(told) for device, told in self.settings().items()}

    def stopped(self) -> dict[str, SpeakerEvent]:
        """Return, by device, the stop that holds: pressed and not released yet."""
        last = self._last("kind IN ('stopped', 'released')")
        return {device: each for device, each in last.items() if each.kind == "stopped"}

    def tested(self) -> dict[str, SpeakerEvent]:
        """Return the last self-test by device; one that never tested itself is absent."""
        return self._last("kind = 'tested'")

    def history(self, device: str) -> list[SpeakerEvent]:
        """Return what befell a loudspeaker, the latest first."""
        rows = self._store.rows(
            "SELECT * FROM speaker_events WHERE device = ? ORDER BY at_ms DESC, rowid DESC LIMIT ?",
            [device, HISTORY_MAX],
        )
        return [_from_row(row) for row in rows]

    def _last(self, where: str) -> dict[str, SpeakerEvent]:
        devices = self._store.rows("SELECT DISTINCT device FROM speaker_events")
        found = {}
        for device in [row["device"] for row in devices]:
            row = self._store.row(
                f"SELECT * FROM speaker_events WHERE device = ? AND {where} "  # noqa: S608 - our own words
                "ORDER BY at_ms DESC, rowid DESC LIMIT 1",
                [device],
            )
            if row is not None:
                found[device] = _from_row(row)
        return found


def habits_of(told: SpeakerConfigured) -> Habits:
    """Return what a loudspeaker with these settings keeps."""
    quiet = None
    if told.quiet_from is not None and told.quiet_until is not None:
        quiet = QuietHours(time.fromisoformat(told.quiet_from), time.fromisoformat(told.quiet_until))
    factors = {time.fromisoformat(begin): factor for begin, factor in told.volume_by_hour.items()}
    return Habits(quiet, HourVolume(factors))


def _event(taken: Taken) -> SpeakerEvent | None:
    """Return the event that a fact tells of; None for one that tells of none."""
    match taken.body:
        case SpeakerStopped() as body:
            return _of(taken, "stopped", until_ms=taken.true_ms(body.until_ms), by=body.by)
        case SpeakerReleased() as body:
            return _of(taken, "released", by=body.by)
        case SpeakerTested() as body:
            return SpeakerEvent(
                device=taken.device,
                kind="tested",
                at_ms=taken.at_ms,
                until_ms=None,
                by="",
                verdict=body.verdict,
                fault=body.fault,
                level_dbfs=body.level_dbfs,
                sure=body.sure,
                detail=body.detail,
            )
    return None


def _of(taken: Taken, kind: str, *, until_ms: int | None = None, by: str = "") -> SpeakerEvent:
    return SpeakerEvent(taken.device, kind, taken.at_ms, until_ms, by, "", "", None, None, "")


def _from_row(row: Row) -> SpeakerEvent:
    return SpeakerEvent(**row)
