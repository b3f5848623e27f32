"""What an ack does to an outbox: safe facts go, facts that the hub does not have stay, whatever it says."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware_agent.clock import moment
from firmware_agent.delivery.carrier import Carrier
from firmware_agent.delivery.outbox import OPENINGS, Outbox
from tests.support.clocks import HandClock
from wire.agreement import mark_of
from wire.batches import Ack, Batch
from wire.codec import MAX_BATCH_BYTES
from wire.delivery import RESEND_AFTER_MS
from wire.facts import Fact, IntentApplied, make_fact
from wire.topics import Address

ADDRESS = Address("xa", "quay-1-pi", "rating")


def fact(number: int) -> Fact:
    return make_fact(IntentApplied(name="serving", number=number), moment(HandClock()))


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    made = Outbox(tmp_path / "outbox.db")
    for number in range(1, 6):
        made.append(fact(number))
    return made


@pytest.fixture
def carrier(outbox: Outbox) -> Carrier:
    made = Carrier(ADDRESS, outbox)
    made.sender.on_connected(0)
    return made


def held(outbox: Outbox) -> list[Fact]:
    return outbox.read(1, 100, MAX_BATCH_BYTES)[2]


def sent(carrier: Carrier, now_ms: int = 0) -> Batch:
    batch = carrier.next_batch(now_ms)
    assert batch is not None
    return batch


def ack(outbox: Outbox, committed: int, mark: int | None, *, forked: bool = False) -> Ack:
    return Ack(epoch=outbox.epoch, committed=committed, mark=mark, forked=forked)


def test_a_batch_says_what_stands_before_it(carrier: Carrier, outbox: Outbox) -> None:
    assert sent(carrier).before is None
    outbox.append(fact(6))
    carrier.appended()
    assert sent(carrier).before == mark_of(fact(5))


def test_an_ack_with_our_mark_frees_what_it_covers(carrier: Carrier, outbox: Outbox) -> None:
    sent(carrier)
    carrier.take_ack(ack(outbox, 3, mark_of(fact(3))), 1)
    assert (held(outbox), carrier.backlog) == ([fact(4), fact(5)], 2)


@pytest.mark.parametrize("mark", [mark_of(fact(4)), 0])
def test_an_ack_for_somebody_elses_facts_frees_nothing_and_makes_us_send_again(
    carrier: Carrier, outbox: Outbox, mark: int
) -> None:
    sent(carrier)
    carrier.take_ack(ack(outbox, 3, mark), 1)
    assert len(held(outbox)) == 5
    assert sent(carrier, 1).first == 1


def test_a_fork_begins_a_new_epoch_with_what_the_hub_does_not_have(carrier: Carrier, outbox: Outbox) -> None:
    sent(carrier)
    old = outbox.epoch
    carrier.take_ack(ack(outbox, 2, mark_of(fact(3)), forked=True), 1)
    assert outbox.epoch != old
    assert (outbox.acked, outbox.newest) == (0, 3)
    batch = sent(carrier, 1)
    assert (batch.epoch, batch.first, batch.facts) == (outbox.epoch, 1, [fact(3), fact(4), fact(5)])
    assert outbox.append(fact(6)) == 4


@pytest.mark.parametrize("mark", [None, 0, mark_of(fact(2))])
def test_late_word_of_a_fork_in_an_earlier_life_changes_nothing(
    carrier: Carrier, outbox: Outbox, mark: int | None
) -> None:
    old = outbox.epoch
    carrier.take_ack(ack(outbox, 2, mark, forked=True), 1)
    assert (outbox.epoch, len(held(outbox))) == (old, 5)


def test_a_new_epoch_is_kept_over_a_restart(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    for number in range(1, 6):
        outbox.append(fact(number), {"last": number})
    outbox.begin_anew(agreed=4)
    outbox.close()
    again = Outbox(tmp_path / "outbox.db")
    assert (again.epoch, again.acked, again.newest) == (outbox.epoch, 0, 1)
    assert (held(again), again.state("last")) == ([fact(5)], 5)


def test_a_card_that_forgets_its_new_epoch_finds_the_same_one_again(tmp_path: Path) -> None:
    names = []
    for life, pressed in enumerate((3, 3, 4)):
        outbox = Outbox(tmp_path / f"{life}.db", name_epoch=lambda: "0" * 16)
        outbox.append(fact(1))
        outbox.append(fact(pressed))
        outbox.begin_anew(agreed=1)
        names.append(outbox.epoch)
        outbox.close()
    assert names[0] == names[1] != names[2]


def test_an_outbox_that_holds_nothing_may_begin_anew(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    outbox.begin_anew(agreed=0)
    assert (outbox.newest, outbox.append(fact(1))) == (0, 1)


class _Failing:
    """Calls of an outbox that fail so many times, then work."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, outbox: Outbox, name: str, times: int) -> None:
        self._times = times
        self._real: Callable[..., object] = getattr(outbox, name)
        monkeypatch.setattr(outbox, name, self)

    def __call__(self, *arguments: object) -> object:
        self._times -= 1
        if self._times >= 0:
            raise sqlite3.OperationalError("disk I/O error")
        return self._real(*arguments)


