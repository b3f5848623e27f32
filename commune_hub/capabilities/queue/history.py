"""What happened to each ticket, as facts tell it, and the visits that are folded from it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple

from commune_hub.capabilities.queue.tables import PUT, PUT_EVENT
from commune_hub.capabilities.queue.visit import Event, Ticket, fold
from commune_hub.ledger import Taken
from commune_hub.store import Row, Store
from commune_hub.times import local_day
from wire.codec import encode
from wire.facts import AtCounter, TicketCalled, TicketIssued, TicketRecalled, read_body
from wire.names import HUB

KeysOf = Callable[[str, str], str | None]
"""(device, node) → the counter whose keys that node is; None for every other node."""

FOLDED_AT_ONCE = 200
"""Tickets whose events are read in one question."""

UNKNOWN = "?"
"""Begins the id of a ticket that only its number is known of: keys called it, its kiosk was not heard yet.

No kiosk gives such an id; it sorts before every letter."""


def unknown_ticket(day: str, number: str) -> str:
    """Return the id under which a called number stands until its kiosk tells of it."""
    return f"{UNKNOWN}{day}/{number}"


class History:
    """Follow the facts of tickets. Everything in here runs inside the ledger's transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.keys_of: KeysOf = lambda _device, _node: None
        """Who may call and end besides the hub itself: the keys of a counter, at that counter."""

    def apply(self, taken: Sequence[Taken]) -> None:
        """Follow facts, in order; each ticket that they touch is folded once."""
        touched: set[str] = set()
        plain: list[tuple[object, ...]] = []
        for each in taken:
            if isinstance(each.body, TicketIssued):
                plain.append(_row(each, each.body.ticket, ""))
                touched.add(each.body.ticket)
        if plain:
            self._store.execute_many(PUT_EVENT, plain)
            touched |= self._recognise(taken)
        for each in taken:
            if isinstance(each.body, AtCounter):
                touched |= self._follow(each, each.body)
        self.fold(touched)

    def retime(self, taken: Taken) -> None:
        """A fact happened at another time than was thought."""
        if not isinstance(taken.body, TicketIssued | AtCounter):
            return
        stream = [taken.device, taken.node, taken.epoch, taken.seq]
        where = "device = ? AND node = ? AND epoch = ? AND seq = ?"
        touched = {
            str(row["ticket"])
            for row in self._store.rows(f"SELECT ticket FROM queue_events WHERE {where}", stream)  # noqa: S608 - `where` is written here
        }
        if not touched:
            return
        self._store.execute(f"UPDATE queue_events SET at_ms = ? WHERE {where}", [taken.at_ms, *stream])  # noqa: S608 - `where` is written here
        self.fold(touched)
        if isinstance(taken.body, TicketCalled):
            self.fold(self._call_anew(taken, taken.body))

    def fold_missing(self) -> None:
        """Fold every ticket that has events and no visit: after a migration, all of them."""
        with self._store.transaction():
            rows = self._store.rows(
                "SELECT DISTINCT ticket FROM queue_events WHERE ticket NOT IN (SELECT ticket FROM tickets)"
            )
            self.fold({str(row["ticket"]) for row in rows})

    def fold(self, tickets: Iterable[str]) -> None:
        """Make the visits of these tickets anew from their events."""
        for part in _parts(sorted(tickets)):
            marks = ", ".join("?" * len(part))
            rows = self._store.rows(
                f"SELECT * FROM queue_events WHERE ticket IN ({marks}) ORDER BY ticket",  # noqa: S608 - only marks
                part,
            )
            by_ticket = itertools.groupby(rows, key=lambda row: str(row["ticket"]))
            visits = [astuple(_fold_rows(ticket, list(events))) for ticket, events in by_ticket]
            self._store.execute_many(PUT, visits)

    def _follow(self, taken: Taken, body: AtCounter) -> set[str]:
        """Keep what an officer did, at the console or with the keys of the counter; nobody else may tell."""
        if taken.device != HUB and self.keys_of(taken.device, taken.node) != body.counter:
            return set()
        ticket = body.ticket or self._unnamed(taken)
        if not ticket:
            return set()
        self._store.execute(PUT_EVENT, _row(taken, ticket, body.counter))
        if not isinstance(body, TicketCalled):
            return {ticket}
        # The visits before it are folded first: whom this call displaces shows only then.
        self.fold([ticket])
        return {ticket, *self._displace(taken, ticket, body.counter)}

    def _unnamed(self, taken: Taken) -> str:
        """Find the ticket of a fact that names none: by its number, or as the last one that was called."""
        match taken.body:
            case TicketCalled(number=number) | TicketRecalled(number=number):
                day = local_day(taken.at_ms)
                known = self._store.value(
                    "SELECT ticket FROM tickets WHERE number = ? AND day = ?", [number, day]
                )
                return str(known or unknown_ticket(day, number))
        last = self._store.value(
            "SELECT ticket FROM queue_events WHERE device = ? AND node = ? AND epoch = ? AND seq < ? "
            "AND kind = 'ticket.called' AND displaced = 0 ORDER BY seq DESC LIMIT 1",
            [taken.device, taken.node, taken.epoch, taken.seq],
        )
        return str(last or "")

    def _displace(self, taken: Taken, ticket: str, counter: str) -> set[str]:
        """A counter serves one at a time: whom it served before this call, it had ended with it.

        And a call that is told late was over with the next one of that counter.
        """
        served = self._store.rows(
            "SELECT ticket FROM tickets WHERE state = 'called' AND counter = ? AND called_at_ms < ? "
            "AND ticket <> ? AND day = ?",
            [counter, taken.at_ms, ticket, local_day(taken.at_ms)],
        )
        displaced = {str(row["ticket"]) for row in served}
        for each in displaced:
            self._store.execute(PUT_EVENT, _row(taken, each, counter, displaced=True))
        later = self._store.row(
            "SELECT * FROM queue_events WHERE counter = ? AND kind = 'ticket.called' AND displaced = 0 "
            "AND at_ms > ? AND ticket <> ? ORDER BY at_ms LIMIT 1",
            [counter, taken.at_ms, ticket],
        )
        if later is not None and local_day(later["at_ms"]) == local_day(taken.at_ms):
            values = [later[name] for name in ("device", "node", "epoch", "seq", "at_ms", "kind", "body")]
            self._store.execute(PUT_EVENT, [ticket, *values, counter, 1])
        return displaced

    def _recognise(self, taken: Sequence[Taken]) -> set[str]:
        """Numbers that keys had called unknown get their tickets, now that the kiosk tells of them."""
        if self._store.row("SELECT 1 FROM tickets WHERE ticket >= '?' AND ticket < '@' LIMIT 1") is None:
            return set()
        touched = set()
        for each in taken:
            if isinstance(each.body, TicketIssued):
                guess = unknown_ticket(local_day(each.at_ms), each.body.number)
                if self._rename(guess, each.body.ticket):
                    touched.add(each.body.ticket)
        return touched

    def _rename(self, old: str, new: str) -> bool:
        """Give the events of `old` to `new`; where both have one of the same fact, it stays once."""
        found = self._store.execute(
            "UPDATE OR IGNORE queue_events SET ticket = ? WHERE ticket = ?", [new, old]
        )
        self._store.execute("DELETE FROM queue_events WHERE ticket = ?", [old])
        self._store.execute("DELETE FROM tickets WHERE ticket = ?", [old])
        return found > 0

    def _call_anew(self, taken: Taken, body: TicketCalled) -> set[str]:
        """A call was at another time: it displaced others, and its number may be of another day."""
        stream = [taken.device, taken.node, taken.epoch, taken.seq]
        where = "device = ? AND node = ? AND epoch = ? AND seq = ?"
        rows = self._store.rows(f"SELECT ticket, displaced FROM queue_events WHERE {where}", stream)  # noqa: S608 - `where` is written here
        touched = {str(row["ticket"]) for row in rows if row["displaced"]}
        own = next(str(row["ticket"]) for row in rows if not row["displaced"])
        self._store.execute(f"DELETE FROM queue_events WHERE {where} AND displaced = 1", stream)  # noqa: S608 - `where` is written here
        if own.startswith(UNKNOWN):
            named = self._unnamed(taken)
            if named != own:
                self._rename(own, named)
                own = named
        self.fold([own, *touched])
        return touched | self._displace(taken, own, body.counter)


def _row(taken: Taken, ticket: str, counter: str, *, displaced: bool = False) -> tuple[object, ...]:
    return (
        ticket,
        taken.device,
        taken.node,
        taken.epoch,
        taken.seq,
        taken.at_ms,
        taken.body.KIND,
        encode(taken.body).decode(),
        counter,
        int(displaced),
    )


def _fold_rows(ticket: str, rows: Sequence[Row]) -> Ticket:
    events = [_event(row) for row in rows]
    numbers = (each.body.number for each in events if isinstance(each.body, TicketCalled))
    day = local_day(min(each.at_ms for each in events))
    return fold(ticket, next(numbers, ticket), day, events)


def _event(row: Row) -> Event:
    body = read_body(row["kind"], row["body"].encode())
    if body is None:
        raise AssertionError(f"{row['kind']} was written here and is not known any more")
    place = (row["device"], row["node"], row["epoch"], row["seq"])
    return Event(row["at_ms"], place, body, bool(row["displaced"]))


def _parts(tickets: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(tickets), FOLDED_AT_ONCE):
        yield list(tickets[start : start + FOLDED_AT_ONCE])
