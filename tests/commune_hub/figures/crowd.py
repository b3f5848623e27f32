"""A seeded random year at an office: visits, presses that count, presses that do not."""

from __future__ import annotations

import random
from dataclasses import dataclass

from commune_hub.figures.rows import Press, Rows, Visit
from wire.scales import SCALES, mood_of

COUNTERS = ("quay-1", "quay-2", "quay-3")
FIELDS = ("ho-tich", "dat-dai")
OFFICERS = ("an", "binh", "chi", "dung")
MARKS = ("repeat", "burst", "nobody-served")
REASONS = (None, "waiting", "attitude")
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000


@dataclass
class Crowd:
    """A `service.Source` over rows of its own."""

    held: Rows

    def rows(self, from_ms: int, until_ms: int) -> Rows:
        return Rows(
            [each for each in self.held.counted if from_ms <= each.at_ms < until_ms],
            [each for each in self.held.marked if from_ms <= each.at_ms < until_ms],
            [each for each in self.held.visits if from_ms <= each.issued_at_ms < until_ms],
        )

    def first_ms(self) -> int | None:
        return min((each.issued_at_ms for each in self.held.visits), default=None)


def make_crowd(seed: int, visits: int, from_ms: int, days: int) -> Crowd:
    """Return a crowd of visits at working hours, of which most are called and some are rated."""
    chance = random.Random(seed)
    crowd = Crowd(Rows([], [], []))
    for number in range(visits):
        issued_ms = from_ms + chance.randrange(days) * DAY_MS + chance.randrange(7 * HOUR_MS, 17 * HOUR_MS)
        _visit(crowd, chance, f"t{number}", issued_ms)
    return crowd


def _visit(crowd: Crowd, chance: random.Random, ticket: str, issued_ms: int) -> None:
    field = chance.choice(FIELDS)
    if chance.random() < 0.08:
        crowd.held.visits.append(Visit(ticket, field, issued_ms, state="left"))
        return
    called_ms = issued_ms + chance.randrange(0, 50 * MINUTE_MS)
    ended_ms = called_ms + chance.randrange(MINUTE_MS, 20 * MINUTE_MS)
    counter, officer = chance.choice(COUNTERS), chance.choice(OFFICERS)
    state = "missed" if chance.random() < 0.05 else "ended"
    crowd.held.visits.append(
        Visit(ticket, field, issued_ms, called_ms, ended_ms, counter, officer, state=state)
    )
    if state == "ended" and chance.random() < 0.6:
        crowd.held.counted.append(press(chance, ended_ms, counter, field, officer, ticket))
    if chance.random() < 0.1:
        crowd.held.marked.append(press(chance, ended_ms, counter, None, None, None, (chance.choice(MARKS),)))


def press(
    chance: random.Random,
    at_ms: int,
    counter: str,
    field: str | None,
    officer: str | None,
    ticket: str | None,
    marks: tuple[str, ...] = (),
) -> Press:
    """Return a press on a random scale."""
    scale = chance.choice(list(SCALES.values()))
    level = chance.randint(1, scale.levels)
    mood = mood_of(scale.id, level)
    assert mood is not None
    reason = chance.choice(REASONS) if mood == "unsatisfied" else None
    return Press(at_ms, counter, scale.id, level, mood, field, officer, ticket, marks, reason)