def test_a_card_that_cannot_be_read_now_is_read_later(
    carrier: Carrier, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    _Failing(monkeypatch, outbox, "read", 2)
    assert carrier.next_batch(0) is None
    assert carrier.next_batch(1) is None
    assert len(sent(carrier, 2).facts) == 5


def test_a_disk_that_cannot_forget_now_forgets_with_the_next_ack(
    carrier: Carrier, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(carrier)
    _Failing(monkeypatch, outbox, "forget", 1)
    answer = ack(outbox, 5, mark_of(fact(5)))
    with pytest.raises(sqlite3.OperationalError):
        carrier.take_ack(answer, 1)
    assert sent(carrier, RESEND_AFTER_MS).first == 1
    carrier.take_ack(answer, RESEND_AFTER_MS + 1)
    assert (held(outbox), carrier.backlog) == ([], 0)


def test_a_file_that_reads_badly_is_opened_again_before_it_is_set_aside(
    tmp_path: Path, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox.close()
    for failures, aside in ((OPENINGS - 1, False), (OPENINGS, True)):
        _fail_checks(monkeypatch, failures)
        again = Outbox(tmp_path / "outbox.db")
        assert (len(held(again)), again.set_aside is not None) == (5, aside)
        again.close()


def _fail_checks(monkeypatch: pytest.MonkeyPatch, failures: int) -> None:
    left = [failures]

    def check(_database: object) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise sqlite3.DatabaseError("disk image is malformed")

    monkeypatch.setattr("firmware_agent.database._check", check)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE stream SET epoch = 'z'",
        "UPDATE stream SET epoch = '0123456789abcdef'",
        "UPDATE stream SET acked = 6",
        "UPDATE stream SET acked = 0",
        "DELETE FROM stream",
        "UPDATE spare SET value = '[0]' WHERE key = 'stream'",
        "DELETE FROM spare",
        "UPDATE sqlite_sequence SET seq = 4",
        "UPDATE sqlite_sequence SET seq = 1 << 60",
        "UPDATE sqlite_sequence SET name = 'gacts'",
    ],
)
def test_where_a_flipped_bit_changed_the_stream_its_other_row_is_believed(
    tmp_path: Path, outbox: Outbox, change: str
) -> None:
    outbox.forget(3)
    stands = (outbox.epoch, outbox.acked, outbox.newest)
    outbox.close()
    with sqlite3.connect(tmp_path / "outbox.db") as other:
        other.execute(change)
    other.close()
    for _ in range(2):
        again = Outbox(tmp_path / "outbox.db")
        assert again.set_aside is None
        assert (again.epoch, again.acked, again.newest) == stands
        again.close()
