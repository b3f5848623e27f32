"""The outbox on a real disk: what it took is there, whatever happened to the process since."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware_agent.clock import moment
from firmware_agent.delivery.outbox import Outbox
from tests.support.clocks import HandClock
from wire.codec import MAX_BATCH_BYTES
from wire.facts import Fact, FactDamaged, IntentApplied, NodeDied, make_fact, read_body


def fact(number: int, filling: int = 0) -> Fact:
    if filling:
        long = NodeDied(node="n", exit_code=number, error="x" * filling, deaths=1, restart_in_s=1.0)
        return make_fact(long, moment(HandClock()))
    return make_fact(IntentApplied(name="serving", number=number), moment(HandClock()))


def number_of(found: Fact) -> int:
    body = read_body(found.kind, bytes(found.body))
    assert isinstance(body, IntentApplied)
    return body.number


def held(outbox: Outbox) -> list[int]:
    """Return the numbers inside all facts that are held, in order."""
    numbers: list[int] = []
    first = 1
    while True:
        found, _, facts = outbox.read(first, 1_000, MAX_BATCH_BYTES)
        if not facts:
            return numbers
        numbers += [number_of(each) for each in facts]
        first = found + len(facts)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rating" / "outbox.db"


def test_facts_are_numbered_from_one_and_come_back_in_order(path: Path) -> None:
    outbox = Outbox(path)
    assert (outbox.newest, outbox.acked) == (0, 0)
    assert [outbox.append(fact(number)) for number in (10, 20, 30)] == [1, 2, 3]
    assert outbox.newest == 3
    first, oldest, facts = outbox.read(2, 5, MAX_BATCH_BYTES)
    assert (first, oldest, [number_of(each) for each in facts]) == (2, 1, [20, 30])


def test_an_empty_outbox_gives_nothing(path: Path) -> None:
    assert Outbox(path).read(1, 5, MAX_BATCH_BYTES) == (1, 1, [])


def test_reading_stops_at_the_count_and_at_the_size_but_always_gives_one(path: Path) -> None:
    outbox = Outbox(path)
    for number in range(10):
        outbox.append(fact(number, filling=400))
    size = len(msgspec.json.encode(fact(0, filling=400)))
    assert len(outbox.read(1, 4, MAX_BATCH_BYTES)[2]) == 4
    assert len(outbox.read(1, 10, 3 * size)[2]) == 3
    assert len(outbox.read(1, 10, 3 * size - 1)[2]) == 2
    assert len(outbox.read(1, 10, 1)[2]) == 1


def test_a_number_that_was_used_is_never_used_again(path: Path) -> None:
    outbox = Outbox(path)
    for number in range(3):
        outbox.append(fact(number))
    outbox.forget(3)
    outbox.close()
    again = Outbox(path)
    assert (again.acked, again.newest) == (3, 3)
    assert again.append(fact(9)) == 4


@given(st.lists(st.integers(0, 15), max_size=8))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_forgetting_never_goes_back_and_never_takes_more_than_was_said(
    tmp_path_factory: pytest.TempPathFactory, committed: list[int]
) -> None:
    outbox = Outbox(tmp_path_factory.mktemp("outbox") / "outbox.db")
    for number in range(1, 11):
        outbox.append(fact(number))
    for each in committed:
        outbox.forget(each)
    highest = max(committed, default=0)
    assert held(outbox) == list(range(highest + 1, 11))
    assert outbox.acked == highest
    assert outbox.newest == 10
    outbox.close()


def test_a_hole_ends_a_batch_and_the_next_one_begins_behind_it(path: Path) -> None:
    outbox = Outbox(path)
    for number in range(1, 7):
        outbox.append(fact(number))
    with sqlite3.connect(path) as other:
        other.execute("DELETE FROM facts WHERE seq IN (3, 4)")
    other.close()
    first, oldest, facts = outbox.read(1, 10, MAX_BATCH_BYTES)
    assert (first, oldest, len(facts)) == (1, 1, 2)
    first, oldest, facts = outbox.read(3, 10, MAX_BATCH_BYTES)
    assert (first, oldest, [number_of(each) for each in facts]) == (5, 1, [5, 6])


@pytest.mark.parametrize("value", [0, "A007", None, [1, {"a": "Quầy"}], {"b": 1.5}, True])
def test_state_is_kept_over_a_restart(path: Path, value: Any) -> None:
    outbox = Outbox(path)
    outbox.append(fact(1), {"last": value})
    outbox.remember({"other": value})
    outbox.close()
    again = Outbox(path)
    assert (again.state("last"), again.state("other")) == (value, value)
    assert again.state("never", "default") == "default"


def test_a_fact_and_its_state_are_one_transaction(path: Path) -> None:
    outbox = Outbox(path)
    outbox.append(fact(1), {"last": 1})
    with pytest.raises(TypeError):
        outbox.append(fact(2), {"last": 2, "not json": object()})
    assert held(outbox) == [1]
    assert outbox.state("last") == 1
    assert outbox.append(fact(3), {"last": 3}) == 2
    assert held(outbox) == [1, 3]


def test_several_threads_may_append_at_once(path: Path) -> None:
    outbox = Outbox(path)
    given_out: list[int] = []

    def append_some() -> None:
        for number in range(25):
            given_out.append(outbox.append(fact(number)))

    threads = [threading.Thread(target=append_some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given_out) == list(range(1, 101))
    assert len(held(outbox)) == 100


def test_the_epoch_is_the_files_own(path: Path, tmp_path: Path) -> None:
    outbox = Outbox(path)
    outbox.close()
    assert Outbox(path).epoch == outbox.epoch
    assert Outbox(tmp_path / "other.db").epoch != outbox.epoch
    assert len(bytes.fromhex(outbox.epoch)) == 8


def test_a_corrupt_file_is_set_aside_and_a_new_epoch_begins(path: Path) -> None:
    old = Outbox(path)
    old.append(fact(1))
    old.close()
    path.write_bytes(b"rubbish" * 2_000)
    outbox = Outbox(path)
    assert outbox.set_aside is not None
    assert outbox.set_aside.read_bytes() == b"rubbish" * 2_000
    assert outbox.epoch != old.epoch
    assert outbox.append(fact(2)) == 1
    outbox.close()
    assert Outbox(path).set_aside is None


def test_a_sound_outbox_is_not_set_aside_because_the_disk_is_full(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = Outbox(path)
    outbox.append(fact(1))
    outbox.close()

    def full(*_: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    monkeypatch.setattr("firmware_agent.database._check", full)
    with pytest.raises(sqlite3.OperationalError, match="disk is full"):
        Outbox(path)
    monkeypatch.undo()
    assert held(Outbox(path)) == [1]


@pytest.mark.parametrize("place", range(0, 120, 7))
def test_a_bit_that_a_bad_card_flips_is_found_and_the_rest_still_goes_up(path: Path, place: int) -> None:
    outbox = Outbox(path)
    for number in range(1, 4):
        outbox.append(fact(number))
    with sqlite3.connect(path) as other:
        raw = bytearray(other.execute("SELECT fact FROM facts WHERE seq = 2").fetchone()[0])
        raw[place] ^= 1
        other.execute("UPDATE facts SET fact = ? WHERE seq = 2", [bytes(raw)])
    other.close()
    first, _, (one, two, three) = outbox.read(1, 10, MAX_BATCH_BYTES)
    assert (first, number_of(one), number_of(three)) == (1, 1, 3)
    assert two.kind == "fact.damaged"
    assert read_body(two.kind, bytes(two.body)) == FactDamaged(found=bytes(raw))


WRITER = """
import sys
from pathlib import Path
from firmware_agent.clock import SystemClock, moment
from firmware_agent.delivery.outbox import Outbox
from wire.facts import IntentApplied, make_fact

