from __future__ import annotations

from speaker_node.history import KEPT_MAX, REMEMBERED_MS, History, Record
from tests.speaker_node.stand_ins import bulletin, state_as_read_back


def test_it_reads_back_what_it_kept() -> None:
    history = History().take([bulletin("a", 1_000), bulletin("b", 2_000)], 0).begin("a").settle("b")
    assert state_as_read_back(history) == history
    assert History.read(None) == History()


def test_begun_and_open_and_settled_are_told_apart() -> None:
    history = History().take([bulletin(each, 1_000) for each in "abc"], 0).begin("a").begin("b").settle("b")
    assert history.begun() == ["a"]
    assert set(history.open()) == {"c"}
    assert history.settled("b")
    assert not history.settled("unknown")
    assert history.unmark("a").begun() == []


def test_a_bulletin_that_comes_again_is_still_settled() -> None:
    history = History().take([bulletin("a", 1_000)], 0).settle("a")
    assert history.take([], 2_000).take([bulletin("a", 1_000)], 3_000).settled("a")


def test_a_settled_one_is_forgotten_long_after_its_window_unless_the_clock_is_unsure() -> None:
    history = History().take([bulletin("a", 1_000)], 0).settle("a")
    late_ms = 11_000 + REMEMBERED_MS + 1
    assert history.take([], None).settled("a")
    assert not history.take([], late_ms).records
    assert history.take([bulletin("a", 1_000)], late_ms).settled("a")


def test_it_is_bounded_and_keeps_what_the_programme_shows() -> None:
    old = {f"old{each}": Record(each, each, settled=True) for each in range(KEPT_MAX + 50)}
    history = History(old).take([bulletin("a", 5, late_until_ms=6)], KEPT_MAX)
    assert len(history.records) == KEPT_MAX
    assert "a" in history.records
    assert "old0" not in history.records
