"""Two months of an office, by chance, in the ledger of a hub that has not opened yet: for its reports.

What its loudspeakers sounded meanwhile is made up in docs/picture_soundings.py.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commune_hub.hub import Capabilities, open_capabilities
from commune_hub.times import DAY_MS, day_start_ms, local_day, local_time, now_ms
from docs.picture_soundings import DAYS as SOUNDING_DAYS
from docs.picture_soundings import SPEAKERS, told_on, write_programme
from provisioning.plan import load_hub_config
from wire.batches import Batch
from wire.facts import (
    Body,
    HealthSampled,
    Moment,
    RatingPressed,
    RatingReasoned,
    TicketCalled,
    TicketEnded,
    TicketIssued,
    make_fact,
)
from wire.scales import mood_of

DAYS = 60
MINUTE_MS, HOUR_MS = 60_000, 3_600_000
VISITS_A_DAY = (20, 34)
OPEN_HOURS = ((7.5, 11.0), (13.5, 16.0))
SCALES = {
    "quay-1": ("vi3", (82, 12, 6)),
    "quay-2": ("vi4", (58, 29, 8, 5)),
    "quay-3": ("vi5", (50, 33, 9, 5, 3)),
}
"""The scale of each counter, and how often each of its levels is pressed. Made up."""
REASONS = ("waiting", "waiting", "procedure", "attitude", "facilities", "other")
RATED, REPEATED = 0.72, 0.04
"""Share of visits that are rated, and of presses that a tired finger repeats. Made up."""
EPOCH = "5eed" * 4

Timed = tuple[int, Body]


@dataclass
class _Clock:
    at_ms: int

    def __call__(self) -> int:
        return self.at_ms


def write_history(directory: Path, seed: int) -> None:
    """Let the hub of the commune in `directory` know of two months of visits. Call before it is opened."""
    clock = _Clock(now_ms())
    chance = random.Random(seed)
    capabilities = open_capabilities(load_hub_config(directory / "hub" / "hub.toml"), clock)
    today_ms = day_start_ms(clock.at_ms)
    sender = _Sender(capabilities, clock)
    for day_ms in range(today_ms - DAYS * DAY_MS, today_ms, DAY_MS):
        if local_time(day_ms).weekday() < 5:
            _write_day(sender, chance, day_ms)
    _write_soundings(sender, chance, today_ms)
    capabilities.store.close()


def _write_soundings(sender: _Sender, chance: random.Random, today_ms: int) -> None:
    sender.set_clock(today_ms - SOUNDING_DAYS * DAY_MS)
    programmes = write_programme(sender.capabilities, today_ms)
    for day_ms in range(today_ms - SOUNDING_DAYS * DAY_MS, today_ms, DAY_MS):
        told = told_on(programmes, chance, day_ms, last=day_ms == today_ms - DAY_MS)
        for device in SPEAKERS:
            sender.send(device, "speaker", [(at_ms, body) for at_ms, who, body in told if who == device])


class _Sender:
    """Takes facts as devices send them, and writes what officers do, at their times."""

    def __init__(self, capabilities: Capabilities, clock: _Clock) -> None:
        self.capabilities = capabilities
        self._clock = clock
        self._sent: dict[tuple[str, str], int] = {}
        self.fields = [each.id for each in capabilities.config.fields]
        self.devices = [entry.device for entry in capabilities.fleet.entries()]

    def set_clock(self, at_ms: int) -> None:
        """Let it be that time at the hub."""
        self._clock.at_ms = at_ms

    def send(self, device: str, node: str, timed: Sequence[Timed]) -> None:
        """Take the facts of a node for a day."""
        if not timed:
            return
        self._clock.at_ms = timed[-1][0]
        boot_ms = day_start_ms(timed[0][0])
        first = self._sent.get((device, node), 0) + 1
        boot = local_day(boot_ms)
        facts = [
            make_fact(body, Moment(at_ms=at_ms, mono_ms=at_ms - boot_ms, boot=boot, synced=True))
            for at_ms, body in timed
        ]
        batch = Batch(device=device, node=node, epoch=EPOCH, first=first, oldest=first, facts=facts)
        self._sent[device, node] = self.capabilities.ledger.take(batch)

    def record(self, at_ms: int, body: Body) -> None:
        """Write what an officer does."""
        self._clock.at_ms = at_ms
        self.capabilities.ledger.record("queue", body)


@dataclass(frozen=True)
class _Visit:
    issued: TicketIssued
    issued_ms: int
    called_ms: int
    ended_ms: int
    counter: str

    @property
    def officer(self) -> str:
        return f"can-bo-{self.counter[-1]}"

    def steps(self) -> Iterator[Timed]:
        """Yield what the officer did."""
        where = {"ticket": self.issued.ticket, "counter": self.counter, "officer": self.officer}
        yield self.called_ms, TicketCalled(**where, number=self.issued.number, why="longest")
        yield self.ended_ms, TicketEnded(**where)


def _write_day(sender: _Sender, chance: random.Random, day_ms: int) -> None:
    visits = list(_visits(sender.fields, chance, day_ms))
    sender.send("sanh-pi", "ticket", [(each.issued_ms, each.issued) for each in visits])
    for at_ms, body in sorted((step for each in visits for step in each.steps()), key=lambda step: step[0]):
        sender.record(at_ms, body)
    for counter in SCALES:
        answers = [fact for each in visits if each.counter == counter for fact in _answer(each, chance)]
        sender.send(f"{counter}-pi", "rating", sorted(answers, key=lambda fact: fact[0]))
    for device in sender.devices:
        sender.send(device, "agent", [(day_ms + hour * HOUR_MS + 1, _health(chance)) for hour in range(24)])


def _visits(fields: Sequence[str], chance: random.Random, day_ms: int) -> Iterator[_Visit]:
    """Yield the visits of a day: one line, three counters, first come first served."""
    arrivals = sorted(_arrival_ms(chance, day_ms) for _ in range(chance.randint(*VISITS_A_DAY)))
    free = [(day_ms, counter) for counter in SCALES]
    for number, issued_ms in enumerate(arrivals, 1):
        free_ms, counter = heapq.heappop(free)
        called_ms = max(free_ms, issued_ms) + chance.randrange(20_000, 3 * MINUTE_MS)
        ended_ms = called_ms + chance.randrange(5 * MINUTE_MS, 22 * MINUTE_MS)
        heapq.heappush(free, (ended_ms, counter))
        issued = TicketIssued(
            ticket=f"sanh-pi-{local_day(day_ms)}-A{number:03d}",
            number=f"A{number:03d}",
            field=chance.choice(fields),
            day=local_day(day_ms),
            printed=chance.random() > 0.01,
        )
        yield _Visit(issued, issued_ms, called_ms, ended_ms, counter)


def _arrival_ms(chance: random.Random, day_ms: int) -> int:
    begin, end = chance.choices(OPEN_HOURS, (7, 3))[0]
    return day_ms + round(chance.triangular(begin, end, begin + 0.8) * HOUR_MS)


def _answer(visit: _Visit, chance: random.Random) -> Iterator[Timed]:
    """Yield the press of a citizen who presses, and a reason if it is low."""
    if chance.random() > RATED:
        return
    scale, weights = SCALES[visit.counter]
    level = chance.choices(range(1, len(weights) + 1), weights)[0]
    at_ms = visit.ended_ms + chance.randrange(3_000, 15_000)
    press = f"history-{visit.issued.ticket}"
    given: dict[str, Any] = {"counter": visit.counter, "scale": scale, "level": level, "source": "button"}
    yield at_ms, RatingPressed(**given, ticket=visit.issued.ticket, officer=visit.officer, press=press)
    if chance.random() < REPEATED:
        yield at_ms + 900, RatingPressed(**given, press=f"{press}-2", marks=["repeat"])
    if mood_of(scale, level) == "unsatisfied":
        yield at_ms + 4_000, RatingReasoned(counter=visit.counter, press=press, reason=chance.choice(REASONS))


def _health(chance: random.Random) -> HealthSampled:
    return HealthSampled(
        cpu_celsius=chance.uniform(44, 61), disk_free_mb=9_000, memory_free_mb=310, uptime_s=86_400
    )
