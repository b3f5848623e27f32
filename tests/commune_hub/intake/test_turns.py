"""Turns: whoever is behind gets one, nobody keeps one, and what is under way in all is bounded."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from commune_hub.intake.turns import (
    FORGOTTEN_MS,
    LEVEL_CREDIT,
    LEVEL_FACTS,
    QUIET_MS,
    TURN_FACTS,
    UNDER_WAY_FACTS,
    Turns,
)
from tests.commune_hub.facts import batch, press
from wire.batches import Ack, Batch, Stream
from wire.delivery import Sender
from wire.pace import CREDIT_FACTS_MAX

AT_MS = 1_767_243_600_000


def sent(device: str, newest: int | None, first: int = 1) -> Batch:
    return structs.replace(batch([press()] * 10, AT_MS, first=first, device=device), newest=newest)


def stream_of(device: str) -> Stream:
    return sent(device, 10).stream


def after(
    turns: Turns, device: str, newest: int | None, committed: int, now_ms: int
) -> dict[str, int | None]:
    """Take ten facts of a device; return the credit that each is told then."""
    each = sent(device, newest, committed - 9)
    told = turns.after(each, Ack(epoch=each.epoch, committed=committed), now_ms)
    return {stream.device: ack.credit for stream, ack in told.items()}


def test_who_is_level_may_always_send() -> None:
    turns = Turns(at_once=1)
    assert after(turns, "heap", 9_000, 10, 0) == {"heap": CREDIT_FACTS_MAX}
    assert after(turns, "level", 10, 10, 0) == {"level": LEVEL_CREDIT}
    assert after(turns, "nearly", 10 + LEVEL_FACTS, 10, 0) == {"nearly": LEVEL_CREDIT}
    assert after(turns, "behind", 11 + LEVEL_FACTS, 10, 0) == {"behind": 0}


def test_those_who_have_a_turn_share_what_may_be_under_way() -> None:
    turns = Turns(at_once=8)
    told = [after(turns, f"pi-{each}", 9_000, 10, 0) for each in range(8)]
    assert told[0] == {"pi-0": CREDIT_FACTS_MAX}
    assert told[-1] == {"pi-7": UNDER_WAY_FACTS // 8}
    assert after(turns, "pi-0", 9_000, 20, 1) == {"pi-0": UNDER_WAY_FACTS // 8}


def test_an_older_node_is_told_nothing() -> None:
    assert after(Turns(), "old", None, 10, 0) == {"old": None}


def test_the_next_turn_begins_when_one_is_level_with_the_ack_that_was_due() -> None:
    turns = Turns(at_once=1)
    after(turns, "one", 500, 10, 0)
    assert after(turns, "two", 500, 10, 1) == {"two": 0}
    assert after(turns, "two", 500, 20, 2) == {"two": 0}
    told = turns.after(sent("one", 500, 491), Ack(epoch="0123456789abcdef", committed=500), 3)
    assert told[stream_of("two")] == Ack(epoch="0123456789abcdef", committed=20, credit=CREDIT_FACTS_MAX)
    assert told[stream_of("one")].credit == LEVEL_CREDIT


def test_a_turn_ends_if_others_wait_and_only_then() -> None:
    turns = Turns(at_once=1)
    after(turns, "one", 9_000, 10, 0)
    assert after(turns, "one", 9_000, 20 + TURN_FACTS, 1) == {"one": CREDIT_FACTS_MAX}
    after(turns, "two", 9_000, 10, 2)
    assert after(turns, "one", 9_000, 30 + TURN_FACTS, 3) == {"one": 0, "two": CREDIT_FACTS_MAX}


def test_of_those_who_wait_a_device_without_a_turn_comes_first() -> None:
    turns = Turns(at_once=2)
    for device in ("one", "two"):
        after(turns, device, 500, 10, 0)
    waiting = structs.replace(sent("two", 500), node="other")
    turns.after(waiting, Ack(epoch=waiting.epoch, committed=10), 1)
    after(turns, "three", 500, 10, 2)
    assert "three" in after(turns, "one", 500, 500, 3)


def test_a_turn_that_is_not_used_goes_on_to_the_next_and_who_is_gone_is_forgotten() -> None:
    turns = Turns(at_once=1)
    after(turns, "gone", 500, 10, 0)
    after(turns, "also-gone", 500, 10, 1)
    after(turns, "waits", 500, 10, QUIET_MS - 1)
    later_ms = 1 + FORGOTTEN_MS
    assert after(turns, "waits", 500, 20, later_ms)["waits"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 4_000), min_size=1, max_size=14), st.integers(1, 4), st.integers(0, 999))
def test_real_senders_all_get_level_however_many_acks_are_lost(
    backlogs: list[int], at_once: int, seed: int
) -> None:
    """Of the acks a tenth is lost."""
    turns, chance = Turns(at_once, turn_facts=500), random.Random(seed)
    senders = {f"pi-{number}": Sender(0, newest) for number, newest in enumerate(backlogs)}
    for sender in senders.values():
        sender.on_connected(0)
    committed = dict.fromkeys(senders, 0)
    now_ms = 0
    while any(sender.acked < sender.newest for sender in senders.values()):
        now_ms += 50
        assert now_ms < 3_600_000, "no end in sight"
        for device, sender in senders.items():
            while (step := sender.next_batch(now_ms)) is not None:
                first, count = step
                sender.on_sent(first + count - 1, now_ms)
                if first > committed[device] + 1:
                    continue
                committed[device] = max(committed[device], first + count - 1)
                made = structs.replace(
                    batch([press()], AT_MS, first=first, device=device), newest=sender.newest
                )
                told = turns.after(made, Ack(epoch=made.epoch, committed=committed[device]), now_ms)
                for stream, ack in told.items():
                    if chance.random() > 0.1:
                        senders[stream.device].on_ack(ack.committed, now_ms, ack.credit)
