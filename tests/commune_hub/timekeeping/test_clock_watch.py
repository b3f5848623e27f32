"""A hub whose own clock is behind is found out by its devices, and a device that is ahead by the others."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commune_hub.console.problems import clock_problems, hub_problems
from commune_hub.timekeeping.clock_watch import AHEAD_MS, DEVICES_MAX, HOLDS_MS, ClockWatch, Doubts
from tests.commune_hub.conftest import NOON_MS, Office
from tests.commune_hub.facts import batch, press
from wire.facts import Moment

MINUTE_MS = 60_000


@dataclass
class World:
    """Devices with right clocks, and a hub whose clock is behind by `behind_ms`."""

    watch: ClockWatch
    behind_ms: int = 0
    true_ms: int = NOON_MS

    def arrives(self, device: str, *, ahead_ms: int = 0, waited_ms: int = 0, synced: bool = True) -> None:
        """A fact arrives now that waited for so long, of a device whose clock is ahead by so much."""
        written_ms = self.true_ms - waited_ms
        stamp = Moment(
            at_ms=written_ms + ahead_ms, mono_ms=written_ms - NOON_MS + 10**9, boot=device, synced=synced
        )
        self.watch.hear(device, stamp, self.true_ms - self.behind_ms)

    def doubts(self) -> Doubts:
        return self.watch.doubts(self.true_ms - self.behind_ms)


@pytest.fixture
def world() -> World:
    return World(ClockWatch())


def test_two_devices_ahead_speak_against_the_hub_until_its_clock_is_set(world: World) -> None:
    world.behind_ms = 40_000
    world.arrives("loa-1")
    assert world.doubts() == Doubts(devices={"loa-1": 40_000}), "one alone may be wrong itself"
    world.arrives("loa-2", waited_ms=10_000)
    assert world.doubts() == Doubts(hub_behind_ms=30_000)
    world.behind_ms, world.true_ms = 0, NOON_MS + MINUTE_MS
    world.arrives("loa-1")
    assert world.doubts() == Doubts(devices={"loa-2": 30_000})
    world.arrives("loa-2")
    assert world.doubts() == Doubts()


def test_a_device_whose_clock_runs_ahead_is_named_and_no_other(world: World) -> None:
    for device in ("a", "b", "c"):
        world.arrives(device)
    world.arrives("d", ahead_ms=90_000)
    world.arrives("e", ahead_ms=3 * 86_400_000)
    world.arrives("f", ahead_ms=AHEAD_MS)
    assert world.doubts() == Doubts(devices={"d": 90_000, "e": 3 * 86_400_000})


def test_what_is_old_takes_nothing_back_and_what_holds_no_more_is_forgotten(world: World) -> None:
    world.behind_ms = MINUTE_MS
    for device in ("a", "b"):
        world.arrives(device)
    found = world.doubts()
    world.arrives("a", waited_ms=MINUTE_MS)  # of another node, and by chance at the hub's own time
    world.arrives("b", waited_ms=5 * MINUTE_MS)
    world.arrives("b", ahead_ms=-MINUTE_MS, synced=False)
    assert world.doubts() == found == Doubts(hub_behind_ms=MINUTE_MS)
    world.true_ms += HOLDS_MS + 1
    assert world.doubts() == Doubts()


def test_however_many_names_come_only_so_many_are_kept(world: World) -> None:
    for device in ("early", "again"):
        world.arrives(device, ahead_ms=MINUTE_MS)
    for number in range(DEVICES_MAX - 2):
        world.arrives(f"d-{number}")
    assert set(world.doubts().devices) == {"early", "again"}
    world.arrives("again", ahead_ms=MINUTE_MS)
    world.arrives("one more")
    assert set(world.doubts().devices) == {"again"}, "who was silent longest goes first"


arrival = st.tuples(
    st.sampled_from(["a", "b", "c", "d"]),
    st.one_of(st.integers(0, 3_000), st.integers(0, 10**8)),
    st.integers(-500, 500),
    st.integers(0, 3 * MINUTE_MS),
)


@given(arrivals=st.lists(arrival, max_size=30))
def test_backlogs_and_one_mad_clock_never_speak_against_a_hub_that_is_right(
    arrivals: list[tuple[str, int, int, int]],
) -> None:
    world = World(ClockWatch())
    for device, waited_ms, error_ms, passes_ms in arrivals:
        world.true_ms += passes_ms
        ahead_ms = error_ms * 10**5 if device == "d" else error_ms
        world.arrives(device, waited_ms=waited_ms, ahead_ms=ahead_ms)
        doubts = world.doubts()
        assert doubts.hub_behind_ms is None
        assert set(doubts.devices) <= {"d"}


@given(
    behind_ms=st.integers(AHEAD_MS + 1_001, 10**8),
    waits=st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 10**8)), max_size=20),
)
def test_a_hub_that_is_behind_is_found_out_by_two_live_facts_whatever_backlog_comes_between(
    behind_ms: int, waits: list[tuple[str, int]]
) -> None:
    world = World(ClockWatch(), behind_ms)
    for device, waited_ms in waits:
        world.true_ms += 100
        world.arrives(device, waited_ms=waited_ms)
    world.true_ms += 1_000
    world.arrives("a", waited_ms=500)
    world.arrives("b", waited_ms=1_000)
    assert world.doubts() == Doubts(hub_behind_ms=behind_ms - 1_000)


def test_the_ledger_hears_it_of_the_newest_fact_and_staff_are_told_what_to_do(office: Office) -> None:
    for device in ("quay-1-pi", "loa-1"):
        office.ledger.take(batch([press(), press()], office.clock.at_ms + 75_000, device=device))
    doubts = office.ledger.clocks.doubts(office.clock.at_ms)
    assert doubts == Doubts(hub_behind_ms=75_002)
    (problem,) = hub_problems(10_000, doubts.hub_behind_ms)
    assert problem.where == "Hub"
    assert all(words in problem.what for words in ("chậm ít nhất 75 giây", "timedatectl", "time server"))
    assert not clock_problems(doubts.devices, {"loa-1": "thon-dong"}, {})


def test_a_device_ahead_is_told_of_where_it_stands() -> None:
    ahead = {"loa-1": 3 * 3_600_000, "left": 9_000}
    (problem,) = clock_problems(ahead, {"loa-1": "thon-dong"}, {"thon-dong": "Thôn Đông"})
    assert problem.where == "Thôn Đông · loa-1"
    assert "nhanh 3 giờ so với hub" in problem.what
