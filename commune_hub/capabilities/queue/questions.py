"""What others ask of the queue: who waits in which order, who is served, what became of a visit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from commune_hub.capabilities.queue.order import Rules
from commune_hub.capabilities.queue.standing import Called, Waits, place
from commune_hub.capabilities.queue.visit import RESUMED, Ticket, Visit
from commune_hub.store import Row, Store, Values
from commune_hub.times import NowMs, local_day
from wire.facts import TicketCalled, TicketRecalled, read_body
from wire.intents import call_id
from wire.names import HUB
from wire.sharing import counter_of

ARRANGED_MAX = 64
"""How far ahead the order is worked out; who stands behind is listed by his time."""

CALLS_MAX = 500
READ_AT_ONCE = 500
"""Tickets in one question; SQLite takes 999 values in older versions."""


@dataclass(frozen=True)
class CallMade:
    """A calling out of a number: of a call, or once more."""

    id: str
    """As `wire.intents.call_id` spells it."""
    ticket: str
    number: str
    counter: str
    officer: str
    at_ms: int
    recall: bool
    serving: bool
    """Whether that counter still serves it."""
    by: str


@dataclass(frozen=True)
class Standing:
    """Somebody who waits, and why he stands where he stands."""

    ticket: Ticket
    why: str


class Questions:
    """Reads only. `serves` names the fields of each counter that does not serve all."""

    def __init__(
        self, store: Store, now_ms: NowMs, rules: Rules, serves: Mapping[str, frozenset[str]]
    ) -> None:
        self._store = store
        self._now_ms = now_ms
        self._rules = rules
        self._serves = serves
        self.with_keys: Callable[[], frozenset[str]] = frozenset
        """Returns the counters that have keys."""
        self.absent: Callable[[], frozenset[str]] = frozenset
        """Returns those of them that the hub has not heard for a while, though not for long."""

    def waiting(self, limit: int | None = None) -> list[Ticket]:
        """Return today's tickets that wait, in calling order, as if all counters were alike."""
        return [each.ticket for each in self.line(limit=limit)]

    def line(self, counter: str | None = None, limit: int | None = None) -> list[Standing]:
        """Return who waits for `counter` (None: for any), in calling order, each with the reason."""
        waiting = [each for each in self._waits() if counter is None or self.may(counter, each)]
        held = self._held(waiting, counter)
        ready = [each for each in waiting if each.ticket not in held]
        arranged_max = ARRANGED_MAX if limit is None else min(limit, ARRANGED_MAX)
        placed = place(ready, self._called(), self.serves_field, self._rules, self._now_ms(), arranged_max)
        why = {each.ticket: each.why for each in placed}
        rest = (each.ticket for each in [*ready, *waiting] if each.ticket not in why)
        order = [*why, *dict.fromkeys(rest)][:limit]
        found = self._by_id(order)
        return [Standing(found[ticket], why.get(ticket, "longest")) for ticket in order]

    def may(self, counter: str, ticket: Ticket | Waits) -> bool:
        """Tell whether `counter` serves this ticket: by its field, or because it was transferred there."""
        if ticket.to_counter is not None:
            return ticket.to_counter == counter
        return self.serves_field(counter, ticket.field)

    def serves_field(self, counter: str, field: str) -> bool:
        """Tell whether `counter` serves a field; one that no field is named of serves all."""
        return field in self._serves.get(counter, {field})

    def _held(self, waiting: Sequence[Waits], counter: str | None) -> frozenset[str]:
        """Return the tickets that a counter which has lost the hub may be calling by itself just now."""
        absent = self.absent() if counter is not None else frozenset()
        if not absent - {counter}:
            return frozenset()
        alone = self.counters_alone(sorted(self.with_keys()))
        owners = {
            each.ticket: counter_of(each.ticket, (able for able in alone if self.may(able, each)))
            for each in waiting
        }
        return frozenset(ticket for ticket, owner in owners.items() if owner in absent - {counter})

    def counters_alone(self, counters: Sequence[str]) -> list[str]:
        """Return those of `counters` that can go on while the hub is away: they have keys, and an officer
        who has called there today; before the first call of the day, all that have keys."""
        able = self.with_keys()
        with_keys = [each for each in counters if each in able]
        return [each for each in with_keys if self.officer_at(each)] or with_keys

    def serving(self) -> dict[str, Ticket]:
        """Return the ticket being served today, by counter."""
        found = self._tickets("state = 'called' AND day = ? ORDER BY called_at_ms", [self.today()])
        return {ticket.counter: ticket for ticket in found if ticket.counter}

    def recently_ended(self, counter: str, within_ms: int) -> Ticket | None:
        """Return the visit that ended last at `counter`, within this time and with none on since."""
        return None if counter in self.serving() else self.last_ended(counter, within_ms)

    def last_ended(self, counter: str, within_ms: int) -> Ticket | None:
        """Return the visit that ended last at `counter`, within this time, whether or not one is on since."""
        since_ms = self._now_ms() - within_ms
        found = self._tickets(
            "state = 'ended' AND day = ? AND counter = ? AND ended_at_ms >= ? "
            "ORDER BY ended_at_ms DESC LIMIT 1",
            [self.today(), counter, since_ms],
        )
        return found[0] if found else None

    def aside(self) -> list[Ticket]:
        """Return today's visits that are parked or missed, the latest first."""
        return self._tickets(
            "state IN ('parked', 'missed') AND day = ? ORDER BY since_ms DESC LIMIT 200", [self.today()]
        )

    def parked(self) -> list[Ticket]:
        """Return today's visits that wait for a missing paper, the latest first."""
        return [each for each in self.aside() if each.state == "parked"]

    def clashes(self) -> list[Ticket]:
        """Return today's tickets that two counters called while they could not know of each other."""
        return self._tickets("clashes > 0 AND day = ? ORDER BY called_at_ms DESC LIMIT 200", [self.today()])

    def find(self, ticket: str) -> Ticket | None:
        """Return the visit of a ticket, of whatever day."""
        return self._first("ticket = ?", [ticket])

    def by_number(self, number: str) -> Ticket | None:
        """Return the visit of a number of today.

        Figures alone, as a number pad types them, mean the number that can be called: of those that wait or
        were put aside, the one that is called first.
        """
        if not number.isdecimal():
            return self._first("number = ? AND day = ?", [number, self.today()])
        able = [*self.waiting(), *self.aside()]
        return next((each for each in able if figures_of(each.number) == int(number)), None)

    def by_code(self, code: str) -> Ticket | None:
        """Return the visit whose slip carries this code."""
        return self._first("code = ?", [code]) if code else None

    def calls(self, limit: int) -> list[CallMade]:
        """Return today's callings out, newest first."""
        rows = self._store.rows(
            "SELECT * FROM queue_events WHERE kind IN ('ticket.called', 'ticket.recalled') AND displaced = 0 "
            "ORDER BY at_ms DESC, id DESC LIMIT ?",
            [min(limit, CALLS_MAX)],
        )
        serving = self.serving()
        made = (_call_made(row, serving) for row in rows if local_day(row["at_ms"]) == self.today())
        return [each for each in made if each is not None]

    def visits(self, from_ms: int, until_ms: int) -> list[Visit]:
        """Return the visits whose number was given out from … until, the earliest first."""
        return self._tickets(
            "issued_at_ms >= ? AND issued_at_ms < ? ORDER BY issued_at_ms, ticket", [from_ms, until_ms]
        )

    def counts_today(self) -> Row:
        """Return how many tickets of today wait, are called, ended, missed, parked."""
        rows = self._store.rows(
            "SELECT state, count(*) AS count FROM tickets WHERE day = ? GROUP BY state", [self.today()]
        )
        return {"waiting": 0, "called": 0, "ended": 0} | {row["state"]: row["count"] for row in rows}

    def officer_at(self, counter: str) -> str:
        """Return the account that last called at `counter` today; empty: none."""
        found = self._store.value(
            "SELECT officer FROM tickets WHERE day = ? AND counter = ? ORDER BY called_at_ms DESC LIMIT 1",
            [self.today(), counter],
        )
        return str(found or "")

    def last_broken_off(self, counter: str, since_ms: int) -> Ticket | None:
        """Return the visit that was ended or missed last at `counter`, not before `since_ms`."""
        return self._first(
            "state IN ('ended', 'missed') AND day = ? AND counter = ? AND since_ms >= ? "
            "ORDER BY since_ms DESC",
            [self.today(), counter, since_ms],
        )

    def last_told(self, counter: str) -> str:
        """Return the id of the last thing that the counter's own keys told and that is in here; or empty."""
        row = self._store.row(
            "SELECT device, node, epoch, seq FROM queue_events "
            "WHERE counter = ? AND device <> ? AND displaced = 0 ORDER BY id DESC LIMIT 1",
            [counter, HUB],
        )
        return call_id(**row) if row else ""

    def state_of(self, counter: str) -> str:
        """Return what changes with whatever happens at a counter; a page sends it back with an order."""
        found = self._store.value("SELECT max(id) FROM queue_events WHERE counter = ?", [counter])
        return str(found or 0)

    def today(self) -> str:
        """Return the local date."""
        return local_day(self._now_ms())

    def _waits(self) -> list[Waits]:
        rows = self._store.rows(
            f"SELECT {', '.join(Waits._fields)} FROM tickets WHERE state = 'waiting' AND day = ? "  # noqa: S608 - names of this package
            "ORDER BY issued_at_ms, ticket",
            [self.today()],
        )
        return [Waits(**row) for row in rows]

    def _called(self) -> list[Called]:
        rows = self._store.rows(
            f"SELECT {', '.join(Called._fields)} FROM tickets WHERE day = ? AND called_at_ms IS NOT NULL "  # noqa: S608 - names of this package
            "ORDER BY called_at_ms",
            [self.today()],
        )
        return [Called(**row) for row in rows]

    def _by_id(self, tickets: Sequence[str]) -> dict[str, Ticket]:
        found: dict[str, Ticket] = {}
        for first in range(0, len(tickets), READ_AT_ONCE):
            part = tickets[first : first + READ_AT_ONCE]
            marks = ", ".join("?" * len(part))
            found |= {each.ticket: each for each in self._tickets(f"ticket IN ({marks})", part)}
        return found

    def _first(self, where: str, values: Values) -> Ticket | None:
        found = self._tickets(f"{where} LIMIT 1", values)
        return found[0] if found else None

    def _tickets(self, where: str, values: Values) -> list[Ticket]:
        today = self.today()
        rows = self._store.rows(f"SELECT * FROM tickets WHERE {where}", values)  # noqa: S608 - `where` is written in this module
        return [_as_of(Ticket(**row), today) for row in rows]


