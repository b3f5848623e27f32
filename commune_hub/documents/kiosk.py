"""What a ticket kiosk goes by: fields, priority classes, the citizens' page, and how long people wait now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from commune_hub.capabilities.queue import Queue, Ticket
from commune_hub.documents.waiting import (
    Lengths,
    Line,
    Served,
    lengths,
    service_times,
    told_range,
    wait_range,
)
from commune_hub.times import DAY_MS
from provisioning.plan import HubConfig, WorkField
from wire.intents import Field, Kiosk, Lane

DAYS_BACK = 14
"""Whole days before this moment whose visits tell how long one takes."""
LEARNT_FOR_MS = 5 * 60_000
"""The lengths of visits are looked up anew after so long: a visit more or less changes them little."""
OPEN_FOR_MS = 45 * 60_000
"""A counter that called or ended a visit within so long is open."""
HOLDS_MS = 10 * 60_000
"""Waiting times hold until the end of the next stretch of so long: a kiosk that has lost the hub tells them
for 10 to 20 minutes more, and the document is not sealed anew for its date more often than every ten."""


class KioskDocuments:
    """The documents of ticket kiosks.

    kiosks = KioskDocuments(config, queue)
    kiosks.of("A", now_ms)
    """

    def __init__(self, config: HubConfig, queue: Queue) -> None:
        self._config = config
        self._queue = queue
        self._learnt_at_ms: int | None = None
        self._lengths: Lengths | None = None

    def of(self, series: str, now_ms: int) -> Kiosk:
        """Return what the kiosk with this letter shall go by."""
        config = self._config
        waits = self._waits(now_ms)
        known = any(waits.values())
        return Kiosk(
            office=config.office,
            series=series,
            fields=[_field(each, waits.get(each.id)) for each in config.fields],
            lanes=[
                Lane(id=each.id, name=each.name, name_en=each.name_en, picture=each.picture)
                for each in config.lanes
            ],
            page_url=config.page.begins if config.page is not None else "",
            waits_until_ms=(now_ms // HOLDS_MS + 2) * HOLDS_MS if known else None,
        )

    def _waits(self, now_ms: int) -> dict[str, tuple[int, int] | None]:
        """Return the range of each field; none while nobody can tell."""
        open_now = self._open_counters()
        learnt = self._learn(now_ms) if open_now else None
        if learnt is None:
            return {}
        waiting, serving = self._queue.waiting(), self._queue.serving()
        found = {}
        for field in self._config.fields:
            mine = frozenset(each for each in open_now if self._queue.serves_field(each, field.id))
            found[field.id] = _range(mine, self._before(mine, open_now, waiting), serving, learnt)
        return found

    def still_waits(self, ticket: Ticket, waiting: Sequence[Ticket], now_ms: int) -> tuple[int, int] | None:
        """Return the range for who waits already, with `waiting` before him in calling order."""
        open_now = self._open_counters()
        learnt = self._learn(now_ms) if open_now else None
        if learnt is None:
            return None
        mine = frozenset(each for each in open_now if self._queue.may(each, ticket))
        before = self._before(mine, open_now, waiting)
        return _range(mine, before, self._queue.serving(), learnt)

    def _before(
        self, mine: frozenset[str], open_now: frozenset[str], waiting: Iterable[Ticket]
    ) -> list[Ticket]:
        """Return who will be called by these counters: at least half of those that may call him are these."""
        found = []
        for each in waiting:
            able = frozenset(counter for counter in open_now if self._queue.may(counter, each))
            if able and 2 * len(able & mine) >= len(able):
                found.append(each)
        return found

    def _open_counters(self) -> frozenset[str]:
        serving = self._queue.serving()
        return frozenset(
            each.id
            for each in self._config.counters
            if each.id in serving or self._queue.last_ended(each.id, OPEN_FOR_MS) is not None
        )

    def _learn(self, now_ms: int) -> Lengths | None:
        """Look up how long visits take; the last answer stands for a while."""
        if self._learnt_at_ms is None or not 0 <= now_ms - self._learnt_at_ms < LEARNT_FOR_MS:
            self._learnt_at_ms = now_ms
            visits = self._queue.visits(now_ms - DAYS_BACK * DAY_MS, now_ms)
            self._lengths = lengths(service_times(_served(visits)))
        return self._lengths


def _range(
    mine: frozenset[str], before: Iterable[Ticket], serving: Mapping[str, Ticket], learnt: Lengths
) -> tuple[int, int] | None:
    served = {serving[each].field for each in mine if each in serving}
    free = sum(each not in serving for each in mine)
    line = Line([learnt.of(each.field) for each in before], len(mine), free)
    return told_range(wait_range(line, learnt.of_one(served)))


def _served(visits: Iterable[Ticket]) -> Iterable[Served]:
    for each in visits:
        if each.state == "ended" and each.counter and each.called_at_ms and each.ended_at_ms:
            yield Served(each.field, each.counter, each.issued_at_ms, each.called_at_ms, each.ended_at_ms)


def _field(field: WorkField, wait_min: tuple[int, int] | None) -> Field:
    low, high = wait_min or (None, None)
    return Field(
        id=field.id,
        name=field.name,
        name_en=field.name_en,
        picture=field.picture,
        papers=list(field.papers),
        wait_low_min=low,
        wait_high_min=high,
        greeter=field.greeter,
    )
