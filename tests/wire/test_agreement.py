"""Two histories under one name are told apart, and where they part is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.agreement import Fork, find_fork, mark_of
from wire.batches import Batch
from wire.facts import Fact, FactDamaged, IntentApplied, Moment, make_fact


def fact(number: int, boot: str) -> Fact:
    moment = Moment(at_ms=0, mono_ms=number, boot=boot, synced=False)
    return make_fact(IntentApplied(name="serving", number=number), moment)


def history(*lengths: tuple[str, int]) -> list[Fact]:
    """Facts of several boots, one after the other."""
    facts: list[Fact] = []
    for boot, count in lengths:
        facts += [fact(number, boot) for number in range(len(facts) + 1, len(facts) + count + 1)]
    return facts


def batch(facts: list[Fact], first: int, last: int, oldest: int = 1) -> Batch:
    before = mark_of(facts[first - 2]) if first > oldest else None
    return Batch(
        device="quay-1-pi",
        node="rating",
        epoch="0" * 16,
        first=first,
        oldest=oldest,
        facts=facts[first - 1 : last],
        before=before,
    )


def look(made: Batch, kept: list[Fact]) -> Fork | None:
    return find_fork(made, len(kept), lambda seq: kept[seq - 1] if 1 <= seq <= len(kept) else None)


@given(st.integers(0, 30), st.integers(1, 40), st.integers(0, 20))
def test_one_history_never_seems_two(committed: int, first: int, more: int) -> None:
    facts = history(("a", 80))
    assert look(batch(facts, first, first + more), facts[:committed]) is None


@given(
    common=st.integers(0, 20),
    here=st.integers(1, 20),
    there=st.integers(1, 20),
    first=st.integers(1, 40),
    count=st.integers(1, 20),
)
def test_two_histories_are_told_apart_wherever_they_touch(
    common: int, here: int, there: int, first: int, count: int
) -> None:
    ours, kept = history(("old", common), ("new", here)), history(("old", common), ("gone", there))
    first = min(first, len(ours))
    last = min(first + count - 1, len(ours))
    found = look(batch(ours, first, last), kept)
    if first <= len(kept) + 1 and common < min(last, len(kept)):
        assert found is not None
        assert found.agreed in (None, common)
        if first <= common + 1:
            assert found.agreed == common
    else:
        assert found is None


def test_the_oldest_that_is_held_stands_for_all_before_it() -> None:
    ours, kept = history(("old", 5), ("new", 5)), history(("old", 5), ("gone", 5))
    assert look(batch(ours, 6, 10, oldest=6), kept) == Fork(5)


@pytest.mark.parametrize("damaged_here", [True, False])
def test_a_damaged_fact_is_no_second_history(damaged_here: bool) -> None:
    facts = history(("a", 10))
    hurt = [*facts[:9], make_fact(FactDamaged(found=b"x"), facts[9].moment)]
    ours, kept = (hurt, facts) if damaged_here else (facts, hurt)
    assert look(batch(ours, 5, 10), kept) is None
    assert look(batch(ours, 10, 10), kept) is None


def test_what_the_ledger_does_not_hold_proves_nothing() -> None:
    facts = history(("a", 10))
    assert find_fork(batch(facts, 1, 10), 10, lambda _: None) is None


def test_marks_tell_facts_of_one_number_apart() -> None:
    assert mark_of(fact(1, "a")) == mark_of(fact(1, "a"))
    assert mark_of(fact(1, "a")) != mark_of(fact(1, "b"))
