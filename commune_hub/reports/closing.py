"""Closed reports: kept as they were, hashed and sealed, never changed and never opened again.

A report that proves wrong is followed by another edition of it, with the next number; both stay.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.reports.content import Content, read_content, sha256_of
from commune_hub.reports.periods import Period
from commune_hub.store import Row, Store

_DOMAIN = b"commune report v1\n"
"""Stands before what is sealed, so that no seal of something else passes for a report's."""

_PERIOD = "kind = ? AND period = ? AND begins = ?"

migrations = Migrations("closed_reports")


@migrations()
def create(database: Database) -> None:
    """One row an edition, guarded by triggers against any other use than adding."""
    database.executescript(
        """
        CREATE TABLE closed_reports (
            kind TEXT NOT NULL, period TEXT NOT NULL, begins INTEGER NOT NULL, edition INTEGER NOT NULL,
            closed_at_ms INTEGER NOT NULL, closed_by TEXT NOT NULL, canonical TEXT NOT NULL,
            sha256 TEXT NOT NULL, seal BLOB NOT NULL,
            PRIMARY KEY (kind, period, begins, edition)
        ) STRICT;
        CREATE TRIGGER closed_reports_unchanged BEFORE UPDATE ON closed_reports
            BEGIN SELECT RAISE(ABORT, 'a closed report never changes'); END;
        CREATE TRIGGER closed_reports_undeleted BEFORE DELETE ON closed_reports
            BEGIN SELECT RAISE(ABORT, 'a closed report stays'); END;
        """
    )


@dataclass(frozen=True)
class Closed:
    """A closed report: `canonical` are the very bytes that were hashed and sealed."""

    kind: str
    period: str
    begins: int
    edition: int
    closed_at_ms: int
    closed_by: str
    canonical: str
    sha256: str
    seal: bytes

    @property
    def content(self) -> Content:
        """What it says."""
        return read_content(self.canonical.encode())


class ClosedReports:
    """Keep editions, and give them back as they were."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, period: Period, raw: bytes, by: str, at_ms: int, key: Ed25519PrivateKey) -> Closed:
        """Add an edition: `raw` as `content.canonical` wrote it. In the transaction of whoever closes."""
        latest = self.latest(period)
        edition = Closed(
            kind=period.kind,
            period=period.name,
            begins=period.begins,
            edition=latest.edition + 1 if latest else 1,
            closed_at_ms=at_ms,
            closed_by=by,
            canonical=raw.decode(),
            sha256=sha256_of(raw),
            seal=key.sign(_DOMAIN + raw),
        )
        self._store.execute(
            "INSERT INTO closed_reports VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", list(vars(edition).values())
        )
        return edition

    def latest(self, period: Period) -> Closed | None:
        """Return the newest edition of a period's report; None while it is open."""
        found = self.editions(period)
        return found[-1] if found else None

    def editions(self, period: Period) -> list[Closed]:
        """Return every edition, oldest first."""
        rows = self._store.rows(
            f"SELECT * FROM closed_reports WHERE {_PERIOD} ORDER BY edition",  # noqa: S608 - our own names
            [period.kind, period.name, period.begins],
        )
        return [Closed(**row) for row in rows]

    def closed_names(self, kind: str, begins: int) -> dict[str, int]:
        """Return the periods of a kind that are closed, with the number of their newest edition."""
        rows: list[Row] = self._store.rows(
            "SELECT period, max(edition) AS edition FROM closed_reports WHERE kind = ? AND begins = ? "
            "GROUP BY period",
            [kind, begins],
        )
        return {row["period"]: int(row["edition"]) for row in rows}


def mistakes(closed: Closed, seal: Ed25519PublicKey) -> list[str]:
    """Return what is wrong with a closed report, in lines; nothing when it is as it was closed."""
    raw = closed.canonical.encode()
    found = []
    if sha256_of(raw) != closed.sha256:
        found.append(f"{closed.period}: mã băm không khớp (the hash does not match)")
    try:
        seal.verify(closed.seal, _DOMAIN + raw)
    except InvalidSignature:
        found.append(f"{closed.period}: niêm phong sai, báo cáo đã bị sửa (bad seal: it was changed)")
    return found
