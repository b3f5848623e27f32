"""The order of calling. Pure: who waits, what was called before, the rules and the present are arguments.

Whoever waits gains with time; a priority lane gains faster. Who came back with a missing paper stands near
the front. And whatever the weights say, nobody is passed over more often, or longer, than the rules allow.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from wire.facts import ORDINARY

Why = Literal["longest", "priority", "ratio", "passed_over", "returned", "chosen", "own_order"]
"""Why a number stands where it stands, or was called: as in `wire.facts.TicketCalled`."""

_MINUTE_MS = 60_000


@dataclass(frozen=True)
class Rules:
    """How an office calls."""

    weights: Mapping[str, float] = field(default_factory=dict)
    """How fast each lane gains, against 1 for the ordinary one; at least 1."""
    ratio: int = 0
    """So many of priority lanes, then one ordinary, while both wait; 0: by score alone."""
    passed_over_max: int = 8
    """After so many later comers were called, somebody is next."""
    wait_max_min: int = 90
    """Who has waited for so long is passed over by no later comer."""
    return_after: int = 1
    """Who is back with a paper waits until so many others were called, if there are others."""
    return_gain_min: int = 30
    """And counts as having waited so much longer."""


@dataclass(frozen=True)
class Candidate:
    """Somebody who waits."""

    ticket: str
    since_ms: int
    """When the number was given out."""
    lane: str = ORDINARY
    passed_over: int = 0
    """Later comers who were called meanwhile."""
    called_since_return: int | None = None
    """Others who were called since this one came back; None: was never away."""


@dataclass(frozen=True)
class Placed:
    """Where somebody stands, and why."""

    ticket: str
    why: Why


@dataclass
class _Standing:
    """A candidate while the order is being worked out: what each call ahead of it changes."""

    candidate: Candidate
    score: float
    passed_over: int
    called_since_return: int | None

    @property
    def key(self) -> tuple[float, int, str]:
        return (-self.score, self.candidate.since_ms, self.candidate.ticket)

    @property
    def age(self) -> tuple[int, str]:
        return (self.candidate.since_ms, self.candidate.ticket)


def arrange(
    candidates: Iterable[Candidate], rules: Rules, now_ms: int, run: int = 0, limit: int | None = None
) -> list[Placed]:
    """Return who is called first, second, …; at most `limit`.

    `run` is how many of priority lanes were called in a row since the last ordinary one. The order in which
    candidates are given does not matter.
    """
    left = sorted((_standing(each, rules, now_ms) for each in candidates), key=lambda each: each.age)
    heads = _Heads(left)
    placed: list[Placed] = []
    while left and (limit is None or len(placed) < limit):
        chosen, why = _choose(left, heads, rules, now_ms, run)
        placed.append(Placed(chosen.candidate.ticket, why))
        run = run + 1 if chosen.candidate.lane != ORDINARY else 0
        _call(chosen, left)
        heads.drop(chosen)
    return placed


class _Heads:
    """Both kinds by score, so that a step looks at a few instead of all."""

    def __init__(self, standing: Sequence[_Standing]) -> None:
        by_score = sorted(standing, key=lambda each: each.key)
        self.priority = [each for each in by_score if each.candidate.lane != ORDINARY]
        self.ordinary = [each for each in by_score if each.candidate.lane == ORDINARY]

    def drop(self, chosen: _Standing) -> None:
        (self.ordinary if chosen.candidate.lane == ORDINARY else self.priority).remove(chosen)


def _standing(candidate: Candidate, rules: Rules, now_ms: int) -> _Standing:
    gain_min = 0 if candidate.called_since_return is None else rules.return_gain_min
    waited_min = (now_ms - candidate.since_ms) / _MINUTE_MS + gain_min
    weight = max(1.0, rules.weights.get(candidate.lane, 1.0))
    return _Standing(candidate, waited_min * weight, candidate.passed_over, candidate.called_since_return)


def _choose(
    left: Sequence[_Standing], heads: _Heads, rules: Rules, now_ms: int, run: int
) -> tuple[_Standing, Why]:
    oldest = next((each for each in left if _ready(each, rules)), left[0])
    capped = next((each for each in left if _capped(each, rules, now_ms)), None)
    if capped is not None:
        return capped, _why(capped, oldest, "passed_over")
    priority = _first_ready(heads.priority, rules)
    ordinary = _first_ready(heads.ordinary, rules)
    if priority is None or ordinary is None:
        best = priority or ordinary or oldest
        return best, _why(best, oldest, "priority" if priority else "returned")
    if rules.ratio:
        turn = ordinary if run >= rules.ratio else priority
        return turn, _why(turn, oldest, "ratio" if turn is ordinary else "priority")
    best = min(priority, ordinary, key=lambda each: each.key)
    return best, _why(best, oldest, "priority" if best is priority else "returned")


def _why(chosen: _Standing, oldest: _Standing, otherwise: Why) -> Why:
    """Who waits longest is next because of that, whatever else speaks for it."""
    return "longest" if chosen is oldest else otherwise


def _first_ready(heads: Sequence[_Standing], rules: Rules) -> _Standing | None:
    """Who has just come back lets a few others go first."""
    return next((each for each in heads if _ready(each, rules)), None)


def _ready(each: _Standing, rules: Rules) -> bool:
    return each.called_since_return is None or each.called_since_return >= rules.return_after


def _capped(each: _Standing, rules: Rules, now_ms: int) -> bool:
    if not _ready(each, rules):
        return False
    waited_min = (now_ms - each.candidate.since_ms) / _MINUTE_MS
    return each.passed_over >= rules.passed_over_max or waited_min >= rules.wait_max_min


def _call(chosen: _Standing, left: list[_Standing]) -> None:
    """Take `chosen` out: everybody older was passed over once more."""
    place = left.index(chosen)
    for each in left[:place]:
        each.passed_over += 1
    for each in left:
        if each.called_since_return is not None:
            each.called_since_return += 1
    del left[place]


def times_passed_over(since_ms: int, called_since_ms: Sequence[int]) -> int:
    """Return how many that came later than `since_ms` were called.

    `called_since_ms`: when the numbers that were called had been given out, ascending.
    """
    return len(called_since_ms) - bisect_right(called_since_ms, since_ms)
