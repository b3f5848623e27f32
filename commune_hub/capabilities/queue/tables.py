"""The queue's tables: what happened to each ticket, and the visit that it makes."""

from __future__ import annotations

from dataclasses import fields

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.capabilities.queue.visit import Ticket

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


@migrations()
def fold_visits(database: Database) -> None:
    """Keep what happened beside what it makes. The facts know it all: tickets are folded anew from them.

    `tickets` says what `queue_events` of the ticket fold to, and nothing else is ever written there. Only
    facts of who may tell them are in `queue_events`; the others stay in the ledger.
    """
    database.executescript(
        """
        DROP TABLE tickets;
        CREATE TABLE tickets (
            ticket TEXT PRIMARY KEY, number TEXT NOT NULL, field TEXT NOT NULL, day TEXT NOT NULL,
            issued_at_ms INTEGER NOT NULL, state TEXT NOT NULL,
            counter TEXT, officer TEXT, called_at_ms INTEGER, ended_at_ms INTEGER,
            lane TEXT NOT NULL, code TEXT NOT NULL, first_called_at_ms INTEGER, since_ms INTEGER NOT NULL,
            why TEXT NOT NULL, by TEXT NOT NULL, recalls INTEGER NOT NULL, returned_at_ms INTEGER,
            to_counter TEXT, reason TEXT NOT NULL, clashes INTEGER NOT NULL, clash_counter TEXT,
            wait_low_min INTEGER, wait_high_min INTEGER
        ) STRICT;
        CREATE INDEX tickets_by_day ON tickets (day, state, issued_at_ms);
        CREATE INDEX tickets_by_issue ON tickets (issued_at_ms);
        CREATE INDEX tickets_by_number ON tickets (number, day);
        CREATE INDEX tickets_by_code ON tickets (code) WHERE code <> '';
        CREATE TABLE queue_events (
            id INTEGER PRIMARY KEY,
            ticket TEXT NOT NULL, device TEXT NOT NULL, node TEXT NOT NULL, epoch TEXT NOT NULL,
            seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
            counter TEXT NOT NULL, displaced INTEGER NOT NULL,
            UNIQUE (device, node, epoch, seq, ticket)
        ) STRICT;
        CREATE INDEX queue_events_of_ticket ON queue_events (ticket);
        CREATE INDEX queue_events_of_counter ON queue_events (counter, kind, at_ms) WHERE counter <> '';
        CREATE INDEX queue_calls ON queue_events (at_ms)
            WHERE kind IN ('ticket.called', 'ticket.recalled') AND displaced = 0;
        CREATE TABLE queue_asked (
            id INTEGER PRIMARY KEY,
            ask TEXT NOT NULL UNIQUE, counter TEXT NOT NULL, body TEXT NOT NULL,
            expires_at_ms INTEGER NOT NULL, answer TEXT
        ) STRICT;
        CREATE INDEX queue_asked_at ON queue_asked (counter, id);
        CREATE INDEX queue_asked_open ON queue_asked (id) WHERE answer IS NULL;
        INSERT OR IGNORE INTO queue_events
            (ticket, device, node, epoch, seq, at_ms, kind, body, counter, displaced)
            SELECT json_extract(body, '$.ticket'), device, node, epoch, seq,
                coalesce(true_times.at_ms, facts.at_ms), kind, body,
                CASE kind WHEN 'ticket.issued' THEN '' ELSE json_extract(body, '$.counter') END, 0
            FROM facts LEFT JOIN true_times USING (device, node, epoch, seq)
            WHERE understood = 1 AND kind IN ('ticket.issued', 'ticket.called', 'ticket.ended')
                AND (kind = 'ticket.issued' OR device = 'hub');
        """
    )


COLUMNS = tuple(each.name for each in fields(Ticket))
"""Of `tickets`, under the names of `Ticket`."""

PUT = f"INSERT OR REPLACE INTO tickets ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - names of this module

PUT_EVENT = (
    "INSERT OR IGNORE INTO queue_events "
    "(ticket, device, node, epoch, seq, at_ms, kind, body, counter, displaced) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
