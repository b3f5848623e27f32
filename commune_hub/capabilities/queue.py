"""The queue: who waits, who is served at which counter, and the order of calling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.capabilities.audit import Audit
from commune_hub.errors import MissingError
from commune_hub.ledger import Ledger, Taken
from commune_hub.store import Row, Store
from commune_hub.times import NowMs, local_day
from wire.facts import TicketCalled, TicketEnded, TicketIssued
from wire.names import HUB

STREAM = "queue"
"""Name of the hub's own stream for what officers do with the queue."""

migrations = Migrations("queue")


@migrations()
def create(database: Database) -> None:
    """One row a ticket, with how its visit went."""
    database.executescript(
        """
        CREATE TABLE tickets (
            ticket TEXT PRIMARY KEY, number TEXT NOT NULL, field TEXT NOT NULL, day TEXT NOT NULL,
            issued_at_ms INTEGER NOT NULL, state TEXT NOT NULL,
            counter TEXT, officer TEXT, called_at_ms INTEGER, ended_at_ms INTEGER
        ) STRICT;
        CREATE INDEX tickets_by_day ON tickets (day, state, issued_at_ms);
        """
    )


@dataclass(frozen=True)
class Ticket:
    """A ticket and where its visit stands: `waiting`, `called` or `ended`."""

    ticket: str
    number: str
    field: str
    day: str
    issued_at_ms: int
    state: str
    counter: str | None
    officer: str | None
    called_at_ms: int | None
    ended_at_ms: int | None


class Queue:
    """Issue order is calling order; one visit at a counter at a time."""

    def __init__(self, store: Store, now_ms: NowMs, audit: Audit) -> None:
        self._store = store
        self._now_ms = now_ms
        self._audit = audit

    def apply(self, taken: Sequence[Taken]) -> None:
        """Follow facts, in order."""
        for each in taken:
            self._follow(each)

    def _follow(self, taken: Taken) -> None:
        """Follow a ticket's life. Calling and ending are officers' doing: only the hub itself tells of it."""
        match taken.body:
            case TicketIssued() as body:
                self._store.execute(
                    "INSERT OR IGNORE INTO tickets VALUES (?, ?, ?, ?, ?, 'waiting', NULL, NULL, NULL, NULL)",
                    [body.ticket, body.number, body.field, body.day, taken.at_ms],
                )
            case TicketCalled() as body if taken.device == HUB:
                self._store.execute(
                    "UPDATE tickets SET state = 'called', counter = ?, officer = ?, called_at_ms = ? "
                    "WHERE ticket = ?",
                    [body.counter, body.officer, taken.at_ms, body.ticket],
                )
            case TicketEnded() as body if taken.device == HUB:
                self._store.execute(
                    "UPDATE tickets SET state = 'ended', ended_at_ms = ? WHERE ticket = ?",
                    [taken.at_ms, body.ticket],
                )

    def retime(self, taken: Taken, was: Taken) -> None:
        """Correct when a number was given out: its place in the queue follows."""
        match taken.body:
            case TicketIssued() as body:
                self._correct("issued_at_ms", body.ticket, taken, was)
            case TicketCalled() as body:
                self._correct("called_at_ms", body.ticket, taken, was)
            case TicketEnded() as body:
                self._correct("ended_at_ms", body.ticket, taken, was)

    def call_next(self, ledger: Ledger, counter: str, officer: str) -> Ticket:
        """End the visit at `counter`, if one is on, and call who waits longest.

        Raises MissingError when nobody waits: then the visit that is on stays on.
        """
        with self._store.transaction():
            waiting = self.waiting()
            if not waiting:
                raise MissingError("Không còn ai đang chờ. (Nobody is waiting.)")
            self._end_if_serving(ledger, counter, officer)
            chosen = waiting[0]
            called = TicketCalled(
                ticket=chosen.ticket, number=chosen.number, counter=counter, officer=officer
            )
            ledger.record(STREAM, called)
            self._audit.note(officer, "ticket.called", chosen.number, counter)
            return self._ticket(chosen.ticket)

    def end(self, ledger: Ledger, counter: str, officer: str) -> Ticket:
        """End the visit at `counter`; MissingError when there is none."""
        with self._store.transaction():
            ended = self._end_if_serving(ledger, counter, officer)
            if ended is None:
                raise MissingError("Quầy đang không phục vụ ai. (No visit is on at this counter.)")
            return self._ticket(ended.ticket)

    def waiting(self) -> list[Ticket]:
        """Return today's tickets that wait, who waits longest first."""
        return self._tickets("state = 'waiting' AND day = ? ORDER BY issued_at_ms, ticket", [self._today()])

    def serving(self) -> dict[str, Ticket]:
        """Return the ticket being served today, by counter."""
        found = self._tickets("state = 'called' AND day = ? ORDER BY called_at_ms", [self._today()])
        return {ticket.counter: ticket for ticket in found if ticket.counter}

    def counts_today(self) -> Row:
        """Return how many tickets of today wait, are called, and are ended."""
        rows = self._store.rows(
            "SELECT state, count(*) AS count FROM tickets WHERE day = ? GROUP BY state", [self._today()]
        )
        counts = {"waiting": 0, "called": 0, "ended": 0}
        return counts | {row["state"]: row["count"] for row in rows}

    def _correct(self, column: str, ticket: str, taken: Taken, was: Taken) -> None:
        self._store.execute(
            f"UPDATE tickets SET {column} = ? WHERE ticket = ? AND {column} = ?",  # noqa: S608 - `column` is written in this module
            [taken.at_ms, ticket, was.at_ms],
        )

    def _end_if_serving(self, ledger: Ledger, counter: str, officer: str) -> Ticket | None:
        current = self.serving().get(counter)
        if current is not None:
            ledger.record(STREAM, TicketEnded(ticket=current.ticket, counter=counter, officer=officer))
            self._audit.note(officer, "ticket.ended", current.number, counter)
        return current

    def _ticket(self, ticket: str) -> Ticket:
        return self._tickets("ticket = ?", [ticket])[0]

    def _tickets(self, where: str, values: list[str]) -> list[Ticket]:
        return [Ticket(**row) for row in self._store.rows(f"SELECT * FROM tickets WHERE {where}", values)]  # noqa: S608 - `where` is written in this module

    def _today(self) -> str:
        return local_day(self._now_ms())
