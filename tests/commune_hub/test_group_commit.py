"""What comes while a commit is written shares the next one; an ack goes out only after its commit."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import pytest

from commune_hub.group_commit import GroupCommit, acks
from commune_hub.intake.fair_queue import BATCHES_WAITING_MAX, FACTS_TOGETHER_MAX, OF_ONE_DEVICE
from commune_hub.ledger import Taken
from tests.commune_hub.conftest import Office
from tests.commune_hub.facts import batch, press
from tests.support.waiting import HANGS_S, await_condition
from wire.batches import MAX_FACTS_IN_BATCH, Batch

NOON_MS = 1_767_243_600_000


def numbered(first: int, device: str = "quay-1-pi", count: int = 1) -> Batch:
    return batch([press()] * count, NOON_MS, first=first, device=device)


class SlowDisk:
    """Commits when it is told to; each commit is remembered, and every ack with the commits before it."""

    def __init__(self) -> None:
        self.commits: list[list[int]] = []
        self.acks: list[tuple[int, int]] = []
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Semaphore(0)
        self.broken = False
        self.queue = GroupCommit(self.take_all, self.acknowledge)

    def take_all(self, batches: Sequence[Batch]) -> list[int | None]:
        self.begun.release()
        assert self.go_on.acquire(timeout=HANGS_S)
        if self.broken:
            raise OSError("disk full")
        self.commits.append([each.first for each in batches])
        return [each.first + len(each.facts) - 1 for each in batches]

    def acknowledge(self, batch: Batch, committed: int) -> None:
        assert any(batch.first in commit for commit in self.commits), "told before it was committed"
        self.acks.append((batch.first, committed))


@pytest.fixture
def disk() -> Iterator[SlowDisk]:
    disk = SlowDisk()
    disk.queue.start()
    yield disk
    for _ in range(BATCHES_WAITING_MAX):
        disk.go_on.release()
    disk.queue.stop()


def test_what_comes_during_a_commit_shares_the_next_one(disk: SlowDisk) -> None:
    disk.queue.put(numbered(1))
    assert disk.begun.acquire(timeout=HANGS_S)
    for first in (2, 3, 4):
        disk.queue.put(numbered(first))
    disk.go_on.release(2)
    await_condition(lambda: disk.commits == [[1], [2, 3, 4]])
    await_condition(lambda: disk.acks == [(1, 1), (4, 4)])


def test_a_commit_is_bounded(disk: SlowDisk) -> None:
    disk.queue.put(numbered(1))
    assert disk.begun.acquire(timeout=HANGS_S)
    fitting = FACTS_TOGETHER_MAX // MAX_FACTS_IN_BATCH
    for number in range(fitting + 1):
        disk.queue.put(numbered(2 + number * MAX_FACTS_IN_BATCH, count=MAX_FACTS_IN_BATCH))
    disk.go_on.release(3)
    await_condition(lambda: [len(each) for each in disk.commits] == [1, fitting, 1])


def test_a_commit_that_fails_is_acknowledged_to_nobody_and_the_next_one_is(disk: SlowDisk) -> None:
    disk.broken = True
    disk.queue.put(numbered(1))
    disk.go_on.release()
    assert disk.begun.acquire(timeout=HANGS_S)
    disk.queue.put(numbered(1, device="quay-2-pi"))
    assert disk.begun.acquire(timeout=HANGS_S)
    assert disk.acks == []
    disk.broken = False
    disk.go_on.release()
    await_condition(lambda: disk.acks == [(1, 1)])


def test_taking_one_more_waits_while_too_many_wait(disk: SlowDisk) -> None:
    disk.queue.put(numbered(1))
    assert disk.begun.acquire(timeout=HANGS_S)
    share = BATCHES_WAITING_MAX // OF_ONE_DEVICE
    for device in range(OF_ONE_DEVICE):
        assert all(disk.queue.put(numbered(each, f"quay-{device}-pi")) for each in range(2, 2 + share))
    late = threading.Thread(target=disk.queue.put, args=[numbered(99, "quay-9-pi")])
    late.start()
    late.join(0.2)
    assert late.is_alive()
    disk.go_on.release(2)
    late.join(HANGS_S)
    assert not late.is_alive()


def test_what_is_more_than_the_share_of_a_device_is_left_out_and_holds_up_nobody(disk: SlowDisk) -> None:
    disk.queue.put(numbered(1))
    assert disk.begun.acquire(timeout=HANGS_S)
    share = BATCHES_WAITING_MAX // OF_ONE_DEVICE
    put = [disk.queue.put(numbered(first)) for first in range(2, 3 + share)]
    assert put == [True] * share + [False]
    assert disk.queue.put(numbered(1, "quay-2-pi"))


def test_at_the_end_what_waits_is_committed() -> None:
    disk = SlowDisk()
    disk.queue.start()
    disk.queue.put(numbered(1))
    assert disk.begun.acquire(timeout=HANGS_S)
    disk.queue.put(numbered(2))
    disk.go_on.release(2)
    disk.queue.stop()
    assert disk.commits == [[1], [2]]
    assert disk.acks == [(1, 1), (2, 2)]


def test_only_acks_that_a_higher_one_replaces_are_left_out() -> None:
    one, two, gap = numbered(1), numbered(2), numbered(9)
    other = numbered(5, device="quay-2-pi")
    assert acks([one, other, two], [1, 5, 2]) == [(other, 5), (two, 2)]
    assert acks([two, gap], [2, 2]) == [(two, 2), (gap, 2)], "the same ack again tells of a gap"
    assert acks([one, two], [None, 2]) == [(two, 2)]


def test_a_batch_that_cannot_be_taken_holds_up_no_other_in_the_same_commit(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def apply(taken: Sequence[Taken]) -> None:
        if taken[0].device == "quay-1-pi":
            raise ValueError("a conclusion that cannot be drawn")

    monkeypatch.setattr(office.ratings, "apply", apply)
    bad, good = numbered(1), numbered(1, device="quay-2-pi")
    assert office.ledger.take_all([bad, good]) == [None, 1]
    assert office.store.rows("SELECT device, seq FROM facts") == [{"device": "quay-2-pi", "seq": 1}]
    monkeypatch.undo()
    assert office.ledger.take_all([bad, good]) == [1, 1]
