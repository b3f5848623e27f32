"""The figures of any group of presses and visits: a counter, a field, the whole office."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct

from commune_hub.figures.proportion import Proportion, proportion
from commune_hub.figures.rows import MOOD_NAMES, Press, Rows, Visit
from commune_hub.figures.spread import Spread, spread

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


class Summary(Struct, frozen=True):
    """What a group comes to."""

    issued: int
    """Numbers given out."""
    served: int
    """Visits that a counter took on."""
    presses: int
    """Presses that count."""
    marked: int
    """Presses that were left out of the count."""
    moods: list[int]
    """Counted presses: satisfied, neutral, unsatisfied (wire.scales)."""
    satisfied: Proportion
    """(satisfied + very satisfied) ÷ all counted presses, the way SIPAS is computed."""
    response: Proportion
    """Served visits that were rated ÷ served visits."""
    untied: int
    """Counted presses that belong to no served visit of the group; they are not in `response`."""
    wait: Spread
    """From the number to its first call."""
    service: Spread
    """From the last call to the end."""


class Group(Struct, frozen=True):
    """A group by its id and name."""

    id: str
    name: str
    summary: Summary


def summarise(counted: Sequence[Press], marked_count: int, visits: Sequence[Visit]) -> Summary:
    """Return the figures of these presses and visits."""
    moods = Counter(press.mood for press in counted)
    served = [visit for visit in visits if visit.served]
    tickets = {visit.ticket for visit in served}
    rated = {press.ticket for press in counted if press.ticket in tickets}
    return Summary(
        issued=len(visits),
        served=len(served),
        presses=len(counted),
        marked=marked_count,
        moods=[moods[mood] for mood in MOOD_NAMES],
        satisfied=proportion(moods["satisfied"], len(counted)),
        response=proportion(len(rated), len(served)),
        untied=sum(press.ticket not in tickets for press in counted),
        wait=spread(visit.wait_ms for visit in visits),
        service=spread(visit.service_ms for visit in visits),
    )


def summarise_rows(rows: Rows) -> Summary:
    """Return the figures of everything."""
    return summarise(rows.counted, len(rows.marked), rows.visits)


def by_counter(rows: Rows, names: Mapping[str, str]) -> list[Group]:
    """Return the figures of each counter, those of `names` first and in its order."""
    visits = split(rows.visits, lambda visit: visit.counter)
    return _groups(rows, names, lambda press: press.counter, visits)


def by_field(rows: Rows, names: Mapping[str, str]) -> list[Group]:
    """Return the figures of each field of work. Presses without a visit have no field and are left out."""
    visits = split(rows.visits, _field_of)
    return _groups(rows, names, lambda press: press.field, visits)


def _field_of(visit: Visit) -> str | None:
    return visit.field


def _groups(
    rows: Rows,
    names: Mapping[str, str],
    key: Callable[[Press], str | None],
    visits: Mapping[str | None, Sequence[Visit]],
) -> list[Group]:
    counted, marked = split(rows.counted, key), split(rows.marked, key)
    others = sorted({each for each in (*counted, *marked, *visits) if each} - set(names))
    return [
        Group(
            each,
            names.get(each, each),
            summarise(counted.get(each, []), len(marked.get(each, [])), visits.get(each, [])),
        )
        for each in (*names, *others)
    ]


def split(rows: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Sort rows into groups by `key`."""
    groups: dict[K, list[T]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups
