"""The audit log: who changed what, and when. Rows are added, never changed, never deleted."""

from __future__ import annotations

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.store import Row, Store
from commune_hub.times import NowMs, iso_utc

migrations = Migrations("audit")


@migrations()
def create(database: Database) -> None:
    """The log, guarded by triggers against any other use than adding."""
    database.executescript(
        """
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, account TEXT NOT NULL,
            action TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL
        ) STRICT;
        CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
        CREATE TRIGGER audit_undeleted BEFORE DELETE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
        """
    )


class Audit:
    """Note changes, and show them."""

    def __init__(self, store: Store, now_ms: NowMs) -> None:
        self._store = store
        self._now_ms = now_ms

    def note(self, account: str, action: str, subject: str, detail: str = "") -> None:
        """Add a line: `account` did `action` (e.g. `bulletin.approved`) to `subject`.

        Called inside the transaction of the change itself, so that neither stands without the other.
        """
        self._store.execute(
            "INSERT INTO audit (at, account, action, subject, detail) VALUES (?, ?, ?, ?, ?)",
            [iso_utc(self._now_ms()), account[:80], action, subject[:200], detail[:500]],
        )

    def latest(self, count: int = 200) -> list[Row]:
        """Return the newest lines, newest first."""
        return self._store.rows("SELECT * FROM audit ORDER BY id DESC LIMIT ?", [count])