outbox = Outbox(Path(sys.argv[1]))
number = outbox.state("last", 0)
print("open", flush=True)
while True:
    number += 1
    seq = outbox.append(make_fact(IntentApplied(name="serving", number=number), moment(SystemClock())),
                        {"last": number})
    print(seq, flush=True)
"""


def test_what_was_accepted_before_a_kill_is_on_disk(path: Path) -> None:
    accepted = 0
    for accept_at_least in (0, 1, 3, 40, 100):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            lines = [writer.stdout.readline() for _ in range(1 + accept_at_least)]
            os.kill(writer.pid, signal.SIGKILL)
            lines += writer.stdout.read().splitlines(keepends=True)
        whole = [int(line) for line in lines if line[:1].isdigit() and line.endswith(b"\n")]
        assert len(whole) >= accept_at_least
        accepted = max([accepted, *whole])
        outbox = Outbox(path)
        numbers = held(outbox)
        assert outbox.set_aside is None
        assert numbers == list(range(1, len(numbers) + 1)), "each once, in order, without a hole"
        # One more than was printed may be there: it was committed and the line was not out yet.
        assert accepted <= len(numbers) <= accepted + 1
        assert outbox.state("last", 0) == len(numbers)
        accepted = len(numbers)
        outbox.close()


def test_a_kill_at_any_moment_of_the_first_start_leaves_an_outbox_that_opens(path: Path) -> None:
    for wait_s in (0.0, 0.001, 0.002, 0.004, 0.008):
        code = WRITER.replace("outbox = Outbox", 'print("ready", flush=True)\noutbox = Outbox')
        with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            threading.Event().wait(wait_s)
            os.kill(writer.pid, signal.SIGKILL)
        outbox = Outbox(path)
        assert outbox.set_aside is None
        outbox.close()
        for each in path.parent.iterdir():
            each.unlink()
