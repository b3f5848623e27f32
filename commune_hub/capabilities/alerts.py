"""Alerts: what somebody should be told at once, from when to when; noted in the audit log once each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.capabilities.audit import Audit
from commune_hub.figures.alarms import Alarm, AlarmRule, alarms
from commune_hub.figures.rows import Rows
from commune_hub.store import Store
from commune_hub.times import NowMs, day_start_ms
from provisioning.report_settings import AlertSettings

CALM_MS = 10 * 60_000
"""An alert is over when it has not held for so long: one that flickers is told once."""

KEPT_EVERY_MS = 60_000
"""That an alert still holds is written down this often, however many pages look: cards wear out."""

HUB_ACCOUNT = "hub"

migrations = Migrations("alerts")


@migrations()
def create(database: Database) -> None:
    """One row an alert; `ended_at_ms` is null while it lasts."""
    database.executescript(
        """
        CREATE TABLE alerts (
            kind TEXT NOT NULL, place TEXT NOT NULL, began_at_ms INTEGER NOT NULL,
            held_at_ms INTEGER NOT NULL, ended_at_ms INTEGER, text TEXT NOT NULL
        ) STRICT;
        CREATE INDEX alerts_open ON alerts (kind, place) WHERE ended_at_ms IS NULL;
        """
    )


@dataclass(frozen=True)
class Alert:
    """Something that should be told now."""

    kind: str
    place: str
    began_at_ms: int
    text: str


class Alerts:
    """Look at today's rows by the rules of hub.toml."""

    def __init__(
        self,
        store: Store,
        now_ms: NowMs,
        audit: Audit,
        rows: Callable[[int, int], Rows],
        settings: AlertSettings,
        counters: Mapping[str, str],
    ) -> None:
        self._store = store
        self._now_ms = now_ms
        self._audit = audit
        self._rows = rows
        self._rule = AlarmRule(settings.low_presses, settings.low_within_min, settings.wait_p90_min)
        self._counters = counters

    def look(self) -> list[Alert]:
        """Note what has begun and what is over; return what lasts, the latest first."""
        now_ms = self._now_ms()
        today = self._rows(day_start_ms(now_ms), now_ms + 1)
        found = alarms(today.counted, today.visits, self._rule, self._counters, now_ms)
        with self._store.transaction():
            for each in found:
                self._note(each, now_ms)
            self._store.execute(
                "UPDATE alerts SET ended_at_ms = held_at_ms WHERE ended_at_ms IS NULL AND held_at_ms <= ?",
                [now_ms - CALM_MS],
            )
        return self.lasting()

    def lasting(self) -> list[Alert]:
        """Return the alerts that last, as of the last look, the latest first."""
        rows = self._store.rows(
            "SELECT kind, place, began_at_ms, text FROM alerts WHERE ended_at_ms IS NULL "
            "ORDER BY began_at_ms DESC, kind, place"
        )
        return [Alert(**row) for row in rows]

    def _note(self, alarm: Alarm, now_ms: int) -> None:
        known = self._store.row(
            "SELECT rowid, held_at_ms, text FROM alerts WHERE kind = ? AND place = ? AND ended_at_ms IS NULL",
            [alarm.kind, alarm.place],
        )
        if known is not None:
            if known["text"] != alarm.text or now_ms - known["held_at_ms"] >= KEPT_EVERY_MS:
                self._store.execute(
                    "UPDATE alerts SET held_at_ms = ?, text = ? WHERE rowid = ?",
                    [now_ms, alarm.text, known["rowid"]],
                )
        else:
            self._store.execute(
                "INSERT INTO alerts VALUES (?, ?, ?, ?, NULL, ?)",
                [alarm.kind, alarm.place, now_ms, now_ms, alarm.text],
            )
            self._audit.note(HUB_ACCOUNT, f"alert.{alarm.kind}", alarm.place or "hall", alarm.text)
