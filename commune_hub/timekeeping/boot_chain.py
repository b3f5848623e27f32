"""The boots of one device in their order: what is known of one bounds its neighbours. Pure."""

from __future__ import annotations

from collections import ChainMap, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from commune_hub.timekeeping.true_time import AGREE_MS, AHEAD_MAX_MS, Anchor, Boot
from wire.facts import Moment

UNKNOWN_BOOT = "unknown"
"""Stands in the stamp of a `fact.damaged`: its own stamp was lost."""

STEPS_MAX = 10_000
"""Most boots visited for one batch. Only a device that lies about the order of its boots needs more."""


class Edge(Struct, frozen=True):
    """Some stream went from one boot to another: `later` began after `last_mono_ms` of `earlier`."""

    earlier: str
    later: str
    last_mono_ms: int


class Arrived(Struct, frozen=True):
    """The stamp of a fact, and when the hub received it."""

    moment: Moment
    received_ms: int


def edges_of(previous: Moment | None, arrived: Iterable[Arrived]) -> list[Edge]:
    """Return where consecutive facts of a stream, after `previous`, went from one boot to the next."""
    edges = []
    for each in arrived:
        moment = each.moment
        if previous is not None and previous.boot != moment.boot:
            edges.append(Edge(previous.boot, moment.boot, previous.mono_ms))
        previous = moment
    return [edge for edge in edges if UNKNOWN_BOOT not in (edge.earlier, edge.later)]


def learn(boots: Mapping[str, Boot], arrived: Sequence[Arrived]) -> dict[str, Boot]:
    """Return the boots that stamps tell something new of, as known then.

    The newest first: of facts that arrive together, it was written shortest before.
    """
    news: dict[str, Boot] = {}
    for each in reversed(arrived):
        moment = each.moment
        if moment.boot == UNKNOWN_BOOT:
            continue
        known = news.get(moment.boot) or boots.get(moment.boot)
        boot = known or Boot()
        if not moment.synced:
            boot = boot.with_before(Anchor(moment.mono_ms, each.received_ms))
        elif moment.at_ms <= each.received_ms + AHEAD_MAX_MS:
            boot = boot.with_anchor(Anchor(moment.mono_ms, moment.at_ms))
        if boot is not known:
            news[moment.boot] = boot
    return news


def learn_agreeing(boot: Boot, offsets_ms: Sequence[int], ends: tuple[Anchor, Anchor]) -> Boot | None:
    """Return `boot` knowing of consecutive stamps of a synchronised clock that agree with all that is known.

    They are given by their offsets, and by the first and the last of them, which tell all that `learn` would
    keep. None if any contradicts another, or an anchor of the boot: then each must be looked at.
    """
    every_ms = [*offsets_ms, *(each.offset_ms for each in boot.anchors)]
    if max(every_ms) - min(every_ms) > AGREE_MS:
        return None
    return boot.with_anchor(ends[1]).with_anchor(ends[0])


def propagate(boots: Mapping[str, Boot], edges: Sequence[Edge], changed: Iterable[str]) -> dict[str, Boot]:
    """Carry what is known of the `changed` boots along `edges`; return the boots that learnt from it."""
    news: dict[str, Boot] = {}
    known = ChainMap(news, dict(boots))
    at_boot: dict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        at_boot[edge.earlier].append(edge)
        at_boot[edge.later].append(edge)
    waiting = deque(changed)
    for _ in range(STEPS_MAX):
        if not waiting:
            break
        name = waiting.popleft()
        for edge in at_boot[name]:
            neighbour = edge.later if name == edge.earlier else edge.earlier
            told = _tell(known, edge, neighbour)
            if told is not known.get(neighbour):
                news[neighbour] = told
                waiting.append(neighbour)
    return news


def _tell(known: Mapping[str, Boot], edge: Edge, neighbour: str) -> Boot:
    """Return what `neighbour`, an end of `edge`, is once it knows what the other end knows."""
    earlier, later = known.get(edge.earlier) or Boot(), known.get(edge.later) or Boot()
    if neighbour == edge.later:
        return later.with_after(earlier.earliest_ms(edge.last_mono_ms))
    latest_ms = later.latest_ms(0)
    return earlier if latest_ms is None else earlier.with_before(Anchor(edge.last_mono_ms, latest_ms))
