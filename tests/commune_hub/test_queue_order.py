"""The order of calling: fair in both directions, whoever comes, and the same for the same people."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from commune_hub.capabilities.queue.order import Candidate, Rules, arrange, times_passed_over

MINUTE_MS = 60_000
NOW_MS = 600 * MINUTE_MS


def someone(name: str, minutes: float, **more: object) -> Candidate:
    return Candidate(name, NOW_MS - round(minutes * MINUTE_MS), **more)  # type: ignore[arg-type]


def order(candidates: list[Candidate], rules: Rules | None = None, run: int = 0) -> list[tuple[str, str]]:
    return [(each.ticket, each.why) for each in arrange(candidates, rules or Rules(), NOW_MS, run)]


ELDERLY = Rules(weights={"elderly": 3.0})
HALL = st.lists(
    st.builds(
        Candidate,
        ticket=st.integers(0, 10_000).map(lambda number: f"A{number:05}"),
        since_ms=st.integers(0, NOW_MS),
        lane=st.sampled_from(["ordinary", "elderly", "merit"]),
        passed_over=st.integers(0, 10),
        called_since_return=st.none() | st.integers(0, 3),
    ),
    max_size=30,
    unique_by=lambda each: each.ticket,
)
RULES = st.builds(
    Rules,
    weights=st.just({"elderly": 3.0, "merit": 1.5}),
    ratio=st.integers(0, 3),
    passed_over_max=st.integers(1, 8),
)


def test_who_waits_longest_is_next() -> None:
    assert order([someone("B", 5), someone("A", 9)]) == [("A", "longest"), ("B", "longest")]


def test_a_priority_lane_gains_faster_but_not_for_ever() -> None:
    crowd = [someone("A", 20), someone("P", 8, lane="elderly"), someone("Q", 5, lane="elderly")]
    assert order(crowd, ELDERLY) == [("P", "priority"), ("A", "longest"), ("Q", "longest")]


def test_a_weight_below_one_does_not_punish() -> None:
    assert order([someone("P", 9, lane="x"), someone("A", 8)], Rules(weights={"x": 0.1}))[0][0] == "P"


def test_a_ratio_lets_one_ordinary_go_after_so_many_of_priority() -> None:
    crowd = [someone(f"P{n}", 20 - n, lane="elderly") for n in range(5)]
    crowd += [someone(f"A{n}", 10 - n) for n in range(3)]
    called = order(crowd, Rules(ratio=2, weights={"elderly": 3.0}))
    assert [name[0] for name, _ in called] == list("PPAPPAPA")
    assert called[2] == ("A0", "ratio")
    assert order(crowd, Rules(ratio=2), run=2)[0] == ("A0", "ratio"), "what was called before counts"


def test_who_was_passed_over_often_enough_is_next() -> None:
    crowd = [someone("A", 10, passed_over=4), someone("P", 9, lane="elderly")]
    assert order(crowd, Rules(weights={"elderly": 9.0}, passed_over_max=5))[0] == ("P", "priority")
    crowd = [someone("A", 10, passed_over=5), someone("P", 9, lane="elderly")]
    assert order(crowd, Rules(weights={"elderly": 9.0}, passed_over_max=5))[0] == ("A", "longest")
    crowd.append(someone("B", 12, lane="merit"))
    assert ("A", "passed_over") in order(crowd, Rules(weights={"elderly": 9.0}, passed_over_max=5))


def test_who_is_back_with_a_paper_lets_one_go_first_and_is_next() -> None:
    crowd = [someone("A", 30), someone("B", 29), someone("R", 20, called_since_return=0)]
    assert [name for name, _ in order(crowd)] == ["A", "R", "B"]
    assert order(crowd)[1] == ("R", "returned")
    assert order([someone("R", 20, called_since_return=0)]) == [("R", "longest")], "alone he need not wait"


@given(HALL, RULES, st.integers(0, 5), st.randoms())
def test_the_order_in_which_people_are_listed_does_not_matter(
    crowd: list[Candidate], rules: Rules, run: int, chance: random.Random
) -> None:
    mixed = list(crowd)
    chance.shuffle(mixed)
    assert order(crowd, rules, run) == order(mixed, rules, run)


@given(HALL, RULES)
def test_everybody_is_called_exactly_once_and_a_limit_only_cuts(crowd: list[Candidate], rules: Rules) -> None:
    whole = arrange(crowd, rules, NOW_MS)
    assert sorted(each.ticket for each in whole) == sorted(each.ticket for each in crowd)
    assert arrange(crowd, rules, NOW_MS, limit=5) == whole[:5]


@given(st.integers(0, 3), st.integers(1, 6), st.lists(st.booleans(), min_size=40, max_size=40))
def test_nobody_waits_for_ever_however_many_of_priority_come(
    ratio: int, passed_over_max: int, priority: list[bool]
) -> None:
    """One comes in each minute and one is called; the first in the queue is ordinary and gains slowly."""
    rules = Rules(
        weights={"elderly": 100.0}, ratio=ratio, passed_over_max=passed_over_max, wait_max_min=10_000
    )
    waiting = {"first": Candidate("first", 0), "other": Candidate("other", 1)}
    called: list[Candidate] = []
    for minute, is_priority in enumerate(priority, 1):
        name = f"N{minute}"
        lane = "elderly" if is_priority else "ordinary"
        waiting[name] = Candidate(name, minute * MINUTE_MS, lane)
        issued = sorted(each.since_ms for each in called)
        seen = [
            Candidate(each.ticket, each.since_ms, each.lane, times_passed_over(each.since_ms, issued))
            for each in waiting.values()
        ]
        placed = arrange(seen, rules, minute * MINUTE_MS, limit=1)
        called.append(waiting.pop(placed[0].ticket))
        if called[-1].ticket == "first":
            break
    assert [each.ticket for each in called].index("first") <= passed_over_max


@given(HALL, st.integers(1, 3))
def test_a_ratio_is_kept_while_both_kinds_wait(crowd: list[Candidate], ratio: int) -> None:
    fresh = [Candidate(each.ticket, each.since_ms, each.lane) for each in crowd]
    rules = Rules(ratio=ratio, passed_over_max=10_000, wait_max_min=10_000)
    lanes = {each.ticket: each.lane != "ordinary" for each in fresh}
    called = [lanes[each.ticket] for each in arrange(fresh, rules, NOW_MS)]
    left = {True: sum(called), False: len(called) - sum(called)}
    run = 0
    for is_priority in called:
        if left[True] and left[False]:
            assert is_priority == (run < ratio)
        run = run + 1 if is_priority else 0
        left[is_priority] -= 1
