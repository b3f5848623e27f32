"""The plan: who would run into whom, and what the night would swallow."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from commune_hub.times import LOCAL, to_ms
from commune_hub.timetable.plan import Habits, Sounding, clashes, faint, hushed
from speaker_node.hour_volume import HourVolume
from speaker_node.quiet import QuietHours

MORNING_MS = to_ms(datetime(2026, 1, 5, 6, 0, tzinfo=LOCAL))
NIGHT = QuietHours(time(21, 0), time(5, 30))
LOUD = HourVolume({})


def sounding(
    name: str, after_s: int, lasts_s: int, places: str = "a", priority: str = "ordinary"
) -> Sounding:
    at_ms = MORNING_MS + after_s * 1_000
    return Sounding(name, name, at_ms, lasts_s * 1_000, tuple(places), priority, approved=False)


def test_two_that_overlap_at_a_loudspeaker_clash_there() -> None:
    one, two = sounding("one", 0, 60, "ab"), sounding("two", 59, 60, "bc")
    (found,) = clashes([two, one])
    assert (found.first, found.second, found.places) == (one, two, ("b",))
    assert not clashes([one, sounding("two", 60, 60, "ab"), sounding("three", 0, 60, "c")])


def test_one_that_would_sound_without_end_runs_into_itself() -> None:
    """Every two hours, four hours long: what the rule allows is seen before it is approved."""
    radio = [sounding("radio", hour * 3_600, 4 * 3_600, priority="music") for hour in range(0, 24, 2)]
    found = clashes(radio)
    assert {each.second.at_ms for each in found} == {each.at_ms for each in radio[1:]}
    assert all(each.first.bulletin == each.second.bulletin for each in found)


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 30), st.sampled_from(["a", "b", "ab"])), max_size=8)
)
def test_every_clash_is_found_and_no_other(made: list[tuple[int, int, str]]) -> None:
    soundings = [sounding(str(number), *each) for number, each in enumerate(made)]
    expected = {
        frozenset({one.bulletin, two.bulletin})
        for one, two in combinations(soundings, 2)
        if set(one.places) & set(two.places) and one.at_ms < two.end_ms and two.at_ms < one.end_ms
    }
    found = clashes(soundings)
    assert {frozenset({each.first.bulletin, each.second.bulletin}) for each in found} == expected
    assert len(found) == len(expected)


def test_each_loudspeakers_own_night_swallows_all_but_an_emergency() -> None:
    early, on_time = sounding("early", -3_600, 60, "ab"), sounding("on time", 0, 60, "ab")
    storm = sounding("storm", -3_600, 60, "ab", priority="emergency")
    into_night = sounding("into night", 14 * 3_600 + 3_590, 60, "abc")
    own = {"a": Habits(NIGHT, LOUD), "b": Habits(None, LOUD)}
    found = hushed([early, on_time, storm, into_night], own)
    assert [(each.bulletin, each.places) for each in found] == [("early", ("a",)), ("into night", ("a", "c"))]
    assert hushed([early], {"a": own["b"], "b": own["b"]}) == []
    assert [each.places for each in hushed([early], {})] == [("a", "b")], "who told nothing keeps the usual"


def test_what_is_too_soft_at_its_hour_is_told_where() -> None:
    soft = HourVolume({time(5): 0.05, time(7): 1.0})
    own = {"a": Habits(None, soft)}
    six = replace(sounding("six", 0, 60, "ab"), volume=0.8)
    storm = replace(six, priority="emergency")
    seven = replace(six, at_ms=six.at_ms + 3_600_000)
    assert [each.places for each in faint([six, seven, storm], own)] == [("a",)]
    assert [each.places for each in faint([replace(six, volume=0.0)], own)] == [("a", "b")]
