"""What a counter does by itself while the hub is away: each doing is a fact, and what is known is on disk."""

from __future__ import annotations

import logging
import sqlite3
from typing import Any

import msgspec

from firmware_agent.node import Context
from kiosk_ui.alone import (
    HeardTicket,
    Known,
    after_call,
    after_leaving,
    after_recall,
    after_return,
    by_figures,
    own_next,
    serving,
)
from kiosk_ui.keystrokes import Order
from wire.facts import (
    AtCounter,
    Body,
    TicketCalled,
    TicketEnded,
    TicketMissed,
    TicketParked,
    TicketRecalled,
    TicketReturned,
)
from wire.intents import Desk

STATE = "keys.known"
"""Key of the state that holds what is known beyond the document."""

LEAVING: dict[str, type[AtCounter]] = {"end": TicketEnded, "missed": TicketMissed, "park": TicketParked}

log = logging.getLogger(__name__)


class AloneWork:
    """Does orders without the hub. `known` is what the counter knows beyond its document."""

    def __init__(self, context: Context, fallback: str) -> None:
        """`fallback` names the counter until the hub has told."""
        self._context = context
        self._fallback = fallback or context.address.device
        self.known = _read_known(context.facts.state(STATE))
        self.desk: Desk | None = None
        """The counter's document."""
        self._last_own = 0
        """Number of the last fact of the counter's own doing since the start."""

    @property
    def counter(self) -> str:
        """Id of the counter."""
        return self.desk.counter if self.desk is not None else self._fallback

    def do(self, order: Order) -> str:
        """Do it; return what refused it, in a few words for the officer; empty: it is done."""
        match order.action:
            case "next":
                return self._call(own_next(self.desk, self.known), "own_order")
            case "call":
                return self._call(by_figures(self.desk, self.known, order.number), "chosen")
            case "return":
                return self._give_back(order.number)
            case _:
                return self._at_counter(order.action)

    def record(self, body: Body, known: Known | None = None) -> int | None:
        """Commit a fact, with what is known after it; return its number, None when the disk refuses it."""
        state = {} if known is None else {STATE: msgspec.to_builtins(known)}
        try:
            seq = self._context.facts.record(body, state)
        except (sqlite3.Error, OSError) as error:
            log.error("không ghi được phím bấm (a key could not be kept): %s", error)
            self._context.problems.report("disk", f"Không ghi được phím bấm, hãy xem thẻ nhớ: {error}")
            return None
        self._context.problems.clear("disk")
        return seq

    def remember(self, known: Known) -> None:
        """Keep what is known beyond the document, for a start after a power cut."""
        if known == self.known:
            return
        self.known = known
        try:
            self._context.facts.remember({STATE: msgspec.to_builtins(known)})
        except (sqlite3.Error, OSError) as error:
            log.error("không ghi được (state could not be kept): %s", error)

    def _call(self, ticket: HeardTicket | None, why: str) -> str:
        if ticket is None:
            return "Không còn số nào của quầy này; hãy bấm số rồi Enter."
        served = serving(self.desk, self.known)
        if served is not None:
            ended = self._own(TicketEnded(**self._step_of(served)), after_leaving(self.known))
            if ended:
                return ended
        told = TicketCalled(**self._step_of(ticket), number=ticket.number, why=why)
        return self._own(told, after_call(self.known, ticket))

    def _at_counter(self, action: str) -> str:
        """End, miss, park or call out once more whom this counter serves."""
        ticket = serving(self.desk, self.known)
        if ticket is None:
            return "Quầy đang không phục vụ ai."
        step = self._step_of(ticket)
        if action == "recall":
            recalled = TicketRecalled(**step, number=ticket.number)
            return self._own(recalled, after_recall(self.known, ticket))
        return self._own(LEAVING[action](**step), after_leaving(self.known))

    def _give_back(self, figures: str) -> str:
        ticket = by_figures(self.desk, self.known, figures)
        if not ticket.ticket:
            return f"Không biết số {figures}."
        known = after_return(self.known, ticket, serving(self.desk, self.known))
        return self._own(TicketReturned(**self._step_of(ticket)), known)

    def _step_of(self, ticket: HeardTicket) -> dict[str, str]:
        officer = self.desk.officer if self.desk is not None else ""
        return {"ticket": ticket.ticket, "counter": self.counter, "officer": officer, "by": "keys"}

    def _own(self, body: Body, known: Known) -> str:
        """Tell what the counter did by itself, with what is known after it in one transaction.

        The fact's number is known only afterwards; until then a lower bound stands for it, above every own
        fact before.
        """
        bound = max(self.known.told, self._last_own) + 1
        seq = self.record(body, msgspec.structs.replace(known, told=bound))
        if seq is None:
            return "Không ghi được, hãy xem thẻ nhớ."
        self._last_own = seq
        self.remember(msgspec.structs.replace(known, told=seq))
        return ""


def _read_known(kept: Any) -> Known:
    """Read what was known before the last stop; what does not read is forgotten: the hub knows more."""
    try:
        return msgspec.convert(kept, Known) if kept is not None else Known()
    except msgspec.ValidationError as error:
        log.warning("bỏ trạng thái cũ của phím (old state is dropped): %s", error)
        return Known()
