"""The pure rules of true times, each by itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from commune_hub.timekeeping.boot_chain import Arrived, Edge, edges_of, learn, propagate
from commune_hub.timekeeping.true_time import (
    ANCHORS_MAX,
    FLOOR_MS,
    SYNC_MS,
    Anchor,
    Boot,
    Reading,
    in_order,
    read_synced,
    synced_within_ms,
)
from tests.commune_hub.timekeeping.clock_world import BEGIN_MS, DAY_MS
from wire.facts import Moment

HOUR_MS = 3_600_000


def boot(*anchors: tuple[int, int]) -> Boot:
    """A boot with anchors (monotonic time, how far its wall time is from BEGIN_MS + monotonic time)."""
    made = Boot()
    for mono_ms, ahead_ms in anchors:
        made = made.with_anchor(Anchor(mono_ms, BEGIN_MS + mono_ms + ahead_ms))
    return made


def test_a_clock_that_just_woke_and_knows_the_time_is_within_half_a_second() -> None:
    assert SYNC_MS <= synced_within_ms(10_000) <= SYNC_MS + 5


def test_a_clock_in_holdover_promises_a_minute_and_never_more() -> None:
    assert 60_000 < synced_within_ms(8 * DAY_MS) == synced_within_ms(400 * DAY_MS) < 65_000


def test_anchors_that_agree_cost_two_places() -> None:
    many = boot(*((hour * HOUR_MS, hour % 7) for hour in range(500)))
    assert [anchor.mono_ms // HOUR_MS for anchor in many.anchors] == [0, 499]
    backwards = boot(*((hour * HOUR_MS, 0) for hour in reversed(range(500))))
    assert [anchor.mono_ms // HOUR_MS for anchor in backwards.anchors] == [0, 499]


def test_a_clock_that_is_set_again_and_again_fills_no_disk() -> None:
    wild = boot(*((hour * HOUR_MS, hour * 5_000) for hour in range(500)))
    assert len(wild.anchors) <= ANCHORS_MAX
    assert wild.anchors[-1].mono_ms == 499 * HOUR_MS


def test_an_anchor_that_tells_nothing_new_changes_nothing() -> None:
    known = boot((10 * HOUR_MS, 0))
    assert known.with_anchor(Anchor(10 * HOUR_MS + 60_000, BEGIN_MS + 10 * HOUR_MS + 60_003)) is known


def test_what_lies_before_the_first_anchor_is_counted_back_from_it() -> None:
    read = boot((60_000, 0)).read(5_000, BEGIN_MS + DAY_MS)
    assert (read.at_ms, read.sure) == (BEGIN_MS + 5_000, "worked_out")
    assert SYNC_MS < read.within_ms < SYNC_MS + 20


def test_drift_widens_the_promise_with_the_distance_from_the_anchor() -> None:
    known = boot((60_000, 0))
    near, far = (known.read(days * DAY_MS, BEGIN_MS + 99 * DAY_MS).within_ms for days in (1, 20))
    assert near < 10_000
    assert 20 * 8_640 <= far <= 20 * 8_640 + 2_000


def test_after_a_set_clock_the_newest_anchor_counts() -> None:
    set_forth = boot((HOUR_MS, 0), (5 * HOUR_MS, 2_000))
    assert set_forth.read(6 * HOUR_MS, BEGIN_MS + DAY_MS).at_ms == BEGIN_MS + 6 * HOUR_MS + 2_000


def test_anchors_that_cannot_both_be_right_widen_the_promise() -> None:
    torn = boot((HOUR_MS, 0), (3 * HOUR_MS, DAY_MS))
    assert torn.read(2 * HOUR_MS, BEGIN_MS + 9 * DAY_MS).within_ms > DAY_MS


def test_a_synchronised_stamp_against_an_earlier_anchor_is_not_called_exact() -> None:
    torn = boot((HOUR_MS, 0), (3 * HOUR_MS, DAY_MS))
    received_ms = BEGIN_MS + 9 * DAY_MS
    before = read_synced(BEGIN_MS + 2 * HOUR_MS, 2 * HOUR_MS, torn, received_ms)
    after = read_synced(BEGIN_MS + DAY_MS + 4 * HOUR_MS, 4 * HOUR_MS, torn, received_ms)
    assert (before.sure, after.sure) == ("exact", "believed")
    assert after.within_ms >= DAY_MS


def test_without_any_evidence_the_arrival_holds_from_above_and_the_year_from_below() -> None:
    read = Boot().read(5_000, BEGIN_MS)
    assert (read.at_ms, read.sure) == (BEGIN_MS, "bounded")
    assert read.at_ms - read.within_ms <= FLOOR_MS + 5_000


def test_evidence_that_contradicts_itself_is_said() -> None:
    late = Boot(after_ms=BEGIN_MS + DAY_MS)
    assert late.read(0, BEGIN_MS) == Reading(BEGIN_MS, "believed", DAY_MS - 2)


def test_knowledge_goes_along_the_boots_in_both_directions() -> None:
    chain = [Edge("a", "b", 60_000), Edge("b", "c", 60_000), Edge("c", "d", 60_000)]
    known = {"a": boot((0, 0)), "b": Boot(), "c": Boot(), "d": boot((0, DAY_MS))}
    news = propagate(known, chain, ["a", "d"])
    assert set(news) == {"b", "c"}
    for name in "bc":
        assert news[name].earliest_ms(0) > BEGIN_MS + 50_000
        assert (news[name].latest_ms(0) or 0) < BEGIN_MS + DAY_MS


def test_boots_in_a_circle_come_to_an_end() -> None:
    circle = [Edge("a", "b", DAY_MS), Edge("b", "a", DAY_MS)]
    assert set(propagate({"a": Boot(), "b": Boot()}, circle, ["a"])) == {"a", "b"}


def test_a_damaged_stamp_makes_no_order_of_boots() -> None:
    stamps = [
        Moment(at_ms=0, mono_ms=mono_ms, boot=name, synced=False)
        for name, mono_ms in (("a", 5), ("unknown", 0), ("b", 7), ("c", 1))
    ]
    arrived = [Arrived(stamp, BEGIN_MS) for stamp in stamps]
    assert edges_of(None, arrived) == [Edge("b", "c", 7)]
    assert set(learn({}, arrived)) == {"a", "b", "c"}


@given(
    truths=st.lists(st.integers(0, 10_000), min_size=1, max_size=12).map(sorted),
    errors=st.lists(st.integers(-500, 500), min_size=12, max_size=12),
    slack=st.lists(st.integers(0, 500), min_size=12, max_size=12),
)
def test_putting_times_in_order_keeps_every_promise(
    truths: list[int], errors: list[int], slack: list[int]
) -> None:
    readings = [
        Reading(truth + error, "exact", abs(error) + extra)
        for truth, error, extra in zip(truths, errors, slack, strict=False)
    ]
    inner = in_order(readings[1:-1], readings[0], readings[-1]) if len(readings) > 2 else []
    ordered = in_order(readings, None, None)
    assert [each.at_ms for each in ordered] == sorted(each.at_ms for each in ordered)
    for truth, each in [*zip(truths, ordered, strict=True), *zip(truths[1:-1], inner, strict=False)]:
        assert abs(each.at_ms - truth) <= each.within_ms
