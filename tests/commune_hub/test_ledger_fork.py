"""The ledger's acks say which facts they speak of, and it never mixes two histories of one name."""

from __future__ import annotations

from msgspec.structs import replace

from tests.commune_hub.conftest import Office
from tests.commune_hub.facts import batch
from wire.agreement import mark_of
from wire.batches import Ack, Batch
from wire.facts import Body, Fact, IntentApplied

AT_MS = 1_767_236_400_000
LATER_MS = AT_MS + 86_400_000


def made(first: int, count: int, at_ms: int = AT_MS, oldest: int = 1) -> Batch:
    bodies: list[Body | Fact] = [
        IntentApplied(name="serving", number=number) for number in range(first, first + count)
    ]
    return batch(bodies, at_ms, first=first, oldest=oldest)


def told(office: Office, sent: Batch) -> Ack:
    office.ledger.take(sent)
    return office.ledger.ack(sent)


def kept(office: Office) -> int:
    return len(office.store.rows("SELECT seq FROM facts"))


def test_an_ack_bears_the_mark_of_the_fact_that_it_speaks_of(office: Office) -> None:
    sent = made(1, 5)
    answer = told(office, sent)
    assert (answer.committed, answer.mark, answer.forked) == (5, mark_of(sent.facts[4]), False)


def test_what_comes_again_is_acknowledged_as_far_as_it_was_compared(office: Office) -> None:
    told(office, made(1, 5))
    again = made(1, 3)
    answer = told(office, again)
    assert (answer.committed, answer.mark) == (3, mark_of(again.facts[2]))


def test_a_gap_is_answered_with_what_is_committed(office: Office) -> None:
    first = made(1, 2)
    told(office, first)
    answer = told(office, made(5, 2))
    assert (answer.committed, answer.mark) == (2, mark_of(first.facts[1]))


def test_numbers_that_are_used_again_are_a_fork_behind_the_last_common_fact(office: Office) -> None:
    told(office, made(1, 8))
    old, new = made(1, 3), made(4, 2, LATER_MS)
    answer = told(office, replace(old, facts=[*old.facts, *new.facts]))
    assert answer == Ack(epoch=old.epoch, committed=3, mark=mark_of(new.facts[0]), forked=True)
    assert kept(office) == 8


def test_a_batch_that_only_fits_by_its_numbers_is_not_taken(office: Office) -> None:
    told(office, made(1, 8))
    stranger = replace(made(9, 3, LATER_MS), before=mark_of(made(8, 1, LATER_MS).facts[0]))
    answer = told(office, stranger)
    assert (answer.committed, answer.forked, kept(office)) == (8, False, 8)
    assert answer.mark == mark_of(made(8, 1).facts[0])


def test_a_batch_that_fits_in_truth_is_taken(office: Office) -> None:
    told(office, made(1, 8))
    follower = replace(made(9, 3), before=mark_of(made(8, 1).facts[0]))
    assert told(office, follower).committed == 11
