"""Who comes in a week, when, for what, and what each of them will do: drawn from a seed. Pure."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from sim.week.scenario import Habits, Week, Work, minutes_of
from wire.facts import ORDINARY

DAY_MS = 86_400_000
MINUTE_MS = 60_000
LEVELS = 4
"""Of the scale vi4 that all panels ask on."""


@dataclass(frozen=True)
class Tap:
    """A press that somebody means to make: so long after he begins, of this face."""

    after_ms: int
    level: int


@dataclass
class Visitor:
    """Somebody who comes. What he will do is decided before; what becomes of him is not."""

    who: int
    at_ms: int
    """When he stands at the kiosk; milliseconds since Monday's midnight."""
    field: str
    lane: str
    service_ms: int
    walk_ms: int
    """From his call to the counter."""
    misses: bool = False
    lacks_paper: bool = False
    away_ms: int | None = None
    """How long he is gone after he missed his call, or for a paper; None: for good."""
    elsewhere: bool = False
    """Is sent on to another field after a while."""
    taps: tuple[Tap, ...] = ()
    reason: str | None = None
    slip_level: int | None = None
    ended_by_next: bool = False
    number: str = ""
    """What stands on his slip."""
    ticket: str = ""
    """And what the office knows it by."""
    code: str = ""
    """Behind the picture on his slip; empty without one."""


def visitors(week: Week, seed: int) -> list[Visitor]:
    """Return everybody who comes in the week, in the order of coming."""
    chance = random.Random(f"week/{seed}")
    shares = [1.0 + chance.uniform(-0.15, 0.15) for _ in range(week.days)]
    shares[0] += 0.2  # after a week-end
    total = sum(shares)
    found: list[Visitor] = []
    for day, share in enumerate(shares):
        count = round(week.visits * share / total) if day < week.days - 1 else week.visits - len(found)
        times = sorted(_time(week, chance) for _ in range(count))
        found += [_visitor(week, chance, len(found) + n, day * DAY_MS + at) for n, at in enumerate(times, 1)]
    return found


def _time(week: Week, chance: random.Random) -> int:
    rush = chance.choices(week.rush, [each.weight for each in week.rush])[0]
    begins, ends = minutes_of(rush.begins) * MINUTE_MS, minutes_of(rush.ends) * MINUTE_MS
    return chance.randrange(begins, ends)


def _visitor(week: Week, chance: random.Random, who: int, at_ms: int) -> Visitor:
    habits = week.habits
    work = chance.choices(week.work, [each.weight for each in week.work])[0]
    lanes = [each.id for each in week.plan.lanes]
    priority = bool(lanes) and chance.random() < habits.priority
    misses, lacks = chance.random() < habits.misses_call, chance.random() < habits.lacks_paper
    back = chance.random() < habits.comes_back
    taps, reason = _taps(habits, chance)
    return Visitor(
        who=who,
        at_ms=at_ms,
        field=work.field,
        lane=chance.choice(lanes) if priority else ORDINARY,
        service_ms=_service_ms(work, chance),
        walk_ms=chance.randint(5_000, 25_000),
        misses=misses,
        lacks_paper=lacks,
        away_ms=chance.randint(6, 70) * MINUTE_MS if back else None,
        elsewhere=chance.random() < habits.goes_on_elsewhere,
        taps=taps,
        reason=reason,
        slip_level=_level(chance, 0.1) if not taps and chance.random() < habits.slip else None,
        ended_by_next=chance.random() < habits.ends_by_next,
    )


def _service_ms(work: Work, chance: random.Random) -> int:
    minutes = work.median_min * math.exp(chance.gauss(0, work.spread))
    return round(min(max(minutes, 0.7), 6 * work.median_min) * MINUTE_MS)


def _level(chance: random.Random, low: float) -> int:
    if chance.random() < low:
        return LEVELS
    return chance.choices([1, 2, 3], [0.55, 0.35, 0.10])[0]


def _taps(habits: Habits, chance: random.Random) -> tuple[tuple[Tap, ...], str | None]:
    """Return the presses of one citizen, and the reason of a low one."""
    if chance.random() >= habits.presses:
        return (), None
    level = _level(chance, habits.low)
    taps = [Tap(0, level)]
    if chance.random() < habits.corrects:
        other = chance.choice([each for each in range(1, LEVELS + 1) if each != level])
        taps.append(Tap(chance.randint(900, 4_000), other))
    elif chance.random() < habits.taps_again:
        taps += [Tap(after, level) for after in sorted(chance.sample(range(700, 4_500, 500), 2))]
    elif chance.random() < habits.hammers:
        taps += [Tap(350 * n, level) for n in range(1, chance.randint(7, 14))]
    low = len(taps) == 1 and level == LEVELS
    reasons = ("waiting", "procedure", "attitude", "facilities", "other")
    return tuple(taps), chance.choice(reasons) if low and chance.random() < habits.reasons else None
