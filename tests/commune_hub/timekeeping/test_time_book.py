"""True times through the real ledger: right within what they promise, in order, followed by the counts."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

from hypothesis import given, settings

from commune_hub.capabilities.ratings import Ratings
from commune_hub.hub import MIGRATIONS
from commune_hub.ledger import Ledger
from commune_hub.store import Store
from commune_hub.timekeeping.true_time import SYNC_MS, Reading
from commune_hub.times import iso_utc
from tests.commune_hub.conftest import NOON_MS, Office
from tests.commune_hub.facts import EPOCH, press, ticket
from tests.commune_hub.timekeeping.clock_world import DAY_MS, Delivery, Event, deliveries
from tests.commune_hub.timekeeping.timed_ledger import World, book_rows, reading, send, stamp
from wire.facts import (
    ClipRecorded,
    FactDamaged,
    PlaybackFinished,
    PlaybackStarted,
)

OLD_SCHEMA = Path(__file__).parents[2] / "data" / "hub_before_true_times.sql"


@settings(max_examples=120, deadline=None)
@given(deliveries())
def test_whatever_the_clocks_times_keep_their_promise_and_their_order(delivered: list[Delivery]) -> None:
    known: list[Event] = []
    with tempfile.TemporaryDirectory() as directory:
        world = World(Path(directory))
        for delivery in delivered:
            world.deliver(delivery)
            known += delivery.events
            read = {(event.node, event.seq): world.time_of(event) for event in known}
            for event in known:
                found = read[event.node, event.seq]
                assert abs(found.at_ms - event.true_ms) <= found.within_ms, (event, found)
                assert found.sure != "believed"
                before = read.get((event.node, event.seq - 1))
                assert before is None or before.at_ms <= found.at_ms
        presses = world.store.rows("SELECT counter, at_ms FROM presses")
        world.store.close()
    assert {row["counter"]: row["at_ms"] for row in presses} == {
        f"{node}-{seq}": found.at_ms for (node, seq), found in read.items()
    }


def test_the_facts_of_a_synchronised_clock_cost_no_row(office: Office) -> None:
    office.clock.at_ms = NOON_MS + 10_000
    send(office.ledger, [(press(), stamp(NOON_MS + n, 5_000 + n, synced=True)) for n in range(9)])
    assert reading(office, 9) == Reading(NOON_MS + 8, "exact", SYNC_MS + 3)
    assert book_rows(office) == 0


def test_presses_of_1970_count_today_once_the_clock_is_set(office: Office) -> None:
    office.clock.at_ms = NOON_MS
    send(office.ledger, [(press(level), stamp(20_000 + level, 20_000 + level)) for level in (1, 2, 3)])
    early = reading(office, 1)
    assert (early.at_ms, early.sure) == (NOON_MS - 2, "bounded")
    send(office.ledger, [(press(4), stamp(NOON_MS, 80_000, synced=True))], first=4)
    assert [reading(office, seq).at_ms for seq in (1, 2, 3, 4)] == [
        *(NOON_MS - 60_000 + level for level in (1, 2, 3)),
        NOON_MS,
    ]
    assert reading(office, 1).sure == "worked_out"
    assert reading(office, 1).within_ms < SYNC_MS + 20
    assert [row["at_ms"] for row in office.store.rows("SELECT at_ms FROM presses ORDER BY at_ms")] == [
        reading(office, seq).at_ms for seq in (1, 2, 3, 4)
    ]
    assert office.ratings.today()[0].total == 4


def test_an_offset_learnt_from_one_node_serves_all_nodes_of_the_device(office: Office) -> None:
    send(office.ledger, [(press(), stamp(20_000, 20_000))])
    send(office.ledger, [(press(), stamp(NOON_MS - 1_000, 50_000, synced=True))], node="camera")
    assert (reading(office, 1).at_ms, reading(office, 1).sure) == (NOON_MS - 31_000, "worked_out")
    send(office.ledger, [(press(), stamp(30_000, 30_000))], first=2)
    assert reading(office, 2).at_ms == NOON_MS - 21_000


def test_a_long_backlog_without_any_time_is_placed_when_it_has_come_whole(office: Office) -> None:
    hour_ms = 3_600_000
    for first in (1, 201, 401):
        stamps = [stamp(seq * hour_ms, seq * hour_ms) for seq in range(first, min(first + 200, 451))]
        office.clock.at_ms = NOON_MS + first
        send(office.ledger, [(press(), each) for each in stamps], first=first)
    times = [reading(office, seq).at_ms for seq in range(1, 451)]
    assert times == [NOON_MS + 401 - (450 - seq) * hour_ms for seq in range(1, 451)]
    presses = office.store.rows("SELECT at_ms FROM presses ORDER BY at_ms")
    assert [row["at_ms"] for row in presses] == times


def test_another_devices_boot_of_the_same_name_teaches_nothing(office: Office) -> None:
    send(office.ledger, [(press(), stamp(20_000, 20_000))])
    send(office.ledger, [(press(), stamp(NOON_MS - 1_000, 50_000, synced=True))], device="quay-2-pi")
    assert reading(office, 1).sure == "bounded"


def test_a_boot_that_never_knew_lies_between_its_neighbours(office: Office) -> None:
    hour_ms = 3_600_000
    office.clock.at_ms = NOON_MS + DAY_MS
    send(
        office.ledger,
        [
            (press(), stamp(NOON_MS, 60_000, "boot-1", synced=True)),
            (press(), stamp(30_000, 30_000, "boot-2")),
            (press(), stamp(NOON_MS + hour_ms, 10_000, "boot-3", synced=True)),
        ],
    )
    found = reading(office, 2)
    assert found.sure == "bounded"
    assert found.at_ms - found.within_ms >= NOON_MS - 2 * SYNC_MS
    assert NOON_MS < found.at_ms <= NOON_MS + hour_ms
    assert found.within_ms < hour_ms


def test_the_first_device_of_all_without_any_time_is_held_by_its_arrival(office: Office) -> None:
    send(office.ledger, [(press(), stamp(5_000, 5_000))])
    assert reading(office, 1).at_ms == NOON_MS
    assert reading(office, 1).sure == "bounded"


def test_a_stamp_far_beyond_its_arrival_locks_nobody_into_the_future(office: Office) -> None:
    send(office.ledger, [(press(), stamp(NOON_MS + 4_000 * DAY_MS, 5_000, synced=True))])
    assert reading(office, 1) == Reading(NOON_MS, "believed", 4_000 * DAY_MS)
    office.clock.at_ms = NOON_MS + 60_000
    send(office.ledger, [(press(), stamp(NOON_MS + 50_000, 55_000, synced=True))], first=2)
    assert reading(office, 2) == Reading(NOON_MS + 50_000, "exact", SYNC_MS + 8)


def test_a_clock_that_jumps_while_it_calls_itself_right_is_marked(office: Office) -> None:
    office.clock.at_ms = NOON_MS + DAY_MS
    send(office.ledger, [(press(), stamp(NOON_MS, 60_000, synced=True))])
    send(office.ledger, [(press(), stamp(NOON_MS + 7_200_000, 120_000, synced=True))], first=2)
    late = reading(office, 2)
    assert (late.at_ms, late.sure) == (NOON_MS + 7_200_000, "believed")
    assert late.within_ms >= 7_200_000 - 60_000


def test_time_never_goes_back_in_a_stream(office: Office) -> None:
    send(office.ledger, [(press(), stamp(NOON_MS - 1_000, 60_000, synced=True))])
    send(office.ledger, [(press(), stamp(NOON_MS - 1_200, 60_100, synced=True))], first=2)
    assert reading(office, 2) == Reading(NOON_MS - 1_000, "worked_out", SYNC_MS + 9)


def test_a_damaged_fact_stands_beside_the_one_before_it(office: Office) -> None:
    lost = stamp(0, 0, "unknown")
    send(office.ledger, [(press(), stamp(NOON_MS - 9_000, 60_000, synced=True))])
    send(office.ledger, [(FactDamaged(found=b"?"), lost)], first=2)
    send(office.ledger, [(press(), stamp(NOON_MS - 8_000, 61_000, synced=True))], first=3)
    assert (reading(office, 2).at_ms, reading(office, 2).sure) == (NOON_MS - 9_000, "bounded")
    assert reading(office, 3).sure == "exact"


def test_lost_facts_do_not_part_a_stream(office: Office) -> None:
    send(office.ledger, [(press(), stamp(NOON_MS - DAY_MS, 60_000, "boot-1", synced=True))])
    send(office.ledger, [(press(), stamp(5_000, 5_000, "boot-2"))], first=7)
    found = reading(office, 7)
    assert found.within_ms <= DAY_MS + 2 * SYNC_MS


def test_nonsense_in_stamps_stays_on_the_calendar(office: Office) -> None:
    send(office.ledger, [(press(), stamp(0, 2**53))])
    send(office.ledger, [(press(), stamp(NOON_MS, 5_000, synced=True))], first=2)
    send(office.ledger, [(press(), stamp(0, 2**53))], first=3)
    for seq in (1, 2, 3):
        assert 0 <= reading(office, seq).at_ms <= NOON_MS + DAY_MS


def test_tickets_wait_in_the_order_in_which_they_were_given_out(office: Office) -> None:
    day = iso_utc(NOON_MS)[:10]
    send(office.ledger, [(ticket("A001", day), stamp(30_000, 30_000))], node="ticket")
    issued = stamp(NOON_MS - 5_000, 40_000, synced=True)
    send(office.ledger, [(ticket("B001", day), issued)], node="ticket", device="sanh-pi")
    assert [each.number for each in office.queue.waiting()] == ["B001", "A001"]
    send(office.ledger, [(ticket("A002", day), stamp(NOON_MS, 60_000, synced=True))], first=2, node="ticket")
    assert [each.number for each in office.queue.waiting()] == ["A001", "B001", "A002"]


def test_clips_and_playbacks_move_with_their_facts(office: Office) -> None:
    clip = ClipRecorded(
        counter="quay-1",
        file="a.mp4",
        sha256="a" * 64,
        size_bytes=5,
        started_at_ms=25_000,
        duration_ms=5_000,
    )
    began = PlaybackStarted(bulletin="b-1", due_at_ms=1, started_at_ms=31_000)
    ended = PlaybackFinished(bulletin="b-1", started_at_ms=31_000, duration_ms=2_000, underruns=0)
    send(
        office.ledger,
        [(clip, stamp(30_000, 30_000)), (began, stamp(31_500, 31_500)), (ended, stamp(34_000, 34_000))],
    )
    send(office.ledger, [(press(), stamp(NOON_MS, 60_000, synced=True))], first=4)
    assert office.store.value("SELECT started_at_ms FROM clips") == NOON_MS - 35_000
    (played,) = office.playbacks.of("b-1")
    assert (played["started_at_ms"], played["told_at_ms"]) == (NOON_MS - 29_000, NOON_MS - 26_000)


def test_a_batch_that_fails_leaves_the_book_as_it_was(office: Office) -> None:
    send(office.ledger, [(press(), stamp(20_000, 20_000))])
    early = reading(office, 1)

    class Refuses(Ratings):
        def retime(self, *_: object) -> None:
            raise RuntimeError

    failing = Ledger(office.store, office.clock, [Refuses(office.store, office.clock)])
    anchor = [(press(), stamp(NOON_MS, 50_000, synced=True))]
    try:
        send(failing, anchor, first=2)
    except RuntimeError:
        assert reading(office, 1) == early
    send(office.ledger, anchor, first=2)
    assert reading(office, 1).sure == "worked_out"


def test_a_store_of_the_time_before_is_migrated_and_worked_out(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    with sqlite3.connect(path) as old:
        old.executescript(OLD_SCHEMA.read_text(encoding="utf-8"))
    old.close()
    for _ in range(2):
        store = Store(path, MIGRATIONS)
        ledger = Ledger(store, lambda: NOON_MS, [Ratings(store, lambda: NOON_MS)])
        times = [ledger.time_of("quay-1-pi", "rating", EPOCH, seq) for seq in (1, 2, 3)]
        assert [time and time.sure for time in times] == ["worked_out", "worked_out", "exact"]
        presses = store.rows("SELECT at_ms FROM presses ORDER BY at_ms")
        assert [row["at_ms"] for row in presses] == [time.at_ms for time in times if time]
        assert presses[0]["at_ms"] == presses[2]["at_ms"] - 40_000
        store.close()


@settings(max_examples=30, deadline=None)
@given(deliveries())
def test_facts_that_need_no_second_look_are_settled_as_each_by_itself(delivered: list[Delivery]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        worlds = [World(Path(directory) / name) for name in ("quick", "thorough")]
        worlds[1].ledger.__dict__["_times"].__dict__["_settle_agreeing"] = lambda *_: None
        for delivery in delivered:
            for world in worlds:
                world.deliver(delivery)
        quick, thorough = (
            [world.time_of(event) for delivery in delivered for event in delivery.events] for world in worlds
        )
        for world in worlds:
            world.store.close()
    assert [each.sure == "exact" for each in quick] == [each.sure == "exact" for each in thorough]
    for one, other in zip(quick, thorough, strict=True):
        assert one == other or abs(one.at_ms - other.at_ms) <= one.within_ms + other.within_ms
