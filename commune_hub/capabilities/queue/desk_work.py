"""What officers do with the queue. Every doing is a fact of the hub's own; the tables follow the facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from commune_hub.capabilities.audit import Audit
from commune_hub.capabilities.queue.order import Why
from commune_hub.capabilities.queue.questions import Questions
from commune_hub.capabilities.queue.visit import RESUMED, Ticket
from commune_hub.errors import ConflictError, InvalidError, MissingError
from commune_hub.store import Store
from commune_hub.times import NowMs
from firmware_agent.lines import one_line
from wire.facts import (
    Body,
    TicketCalled,
    TicketEnded,
    TicketMissed,
    TicketParked,
    TicketRecalled,
    TicketReturned,
    TicketTransferred,
)

STREAM = "queue"
"""Name of the hub's own stream for what officers do with the queue."""

UNDO_WITHIN_MS = 20_000
"""How long a visit that was ended or missed by mistake may be taken up again as if nothing had been."""

REASON_MAX = 120

Record = Callable[[str, Body], None]
"""As `commune_hub.ledger.Ledger.record`."""


@dataclass(frozen=True)
class Officer:
    """Who does it, where, and what he saw when he decided.

    `seen` is what `state_of(counter)` was then: an order that was meant for another state is refused, so that
    a second click never does a second thing. None: whatever the state is.
    """

    account: str
    counter: str
    seen: str | None = None


