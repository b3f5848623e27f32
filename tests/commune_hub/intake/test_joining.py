"""Batches that follow each other are taken as one, and it comes to the same as taking them one by one."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from commune_hub import ledger as ledger_module
from commune_hub.intake.joining import join
from commune_hub.ledger import Ledger
from commune_hub.store import Store
from commune_hub.timekeeping import time_book
from tests.commune_hub.facts import batch, press
from wire.agreement import mark_of
from wire.batches import Batch

MIGRATIONS = [ledger_module.migrations, time_book.migrations]
AT_MS = 1_767_243_600_000


def numbered(first: int, count: int = 2, device: str = "quay-1-pi", oldest: int = 1) -> Batch:
    return batch([press()] * count, AT_MS, first=first, oldest=oldest, device=device)


def spans(batches: list[Batch]) -> list[tuple[str, int, int, list[int]]]:
    return [(each.device, each.first, each.last, places) for each, places in join(batches)]


def test_batches_of_a_stream_that_follow_each_other_become_one() -> None:
    other = numbered(1, device="quay-2-pi")
    assert spans([numbered(1), other, numbered(3), numbered(7), numbered(9)]) == [
        ("quay-1-pi", 1, 4, [0, 2]),
        ("quay-1-pi", 7, 10, [3, 4]),
        ("quay-2-pi", 1, 2, [1]),
    ]


def test_a_batch_of_another_history_is_judged_by_itself() -> None:
    one, two = numbered(1), numbered(3)
    agreeing = structs.replace(two, before=mark_of(one.facts[-1]))
    assert len(join([one, agreeing])) == 1
    assert len(join([one, structs.replace(two, before=1)])) == 2


def test_a_batch_behind_facts_that_the_sender_holds_no_longer_is_judged_by_itself() -> None:
    assert len(join([numbered(1), numbered(3, oldest=3)])) == 2


BATCHES = st.builds(
    numbered,
    first=st.integers(1, 12),
    count=st.integers(1, 4),
    device=st.sampled_from(["quay-1-pi", "quay-2-pi"]),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(BATCHES, max_size=6), max_size=3))
def test_the_ledger_holds_the_same_as_if_each_were_taken_by_itself(commits: list[list[Batch]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        stores = [Store(Path(directory) / name, MIGRATIONS) for name in ("joined.db", "single.db")]
        joined, single = (Ledger(store, lambda: AT_MS, []) for store in stores)
        for commit in commits:
            told = joined.take_all(commit)
            by_device = sorted(commit, key=lambda each: each.device)
            ends = {id(each): single.take(each) for each in by_device}
            assert told == [min(each.last, ends[id(each)]) for each in commit]
        for table in ("facts", "streams", "lost"):
            one, other = (store.rows(f"SELECT * FROM {table} ORDER BY device") for store in stores)  # noqa: S608
            assert one == other
        for store in stores:
            store.close()
