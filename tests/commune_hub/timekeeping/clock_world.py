"""A world with a true time line, and a device in it whose clock knows it only now and then."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from commune_hub.timekeeping.true_time import DRIFT_PPM, SYNC_AGE_MAX_MS
from wire.facts import Moment

BEGIN_MS = 1_790_000_000_000
DAY_MS = 86_400_000
SET_ERROR_MS = 400
"""How far off a time service leaves a clock that it does not step."""


@dataclass(frozen=True)
class Life:
    """One boot: when it begins, how wrong its crystal and its first clock are, when it hears of the time."""

    name: str
    begin_ms: int
    rate_ppm: int
    clock_ms: int
    """What the clock shows at its start."""
    sets: tuple[tuple[int, int], ...]
    """Monotonic times at which a time service sets the clock, and the error that it leaves."""

    def true_ms(self, mono_ms: int) -> int:
        return self.begin_ms + mono_ms + mono_ms * self.rate_ppm // 1_000_000

    def stamp(self, mono_ms: int) -> Moment:
        before = [each for each in self.sets if each[0] <= mono_ms]
        if not before:
            return Moment(at_ms=self.clock_ms + mono_ms, mono_ms=mono_ms, boot=self.name, synced=False)
        set_ms, error_ms = before[-1]
        at_ms = self.true_ms(set_ms) + error_ms + mono_ms - set_ms
        synced = mono_ms - set_ms <= SYNC_AGE_MAX_MS
        return Moment(at_ms=at_ms, mono_ms=mono_ms, boot=self.name, synced=synced)


@dataclass(frozen=True)
class Event:
    """Something that happened to a node: its number in the stream, its stamp, and the truth."""

    node: int
    seq: int
    stamp: Moment
    true_ms: int


@dataclass(frozen=True)
class Delivery:
    """Consecutive events of one node that the hub receives together."""

    events: tuple[Event, ...]
    received_ms: int


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[Life, list[tuple[int, int]]]]:
    """Boots one after the other, each with the (monotonic time, node) of what happens in it."""
    now_ms = BEGIN_MS
    found = []
    for index in range(draw(st.integers(1, 5))):
        now_ms += draw(st.integers(1, 3 * DAY_MS))
        happens = draw(
            st.lists(st.tuples(st.integers(0, 25 * DAY_MS), st.integers(0, 1)), min_size=1, max_size=8)
        )
        sets = draw(
            st.lists(
                st.tuples(st.integers(0, 25 * DAY_MS), st.integers(-SET_ERROR_MS, SET_ERROR_MS)), max_size=3
            )
        )
        life = Life(
            name=f"boot-{index}",
            begin_ms=now_ms,
            rate_ppm=draw(st.integers(-DRIFT_PPM, DRIFT_PPM)),
            clock_ms=draw(st.sampled_from([0, now_ms - 1_000, now_ms - 40 * DAY_MS, now_ms + 40 * DAY_MS])),
            sets=tuple(sorted(sets)),
        )
        found.append((life, sorted(happens)))
        now_ms = life.true_ms(max(mono_ms for mono_ms, _ in happens)) + 1
    return found


@st.composite
def deliveries(draw: st.DrawFn) -> list[Delivery]:
    """All events of a device's two nodes, in batches, each node's in order, mixed by any network."""
    queues: list[list[Event]] = [[], []]
    for life, happens in draw(lives()):
        for mono_ms, node in happens:
            event = Event(node, len(queues[node]) + 1, life.stamp(mono_ms), life.true_ms(mono_ms))
            queues[node].append(event)
    found: list[Delivery] = []
    now_ms = BEGIN_MS
    while any(queues):
        node = draw(st.sampled_from([index for index, queue in enumerate(queues) if queue]))
        count = draw(st.integers(1, len(queues[node])))
        taken, queues[node] = queues[node][:count], queues[node][count:]
        now_ms = max(now_ms, taken[-1].true_ms) + draw(st.sampled_from([0, 50, 3_600_000, 5 * DAY_MS]))
        found.append(Delivery(tuple(taken), now_ms))
    return found
