"""Where each device stood, and since when: the files of the roster say only where it stands now."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.store import Store
from commune_hub.times import NowMs
from provisioning.roster import RosterEntry

log = logging.getLogger(__name__)

migrations = Migrations("whereabouts")


@migrations()
def create(database: Database) -> None:
    """A row for each place that a device came to; the last is where it stands, or stood when it left."""
    database.executescript(
        """
        CREATE TABLE stays (
            device TEXT NOT NULL, since_ms INTEGER NOT NULL, place TEXT NOT NULL,
            PRIMARY KEY (device, since_ms)
        ) STRICT, WITHOUT ROWID;
        """
    )


@dataclass(frozen=True)
class Stays:
    """Where one device stood: since when (UTC milliseconds) and at which place, in order; never empty."""

    known: tuple[tuple[int, str], ...]

    @property
    def since_ms(self) -> int:
        """Since when it is there at all."""
        return self.known[0][0]

    def place_at(self, at_ms: int) -> str:
        """Return where it stood at a time; before it came, where it stood first."""
        _, first = self.known[0]
        return next((place for since_ms, place in reversed(self.known) if since_ms <= at_ms), first)

    def there_since(self, at_ms: int) -> Stays:
        """Return the same of a device that is known to have been there at `at_ms`, or earlier."""
        (since_ms, place), *later = self.known
        return Stays(((min(since_ms, at_ms), place), *later))


_LAST = "SELECT device, max(since_ms) AS since_ms, place FROM stays GROUP BY device"


class Whereabouts:
    """Keep where devices stand, whenever the roster says something new. Safe from several threads."""

    def __init__(
        self,
        store: Store,
        now_ms: NowMs,
        roster: Callable[[], Sequence[RosterEntry]],
        written_ms: Callable[[], Mapping[str, int]],
    ) -> None:
        """`roster` is read at each `note`; `written_ms` says when each device's file of it was written."""
        self._store = store
        self._now_ms = now_ms
        self._roster = roster
        self._written_ms = written_ms
        self._lock = threading.Lock()
        self._noted: dict[str, str] = {}

    def note(self) -> None:
        """Look at the roster, and keep what is new: who came, and who was moved, when its file was written.

        A file that is written anew and says the same place is no news: it is when a hub is restored, too.
        """
        places = {entry.device: entry.place for entry in self._roster()}
        with self._lock:
            if places == self._noted:
                return
        try:
            self._keep(places)
        except sqlite3.OperationalError as error:
            log.warning("chưa ghi được nơi đặt thiết bị (places cannot be kept yet): %s", error)
            return  # a full disk; the next look tries again, and documents do not wait for it
        with self._lock:
            self._noted = places

    def _keep(self, places: Mapping[str, str]) -> None:
        written_ms, now_ms = self._written_ms(), self._now_ms()
        with self._store.transaction():
            last = {row["device"]: row for row in self._store.rows(_LAST)}
            for device, place in places.items():
                was = last.get(device)
                since_ms = written_ms.get(device, 0)
                if was is not None and not was["since_ms"] < since_ms <= now_ms:
                    # A clock that was wrong wrote the file; by now, at least, the device has been moved.
                    since_ms = max(was["since_ms"] + 1, now_ms)
                if was is None or was["place"] != place:
                    self._store.execute("INSERT INTO stays VALUES (?, ?, ?)", [device, since_ms, place])

    def stays(self) -> dict[str, Stays]:
        """Return where every device stood that ever was on the roster."""
        self.note()
        known: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for row in self._store.rows("SELECT device, since_ms, place FROM stays ORDER BY device, since_ms"):
            known[row["device"]].append((row["since_ms"], row["place"]))
        return {device: Stays(tuple(of)) for device, of in known.items()}
