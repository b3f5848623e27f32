"""A long past is timed anew bit by bit; meanwhile and afterwards times stay right and in order."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import example, given, settings

from commune_hub.capabilities.ratings import Ratings
from commune_hub.hub import MIGRATIONS
from commune_hub.ledger import Ledger
from commune_hub.store import Store
from commune_hub.timekeeping.kept_facts import PAGE_FACTS
from commune_hub.timekeeping.time_book import TimeBook
from tests.commune_hub.conftest import NOON_MS, Office, TurnedClock
from tests.commune_hub.facts import press
from tests.commune_hub.timekeeping.clock_world import BEGIN_MS, Delivery, Event, deliveries
from tests.commune_hub.timekeeping.timed_ledger import World, reading, send, stamp
from wire.facts import (
    Moment,
)


def backlog(ledger: Ledger, count: int, *, first: int = 1, boot: str = "boot-1") -> None:
    """Presses of a boot that does not know the time, one a second from its start."""
    for start in range(first, first + count, 200):
        numbers = range(start, min(start + 200, first + count))
        send(ledger, [(press(), stamp(seq * 1_000, seq * 1_000, boot)) for seq in numbers], first=start)


def press_times(store: Store) -> list[int]:
    return [int(row["at_ms"]) for row in store.rows("SELECT at_ms FROM presses ORDER BY at_ms")]


def test_a_long_past_is_timed_anew_in_goes_that_survive_a_kill_between_them(tmp_path: Path) -> None:
    count = 3 * PAGE_FACTS + 100
    clock = TurnedClock()

    def opened() -> tuple[Store, Ledger]:
        store = Store(tmp_path / "hub.db", MIGRATIONS)
        return store, Ledger(store, clock, [Ratings(store, clock)])

    store, ledger = opened()
    backlog(ledger, count)
    send(ledger, [(press(), stamp(NOON_MS, (count + 1) * 1_000, synced=True))], first=count + 1)
    true_ms = [NOON_MS - (count + 1 - seq) * 1_000 for seq in range(1, count + 2)]
    assert press_times(store) != true_ms, "so many at once would hold the store for seconds"
    goes = 0
    while ledger.correct_some():
        goes += 1
        store.close()  # the process ends here; the next one goes on
        store, ledger = opened()
        moved = sum(one == other for one, other in zip(press_times(store), true_ms, strict=True))
        assert moved >= min(goes * PAGE_FACTS, count)
    assert goes == 4
    assert press_times(store) == true_ms
    assert store.rows("SELECT * FROM retimings") == []
    store.close()


def test_a_fact_behind_those_that_wait_keeps_its_own_time(office: Office) -> None:
    count = 2 * PAGE_FACTS
    backlog(office.ledger, count)
    office.clock.at_ms = NOON_MS + 3_600_000
    send(office.ledger, [(press(), stamp(NOON_MS - 60_000, 2_000_000, synced=True))], node="camera")
    send(office.ledger, [(press(), stamp(count * 1_000 + 9, 1_000_009))], first=count + 1)
    assert reading(office, count + 1).at_ms == NOON_MS - 60_000 - 999_991
    while office.ledger.correct_some():
        pass
    times = [reading(office, seq).at_ms for seq in range(1, count + 2)]
    assert times == sorted(times)
    assert times[0] == NOON_MS - 60_000 - 1_999_000


def happened(node: int, seq: int, boot: str, mono_ms: int) -> Event:
    """An event of a clock that never knew the time; boots follow each other at once."""
    stamp = Moment(at_ms=mono_ms, mono_ms=mono_ms, boot=boot, synced=False)
    return Event(node, seq, stamp, BEGIN_MS + mono_ms)


LIFTED_BY_ONE_THAT_STAYS = [
    Delivery((happened(1, 1, "boot-1", 0), happened(1, 2, "boot-2", 0)), BEGIN_MS + 3_600_000),
    Delivery((happened(0, 1, "boot-2", 1_000),), BEGIN_MS + 3_600_000),
    Delivery((happened(1, 3, "boot-2", 0),), BEGIN_MS + 3_600_000),
]
"""The second boot is known a second better; the first a millisecond less than what is worth the work."""


@settings(max_examples=30, deadline=None)
@given(deliveries())
@example(LIFTED_BY_ONE_THAT_STAYS)
def test_times_keep_their_promise_also_while_they_wait_and_their_order_in_the_end(
    delivered: list[Delivery],
) -> None:
    known: list[Event] = []
    with tempfile.TemporaryDirectory() as directory:
        world = World(Path(directory))
        world.ledger.__dict__["_times"] = TimeBook(world.store, at_once=0)
        for delivery in delivered:
            world.deliver(delivery)
            known += delivery.events
            for event in known:
                found = world.time_of(event)
                assert abs(found.at_ms - event.true_ms) <= found.within_ms, (event, found)
        while world.ledger.correct_some():
            pass
        read = {(event.node, event.seq): world.time_of(event) for event in known}
        for event in known:
            found = read[event.node, event.seq]
            assert abs(found.at_ms - event.true_ms) <= found.within_ms, (event, found)
            before = read.get((event.node, event.seq - 1))
            assert before is None or before.at_ms <= found.at_ms
        presses = world.store.rows("SELECT counter, at_ms FROM presses")
        world.store.close()
    assert {row["counter"]: row["at_ms"] for row in presses} == {
        f"{node}-{seq}": found.at_ms for (node, seq), found in read.items()
    }
