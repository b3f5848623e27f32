"""Batches wait in turns: the order within a stream stays, and nobody waits for another's heap."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from commune_hub.intake.fair_queue import (
    BATCHES_TOGETHER_MAX,
    BATCHES_WAITING_MAX,
    FACTS_TOGETHER_MAX,
    OF_ONE_DEVICE,
    FairQueue,
)
from tests.commune_hub.facts import batch, press
from wire.batches import Batch

AT_MS = 1_767_243_600_000


def made(device: str, first: int, node: str = "rating", count: int = 1) -> Batch:
    return batch([press()] * count, AT_MS, first=first, device=device, node=node)


def test_devices_have_turns_and_so_have_their_streams() -> None:
    queue = FairQueue()
    for first in range(1, 5):
        queue.put(made("flood", first))
    queue.put(made("flood", 1, node="other"))
    queue.put(made("quay", 1))
    taken = [(each.device, each.node, each.first) for each in queue.take()]
    assert taken[:4] == [
        ("flood", "rating", 1),
        ("quay", "rating", 1),
        ("flood", "other", 1),
        ("flood", "rating", 2),
    ]
    assert not queue


def test_a_press_is_in_the_next_commit_however_much_another_device_has_waiting() -> None:
    queue = FairQueue()
    first = 1
    while queue.put(made("heap", first, count=200)):
        first += 200
    assert not queue.full, "a device alone must not close the door for all"
    assert queue.put(made("quay", 1))
    assert "quay" in {each.device for each in queue.take()}


def test_a_commit_is_bounded_by_facts_and_by_batches() -> None:
    queue = FairQueue()
    for first in range(1, 1 + BATCHES_WAITING_MAX // OF_ONE_DEVICE):
        queue.put(made("small", first))
    assert len(queue.take()) == BATCHES_TOGETHER_MAX
    queue = FairQueue()
    for number in range(20):
        queue.put(made("large", 1 + 200 * number, count=200))
    assert sum(len(each.facts) for each in queue.take()) == FACTS_TOGETHER_MAX


PUT = st.tuples(st.sampled_from("abc"), st.sampled_from("xy"))


@given(st.lists(st.one_of(PUT, st.none()), max_size=120))
def test_nothing_is_lost_or_doubled_and_streams_keep_their_order(steps: list[tuple[str, str] | None]) -> None:
    queue = FairQueue()
    given_: dict[tuple[str, str], int] = defaultdict(int)
    seen: dict[tuple[str, str], list[int]] = defaultdict(list)

    def take() -> None:
        for each in queue.take():
            seen[each.device, each.node].append(each.first)

    for step in steps:
        if step is None:
            take()
        else:
            given_[step] += 1
            assert queue.put(made(step[0], given_[step], node=step[1]))
    while queue:
        take()
    assert seen == {stream: list(range(1, 1 + count)) for stream, count in given_.items()}
    assert not queue.full
