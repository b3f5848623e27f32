"""The queue, put together: follows facts, answers questions, takes officers' orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from commune_hub.capabilities.audit import Audit
from commune_hub.capabilities.queue.asked import Asked, keep_asking, last_answer
from commune_hub.capabilities.queue.desk_work import DeskWork, Officer
from commune_hub.capabilities.queue.history import History, KeysOf
from commune_hub.capabilities.queue.order import Rules
from commune_hub.capabilities.queue.questions import Questions
from commune_hub.capabilities.queue.visit import Ticket
from commune_hub.ledger import Ledger, Taken
from commune_hub.store import Store
from commune_hub.times import NowMs
from provisioning.plan import HubConfig
from wire.facts import AtCounter, Body, CounterAsked, TicketIssued, kinds_of

EVERY_COUNTER: Mapping[str, frozenset[str]] = MappingProxyType({})


class Queue(Questions):
    """Who waits, who is served, and the order of calling; one visit at a counter at a time."""

    FOLLOWS: ClassVar[frozenset[type[Body]]] = frozenset({TicketIssued, CounterAsked, *kinds_of(AtCounter)})

    def __init__(
        self,
        store: Store,
        now_ms: NowMs,
        audit: Audit,
        rules: Rules | None = None,
        serves: Mapping[str, frozenset[str]] = EVERY_COUNTER,
    ) -> None:
        super().__init__(store, now_ms, rules or Rules(), serves)
        self._audit = audit
        self._history = History(store)
        self._history.fold_missing()
        self._asked_now = True
        self.on_asked: Callable[[], None] = lambda: None
        """Called, inside the ledger's transaction, when keys asked for something."""

    def follow_keys(
        self,
        keys_of: KeysOf,
        with_keys: Callable[[], frozenset[str]],
        absent: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        """Tell which nodes are the keys of which counter: only these may call besides the console.

        `with_keys` returns the counters that have any, `absent` those that went on alone a short while ago.
        """
        self._history.keys_of = keys_of
        self.with_keys = with_keys
        self.absent = absent

    def apply(self, taken: Sequence[Taken]) -> None:
        """Follow facts, in order."""
        self._history.apply(taken)
        for each in taken:
            if isinstance(each.body, CounterAsked):
                self._keep_asking(each, each.body)

    def retime(self, taken: Taken, _was: Taken) -> None:
        """Correct when something happened to a ticket: its visit follows."""
        self._history.retime(taken)

    def work(self, ledger: Ledger) -> DeskWork:
        """Return what officers do, told on the hub's own stream in `ledger`."""
        return DeskWork(self._store, self._now_ms, self._audit, self, ledger.record)

    def answer_asked(self, ledger: Ledger) -> bool:
        """Do what keys have asked for since; return whether there was anything. Cheap when there was not."""
        if not self._asked_now:
            return False
        self._asked_now = False
        return Asked(self._store, self._now_ms, self, self.work(ledger)).answer_all() > 0

    def answered(self, counter: str) -> tuple[str, str]:
        """Return the last asking of the counter's keys that was dealt with, and what became of it."""
        return last_answer(self._store, counter)

    def call_next(self, ledger: Ledger, counter: str, account: str, seen: str | None = None) -> Ticket:
        """End the visit at `counter`, if one is on, and call who is next (see `DeskWork.call_next`)."""
        return self.work(ledger).call_next(Officer(account, counter, seen))

    def end(self, ledger: Ledger, counter: str, account: str, seen: str | None = None) -> Ticket:
        """End the visit at `counter`; MissingError when there is none."""
        return self.work(ledger).end(Officer(account, counter, seen))

    def _keep_asking(self, taken: Taken, body: CounterAsked) -> None:
        if self._history.keys_of(taken.device, taken.node) == body.counter:
            keep_asking(self._store, taken, body)
            self._asked_now = True
            self.on_asked()


def rules_of(config: HubConfig) -> Rules:
    """Return how this office calls."""
    weights = {lane.id: lane.weight for lane in config.lanes}
    return Rules(weights=weights, **config.queue.model_dump())


def fields_of(config: HubConfig) -> dict[str, frozenset[str]]:
    """Return the fields of each counter that does not serve all."""
    return {each.id: frozenset(each.fields) for each in config.counters if each.fields}