class DeskWork:
    """Orders of officers: each is one transaction, and does nothing at all when it is refused.

    Two officers who call in one moment get two numbers: the store lets in one after the other.
    """

    def __init__(
        self, store: Store, now_ms: NowMs, audit: Audit, questions: Questions, record: Record
    ) -> None:
        self._store = store
        self._now_ms = now_ms
        self._audit = audit
        self._ask = questions
        self._record = record

    def call_next(self, officer: Officer) -> Ticket:
        """End the visit that is on, if any, and call who is next; MissingError when nobody waits."""
        with self._order(officer):
            line = self._ask.line(officer.counter, limit=1)
            if not line:
                raise MissingError("Không còn ai đang chờ. (Nobody is waiting.)")
            self._end_if_serving(officer)
            return self._call(officer, line[0].ticket, line[0].why)

    def call(self, officer: Officer, number: str) -> Ticket:
        """End the visit that is on, if any, and call this number of today.

        MissingError when there is no such number; ConflictError while another counter serves it, or when its
        visit has ended.
        """
        with self._order(officer):
            ticket = self._by_number(number)
            if ticket.state == "called":
                raise ConflictError(
                    f"Số {number} đang được phục vụ tại {ticket.counter}. (This number is being served.)"
                )
            if ticket.state == "ended":
                raise ConflictError(f"Lượt của số {number} đã kết thúc. (This visit has ended.)")
            self._end_if_serving(officer)
            if ticket.state != "waiting":
                self._tell(officer, TicketReturned(**_at(officer, ticket)), ticket)
            return self._call(officer, ticket, "chosen")

    def recall(self, officer: Officer) -> Ticket:
        """Call out once more whom this counter serves."""
        with self._order(officer):
            ticket = self._served(officer)
            told = TicketRecalled(**_at(officer, ticket), number=ticket.number)
            return self._tell(officer, told, ticket)

    def miss(self, officer: Officer) -> Ticket:
        """Nobody came: the number is put aside and may come back."""
        with self._order(officer):
            ticket = self._served(officer)
            told = TicketMissed(**_at(officer, ticket))
            return self._tell(officer, told, ticket)

    def park(self, officer: Officer, reason: str) -> Ticket:
        """Put the visit aside until the citizen is back with a missing paper."""
        try:
            shown = one_line(reason)
        except ValueError as error:
            raise InvalidError(f"reason (lý do): cần {error}") from None
        if len(shown) > REASON_MAX:
            raise InvalidError(f"reason (lý do): tối đa {REASON_MAX} chữ (letters at most)")
        with self._order(officer):
            ticket = self._served(officer)
            told = TicketParked(**_at(officer, ticket), reason=shown)
            return self._tell(officer, told, ticket)

    def give_back(self, officer: Officer, ticket_id: str) -> Ticket:
        """Who was parked or missed is back, and waits near the front."""
        with self._order(officer):
            ticket = self._ask.find(ticket_id)
            if ticket is None or ticket.day != self._ask.today():
                raise MissingError("Hôm nay không có số này. (No such ticket today.)")
            if ticket.state not in ("parked", "missed"):
                raise ConflictError(
                    f"Số {ticket.number} không ở trong danh sách tạm gác. (It was not put aside.)"
                )
            return self._tell(officer, TicketReturned(**_at(officer, ticket)), ticket)

    def transfer(self, officer: Officer, to_field: str | None, to_counter: str | None) -> Ticket:
        """Let the visit go on in another field or at another counter, under the same number."""
        if not to_field and not to_counter:
            raise InvalidError("to_field, to_counter: cần một trong hai (one of the two is needed)")
        if to_counter == officer.counter:
            raise InvalidError("to_counter: là chính quầy này (is this counter itself)")
        with self._order(officer):
            ticket = self._served(officer)
            told = TicketTransferred(**_at(officer, ticket), to_field=to_field, to_counter=to_counter)
            return self._tell(officer, told, ticket)

    def end(self, officer: Officer) -> Ticket:
        """End the visit at the counter; MissingError when there is none."""
        with self._order(officer):
            ended = self._end_if_serving(officer)
            if ended is None:
                raise _nobody_served()
            return ended

    def undone(self, counter: str) -> Ticket | None:
        """Return the visit that `undo` would take up again; None: nothing to undo."""
        if counter in self._ask.serving():
            return None
        since_ms = self._now_ms() - UNDO_WITHIN_MS
        return self._ask.last_broken_off(counter, since_ms)

    def undo(self, officer: Officer) -> Ticket:
        """Take up again the visit that has just been ended or missed here, as if it had gone on."""
        with self._order(officer):
            ticket = self.undone(officer.counter)
            if ticket is None:
                raise ConflictError("Không còn gì để hoàn tác. (There is nothing left to undo.)")
            self._record(STREAM, TicketReturned(**_at(officer, ticket)))
            told = TicketCalled(**_at(officer, ticket), number=ticket.number, why=RESUMED)
            return self._tell(officer, told, ticket)

    @contextmanager
    def _order(self, officer: Officer) -> Iterator[None]:
        with self._store.transaction():
            if officer.seen is not None and officer.seen != self._ask.state_of(officer.counter):
                raise ConflictError("Quầy vừa đổi; hãy xem lại rồi bấm. (The counter has just changed.)")
            yield

    def _call(self, officer: Officer, ticket: Ticket, why: Why | str) -> Ticket:
        told = TicketCalled(**_at(officer, ticket), number=ticket.number, why=why)
        return self._tell(officer, told, ticket)

    def _end_if_serving(self, officer: Officer) -> Ticket | None:
        current = self._ask.serving().get(officer.counter)
        if current is None:
            return None
        told = TicketEnded(**_at(officer, current))
        return self._tell(officer, told, current)

    def _tell(self, officer: Officer, body: Body, ticket: Ticket) -> Ticket:
        """Record what was done, and return the ticket as it stands then."""
        self._record(STREAM, body)
        self._audit.note(officer.account, body.KIND, ticket.number, officer.counter)
        after = self._ask.find(ticket.ticket)
        if after is None:
            raise MissingError(f"Không có số {ticket.number}. (No such ticket.)")
        return after

    def _served(self, officer: Officer) -> Ticket:
        ticket = self._ask.serving().get(officer.counter)
        if ticket is None:
            raise _nobody_served()
        return ticket

    def _by_number(self, number: str) -> Ticket:
        ticket = self._ask.by_number(number)
        if ticket is None:
            raise MissingError(f"Hôm nay không có số {number[:20]}. (No such number today.)")
        return ticket


def _at(officer: Officer, ticket: Ticket) -> dict[str, str]:
    """Return what every step of a visit says (`AtCounter`)."""
    return {"ticket": ticket.ticket, "counter": officer.counter, "officer": officer.account}


def _nobody_served() -> MissingError:
    return MissingError("Quầy đang không phục vụ ai. (No visit is on at this counter.)")