def figures_of(number: str) -> int:
    """Return the figures of a number: 7 of `A007`; -1 where there are none."""
    figures = "".join(filter(str.isdecimal, number))
    return int(figures) if figures else -1


def _as_of(ticket: Ticket, today: str) -> Ticket:
    """A day that is over leaves nobody waiting; whose visit nobody ended has ended, nobody knows when."""
    if ticket.day >= today:
        return ticket
    match ticket.state:
        case "waiting" | "missed" | "parked":
            return replace(ticket, state="left")
        case "called":
            return replace(ticket, state="ended")
    return ticket


def _call_made(row: Row, serving: Mapping[str, Ticket]) -> CallMade | None:
    body = read_body(row["kind"], row["body"].encode())
    if not isinstance(body, TicketCalled | TicketRecalled):
        return None
    if isinstance(body, TicketCalled) and body.why == RESUMED:
        return None
    served = serving.get(body.counter)
    return CallMade(
        id=call_id(row["device"], row["node"], row["epoch"], row["seq"]),
        ticket=row["ticket"],
        number=body.number,
        counter=body.counter,
        officer=body.officer,
        at_ms=row["at_ms"],
        recall=isinstance(body, TicketRecalled),
        serving=served is not None and served.ticket == row["ticket"],
        by=body.by if isinstance(body, TicketCalled) else "console",
    )
