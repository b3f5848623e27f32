"""Every fact exactly once and in order, over a network that loses, repeats, reorders and delays.

A model of both disks and the network around the two real state machines. Power goes at either end, the
outbox is pruned or begins anew, the hub's store comes back from a copy of last week, and the hub tells its
senders to wait or to go on as it likes; at the end the network heals, and everything that a disk still holds
must arrive.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from wire.batches import MAX_FACTS_IN_BATCH
from wire.delivery import RESEND_AFTER_MAX_MS, Sender, judge_batch
from wire.pace import CREDIT_FACTS_MAX

Facts = list[tuple[int, str]]


@dataclass
class Disk:
    """An outbox as it lies on the node's disk: what is held, by number."""

    epoch: int
    held: dict[int, str] = field(default_factory=dict)
    newest: int = 0
    acked: int = 0

    def read(self, first: int, count: int) -> tuple[int, int, Facts]:
        """As `Outbox.read`: consecutive facts from `first` or the next held."""
        numbers = sorted(number for number in self.held if number >= first)[:count]
        run = [number for place, number in enumerate(numbers) if number == numbers[0] + place]
        return run[0], min(self.held), [(number, self.held[number]) for number in run]

    def drop(self, up_to: int) -> None:
        self.held = {number: fact for number, fact in self.held.items() if number > up_to}


@dataclass
class Stream:
    """What the hub's ledger holds of one epoch."""

    committed: int = 0
    facts: Facts = field(default_factory=list)
    lost: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Letter:
    """A batch under way: epoch, its facts, the oldest number held when it was sent."""

    epoch: int
    facts: tuple[tuple[int, str], ...]
    oldest: int


AckLetter = tuple[int, int, int | None]
"""An ack under way: epoch, committed, credit."""

Fates = list[tuple[int, str]]
FATES = st.lists(
    st.tuples(st.integers(0, 31), st.sampled_from(["arrives", "arrives", "arrives twice", "is lost"])),
    min_size=1,
    max_size=6,
)
T = TypeVar("T")


def travel(under_way: list[T], fates: Fates) -> Iterator[T]:
    """Let what is under way meet its fate, in any order; what is not chosen stays under way."""
    for pick, fate in fates:
        if not under_way:
            return
        # Most often the one that was sent first: without that nothing ever gets far.
        chosen = under_way.pop(pick % len(under_way) if pick % 4 == 3 else 0)
        if fate == "arrives twice":
            under_way.append(chosen)
        if fate != "is lost":
            yield chosen


