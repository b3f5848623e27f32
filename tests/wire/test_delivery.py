"""The two halves of the protocol by themselves: when the sender speaks, what the receiver decides."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.batches import MAX_FACTS_IN_BATCH
from wire.delivery import (
    RESEND_AFTER_MAX_MS,
    RESEND_AFTER_MS,
    STALLED_AFTER_MS,
    Sender,
    Verdict,
    judge_batch,
)
from wire.pace import CREDIT_FACTS_MAX, CREDIT_MS, WINDOW_FACTS, WINDOW_FACTS_MIN


def connected(acked: int = 0, newest: int = 0) -> Sender:
    sender = Sender(acked=acked, newest=newest)
    sender.on_connected(0)
    return sender


def send_all(sender: Sender, now_ms: int) -> list[tuple[int, int]]:
    """Send as long as the sender wants to; return what was sent."""
    sent = []
    while step := sender.next_batch(now_ms):
        sent.append(step)
        sender.on_sent(step[0] + step[1] - 1, now_ms)
        assert len(sent) <= WINDOW_FACTS, "the sender never rests"
    return sent


def test_nothing_is_sent_without_a_link_or_without_facts() -> None:
    assert Sender(acked=0, newest=5).next_batch(0) is None
    assert connected().next_batch(0) is None
    assert connected(acked=5, newest=5).next_batch(0) is None


def test_facts_go_out_in_order_up_to_a_window_that_grows_and_no_further() -> None:
    sender = connected(newest=100_000)
    first, windows = 1, []
    for now_ms in range(12):
        sent = send_all(sender, now_ms)
        assert sent[0][0] == first
        assert all(one[0] + one[1] == after[0] for one, after in pairwise(sent))
        assert all(count <= MAX_FACTS_IN_BATCH for _, count in sent)
        windows.append(sum(count for _, count in sent))
        first += windows[-1]
        assert sender.on_ack(first - 1, now_ms)
    assert windows[:3] == [WINDOW_FACTS_MIN, 2 * WINDOW_FACTS_MIN, 4 * WINDOW_FACTS_MIN]
    assert windows[-1] == WINDOW_FACTS


def test_a_fact_that_comes_while_others_are_under_way_follows_them() -> None:
    sender = connected(newest=3)
    assert send_all(sender, 0) == [(1, 3)]
    sender.on_appended(4)
    assert send_all(sender, 1) == [(4, 1)]


def test_a_late_word_of_an_older_number_takes_nothing_back() -> None:
    sender = connected(newest=3)
    sender.on_appended(2)
    assert sender.newest == 3


def test_a_new_link_begins_after_the_last_ack() -> None:
    sender = connected(newest=6)
    send_all(sender, 0)
    sender.on_ack(2, 1)
    sender.on_disconnected()
    assert sender.next_batch(2) is None
    sender.on_connected(3)
    assert send_all(sender, 3) == [(3, 4)]


def test_the_same_ack_again_means_a_gap_and_is_answered_once() -> None:
    sender = connected(newest=6)
    send_all(sender, 0)
    sender.on_ack(2, 1)
    assert not sender.on_ack(2, 2)
    assert send_all(sender, 2) == [(3, 4)]
    assert not sender.on_ack(2, 3)
    assert send_all(sender, 3) == []


@pytest.mark.parametrize("committed", [1, 7, 2**53])
def test_an_ack_that_cannot_be_is_ignored(committed: int) -> None:
    sender = connected(acked=2, newest=6)
    send_all(sender, 0)
    assert not sender.on_ack(committed, 1)
    assert sender.acked == 2
    assert send_all(sender, 1) == []


def test_an_ack_when_all_is_safe_asks_for_nothing() -> None:
    sender = connected(acked=6, newest=6)
    assert not sender.on_ack(6, 1)
    assert sender.next_batch(1) is None


def test_silence_is_answered_with_growing_patience_up_to_a_bound() -> None:
    sender = connected(newest=1)
    now_ms, pauses = 0, []
    for _ in range(7):
        send_all(sender, now_ms)
        wait_ms = sender.wait_ms(now_ms)
        assert wait_ms is not None
        assert sender.next_batch(now_ms + wait_ms - 1) is None
        now_ms += wait_ms
        pauses.append(wait_ms)
    assert pauses[:4] == [RESEND_AFTER_MS, 2 * RESEND_AFTER_MS, 4 * RESEND_AFTER_MS, 8 * RESEND_AFTER_MS]
    assert set(pauses[4:]) == {RESEND_AFTER_MAX_MS}


def test_an_ack_brings_the_first_patience_back() -> None:
    sender = connected(newest=2)
    send_all(sender, 0)
    sender.next_batch(RESEND_AFTER_MS)
    sender.on_ack(1, RESEND_AFTER_MS)
    assert sender.wait_ms(RESEND_AFTER_MS) is None
    send_all(sender, RESEND_AFTER_MS)
    assert sender.wait_ms(RESEND_AFTER_MS) == RESEND_AFTER_MS


def run_in_silence(sender: Sender, until_ms: int, step_ms: int = 1_000) -> int | None:
    """Let a hub say nothing; return when the sender called the link stalled, None if it never did."""
    for now_ms in range(0, until_ms, step_ms):
        send_all(sender, now_ms)
        if sender.stalled(now_ms):
            return now_ms
    return None


def test_a_link_without_acks_is_called_stalled_though_the_sender_keeps_trying() -> None:
    assert run_in_silence(connected(newest=3), 10 * STALLED_AFTER_MS) == STALLED_AFTER_MS


def test_an_idle_link_is_never_stalled_however_long() -> None:
    sender = connected(acked=3, newest=3)
    assert run_in_silence(sender, 3 * STALLED_AFTER_MS) is None
    sender.on_appended(4)
    now_ms = 3 * STALLED_AFTER_MS
    send_all(sender, now_ms)
    assert not sender.stalled(now_ms)
    assert sender.stalled(now_ms + STALLED_AFTER_MS)


def test_every_ack_that_is_news_puts_the_stall_off() -> None:
    sender = connected(newest=100)
    send_all(sender, 0)
    for committed in range(1, 100):
        now_ms = committed * (STALLED_AFTER_MS - 1)
        assert not sender.stalled(now_ms)
        sender.on_ack(committed, now_ms)


def test_a_link_that_is_down_is_not_stalled() -> None:
    sender = connected(newest=3)
    send_all(sender, 0)
    sender.on_disconnected()
    assert not sender.stalled(10 * STALLED_AFTER_MS)
    assert sender.wait_ms(0) is None
    sender.on_connected(10 * STALLED_AFTER_MS)
    assert not sender.stalled(10 * STALLED_AFTER_MS)


def test_with_credit_that_many_are_under_way_and_no_more() -> None:
    sender = connected(newest=10_000)
    send_all(sender, 0)
    sender.on_ack(10, 1, credit=450)
    assert send_all(sender, 1) == [(11, 200), (211, 200), (411, 50)]
    sender.on_ack(210, 2, credit=450)
    assert send_all(sender, 2) == [(461, 200)]
    sender.on_ack(660, 3, credit=10**5)
    assert sum(count for _, count in send_all(sender, 3)) == CREDIT_FACTS_MAX


def test_who_is_told_to_wait_waits_until_its_turn_comes() -> None:
    sender = connected(newest=1_000)
    send_all(sender, 0)
    sender.on_ack(10, 5, credit=0)
    assert send_all(sender, 5 + CREDIT_MS - 1) == []
    assert sender.wait_ms(5) == CREDIT_MS
    assert not sender.stalled(10 * STALLED_AFTER_MS)
    sender.on_ack(10, 6, credit=300)
    assert send_all(sender, 6) == [(11, 200), (211, 100)]


def test_who_waits_and_hears_nothing_asks_again_with_a_few() -> None:
    sender = connected(newest=1_000)
    send_all(sender, 0)
    for turn in range(1, 4):
        sender.on_ack(turn * WINDOW_FACTS_MIN, turn * CREDIT_MS, credit=0)
        assert send_all(sender, turn * CREDIT_MS + 1) == []
        assert send_all(sender, (turn + 1) * CREDIT_MS) == [(turn * WINDOW_FACTS_MIN + 1, WINDOW_FACTS_MIN)]


def test_a_new_link_and_a_gap_void_the_credit_of_before() -> None:
    sender = connected(newest=1_000)
    sender.on_ack(0, 0, credit=0)
    sender.on_connected(1)
    assert send_all(sender, 1) == [(1, WINDOW_FACTS_MIN)]
    sender.on_ack(WINDOW_FACTS_MIN, 2, credit=600)
    send_all(sender, 2)
    assert not sender.on_ack(WINDOW_FACTS_MIN, 3)
    assert send_all(sender, 3) == [(WINDOW_FACTS_MIN + 1, WINDOW_FACTS_MIN)]


@pytest.mark.parametrize(
    ("committed", "first", "count", "oldest", "verdict"),
    [
        (0, 1, 5, 1, Verdict("take")),
        (5, 6, 1, 6, Verdict("take")),
        (5, 4, 4, 1, Verdict("take", skip=2)),
        (5, 1, 5, 1, Verdict("repeat")),
        (5, 5, 1, 1, Verdict("repeat")),
        (5, 7, 1, 6, Verdict("gap")),
        (5, 7, 1, 1, Verdict("gap")),
        (5, 7, 1, 7, Verdict("take", lost=(6, 6))),
        (0, 100, 3, 100, Verdict("take", lost=(1, 99))),
        (5, 9, 1, 12, Verdict("gap")),
    ],
)
def test_the_receivers_verdicts(
    committed: int, first: int, count: int, oldest: int, verdict: Verdict
) -> None:
    assert judge_batch(committed, first, count, oldest) == verdict


NUMBERS = st.integers(1, 60)


@given(st.integers(0, 60), NUMBERS, NUMBERS, NUMBERS)
def test_what_is_taken_begins_where_the_ledger_ends_or_the_rest_is_noted(
    committed: int, first: int, count: int, oldest: int
) -> None:
    verdict = judge_batch(committed, first, count, oldest)
    if verdict.outcome == "take":
        begins = first + verdict.skip
        assert begins <= first + count - 1
        assert verdict.lost == ((committed + 1, begins - 1) if begins > committed + 1 else None)
    else:
        assert (verdict.skip, verdict.lost) == (0, None)


def test_a_hub_that_says_nothing_is_silent_through_links_that_are_built_anew() -> None:
    """A press right after the link was built anew must not be taken for one that the hub could judge."""
    sender = Sender(acked=0, newest=1)
    sender.on_connected(0)
    sender.on_sent(1, 1_000)
    sender.on_disconnected()
    sender.on_connected(60_000)
    sender.on_sent(1, 60_000)
    assert (sender.silent_ms(61_000), sender.unheard_ms(61_000)) == (1_000, 60_000)
    sender.on_ack(1, 62_000)
    assert sender.unheard_ms(70_000) == 0
    sender.on_appended(2)
    sender.on_sent(2, 71_000)
    assert sender.unheard_ms(72_500) == 1_500