class Delivery(RuleBasedStateMachine):
    """Any order of things that can happen between one node and its hub."""

    @initialize()
    def begin(self) -> None:
        self.now_ms = 0
        self.disk = Disk(epoch=1)
        self.sender = Sender(acked=0, newest=0)
        self.up: list[Letter] = []
        self.down: list[AckLetter] = []
        self.credit: int | None = None
        self.hub: dict[int, Stream] = {}
        self.written: dict[tuple[int, int], str] = {}
        self.may_be_lost: set[tuple[int, int]] = set()

    @rule(count=st.one_of(st.integers(1, 5), st.integers(150, 500)))
    def append(self, count: int) -> None:
        for number in range(self.disk.newest + 1, self.disk.newest + count + 1):
            text = f"{self.disk.epoch}.{number}"
            self.disk.held[number] = self.written[self.disk.epoch, number] = text
        self.disk.newest += count
        self.sender.on_appended(self.disk.newest)

    @rule(network_forgets=st.booleans())
    def link_breaks(self, network_forgets: bool) -> None:
        """What was under way is lost, or comes much later."""
        self.sender.on_disconnected()
        if network_forgets:
            self.up.clear()
            self.down.clear()

    @rule(by_ms=st.sampled_from([1, 500, 3_000, 6_000, 40_000, 86_400_000]))
    def time_passes(self, by_ms: int) -> None:
        self.now_ms += by_ms

    @rule(batches=st.integers(1, 6))
    def send(self, batches: int) -> None:
        if not self.sender.connected:
            self.sender.on_connected(self.now_ms)
        for _ in range(batches):
            step = self.sender.next_batch(self.now_ms)
            if step is None:
                return
            first, count = step
            assert 1 <= count <= MAX_FACTS_IN_BATCH
            assert self.sender.acked < first
            assert first + count - 1 <= min(self.sender.acked + CREDIT_FACTS_MAX, self.disk.newest)
            found, oldest, facts = self.disk.read(first, count)
            self.sender.on_sent(found + len(facts) - 1, self.now_ms)
            self.up.append(Letter(self.disk.epoch, tuple(facts), oldest))

    @precondition(lambda self: self.up)
    @rule(fates=FATES)
    def batches_travel(self, fates: Fates) -> None:
        for letter in travel(self.up, fates):
            self.take(letter)

    def take(self, letter: Letter) -> None:
        stream = self.hub.setdefault(letter.epoch, Stream())
        first = letter.facts[0][0]
        verdict = judge_batch(stream.committed, first, len(letter.facts), letter.oldest)
        if verdict.outcome == "take":
            if verdict.lost is not None:
                stream.lost |= set(range(verdict.lost[0], verdict.lost[1] + 1))
            stream.facts += letter.facts[verdict.skip :]
            stream.committed = letter.facts[-1][0]
        self.down.append((letter.epoch, stream.committed, self.credit))

    @rule(credit=st.sampled_from([None, 0, 0, 40, 200, 100_000]), tells=st.booleans())
    def turns_change(self, credit: int | None, tells: bool) -> None:
        """The hub gives other credit from now on, and may say so at once."""
        self.credit = credit
        if tells and self.disk.epoch in self.hub:
            self.down.append((self.disk.epoch, self.hub[self.disk.epoch].committed, credit))

    @precondition(lambda self: self.down)
    @rule(fates=FATES, power_goes=st.booleans())
    def acks_travel(self, fates: Fates, power_goes: bool) -> None:
        for ack in travel(self.down, fates):
            self.heed(ack, power_goes=power_goes)

    def heed(self, ack: AckLetter, *, power_goes: bool = False) -> None:
        epoch, committed, credit = ack
        if epoch != self.disk.epoch or not self.sender.on_ack(committed, self.now_ms, credit):
            return
        assert committed > self.disk.acked
        if power_goes:
            self.node_restarts()
            return
        self.disk.drop(committed)
        self.disk.acked = committed

    @rule()
    def node_restarts(self) -> None:
        self.sender = Sender(acked=self.disk.acked, newest=self.disk.newest)

    @precondition(lambda self: self.sender.newest > 0)
    @rule(what=st.sampled_from(["prune", "prune", "hub copy", "new outbox"]), share=st.floats(0, 1))
    def disaster(self, what: str, share: float) -> None:
        match what:
            case "prune" if len(self.disk.held) > 1:
                self.outbox_is_pruned(share)
            case "hub copy" if self.disk.epoch in self.hub:
                self.hub_comes_back_from_a_copy(share)
            case "new outbox":
                self.outbox_begins_anew()

    def outbox_begins_anew(self) -> None:
        """The file was corrupt and is set aside: what it held is for a technician, not for the network."""
        self.disk = Disk(epoch=self.disk.epoch + 1)
        self.node_restarts()

    def outbox_is_pruned(self, share: float) -> None:
        """The disk was full: the oldest facts gave way, never the newest."""
        numbers = sorted(self.disk.held)
        up_to = numbers[min(int(share * len(numbers)), len(numbers) - 2)]
        self.may_be_lost |= {(self.disk.epoch, number) for number in numbers if number <= up_to}
        self.disk.drop(up_to)

    def hub_comes_back_from_a_copy(self, share: float) -> None:
        """Its store is that of an earlier day: what nodes have forgotten since cannot come again.

        Nor can what they are about to forget, since an ack of the better days is still under way.
        """
        epoch = self.disk.epoch
        facts = self.hub[epoch].facts
        kept = facts[: int(share * len(facts))]
        committed = kept[-1][0] if kept else 0
        gone = range(committed + 1, self.hub[epoch].committed + 1)
        told = max((number for each, number, _ in self.down if each == epoch), default=0)
        self.may_be_lost |= {(epoch, each) for each in gone if each not in self.disk.held or each <= told}
        lost = {number for number in self.hub[epoch].lost if number <= committed}
        self.hub[epoch] = Stream(committed, kept, lost)

    @invariant()
    def every_fact_once_in_order_and_nothing_lost_in_silence(self) -> None:
        for epoch, stream in self.hub.items():
            numbers = [number for number, _ in stream.facts]
            assert numbers == sorted(set(numbers))
            assert all(self.written[epoch, number] == text for number, text in stream.facts)
            assert set(numbers) | stream.lost == set(range(1, stream.committed + 1))
            assert stream.lost.isdisjoint(numbers)
            assert {(epoch, number) for number in stream.lost} <= self.may_be_lost

    @invariant()
    def what_the_node_forgot_is_safe(self) -> None:
        stream = self.hub.get(self.disk.epoch, Stream())
        safe = {number for number, _ in stream.facts} | set(self.disk.held)
        gone = {number for epoch, number in self.may_be_lost if epoch == self.disk.epoch}
        assert set(range(1, self.disk.newest + 1)) - safe <= gone

    @invariant()
    def the_sender_never_oversleeps(self) -> None:
        wait_ms = self.sender.wait_ms(self.now_ms)
        assert wait_ms is None or wait_ms <= RESEND_AFTER_MAX_MS

    def teardown(self) -> None:
        """The network heals: now everything that is held arrives."""
        self.up.clear()
        self.down.clear()
        self.sender.on_connected(self.now_ms)
        self.credit = None
        rounds = 0
        while self.sender.acked < self.disk.newest:
            rounds += 1
            assert rounds < 200, f"no end in sight: {self.sender}"
            self.send(batches=CREDIT_FACTS_MAX)
            for letter in self.up:
                self.take(letter)
            for ack in self.down:
                self.heed(ack)
            self.up.clear()
            self.down.clear()
            self.now_ms += RESEND_AFTER_MAX_MS
        assert not self.disk.held
        assert self.sender.next_batch(self.now_ms) is None
        self.every_fact_once_in_order_and_nothing_lost_in_silence()


TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(max_examples=250, stateful_step_count=50)
