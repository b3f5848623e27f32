"""The ledger takes each fact once, in order, whatever the network makes of the batches."""

from __future__ import annotations

import random
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commune_hub.hub import MIGRATIONS
from commune_hub.ledger import Ledger, Taken
from commune_hub.store import Row, Store
from tests.commune_hub.conftest import NOON_MS, Office
from tests.commune_hub.facts import EPOCH, batch, press, raw_fact
from wire.facts import Body, Fact, TicketEnded


def stored(office: Office) -> list[int]:
    return [
        row["seq"] for row in office.store.rows("SELECT seq FROM facts ORDER BY device, node, epoch, seq")
    ]


def test_a_batch_is_kept_as_it_came(office: Office) -> None:
    assert office.ledger.take(batch([press(2)], NOON_MS)) == 1
    row = office.store.row("SELECT * FROM facts")
    assert row is not None
    assert (row["device"], row["node"], row["epoch"], row["seq"]) == ("quay-1-pi", "rating", EPOCH, 1)
    assert row["kind"] == "rating.pressed"
    assert '"level":2' in row["body"]
    assert row["at"].endswith("05:00:00.001Z")


def test_a_repeat_changes_nothing(office: Office) -> None:
    sent = batch([press(), press(4)], NOON_MS)
    assert office.ledger.take(sent) == office.ledger.take(sent) == 2
    assert stored(office) == [1, 2]
    assert office.ratings.today()[0].total == 2


def test_an_overlap_adds_only_what_is_new(office: Office) -> None:
    office.ledger.take(batch([press(), press()], NOON_MS))
    assert office.ledger.take(batch([press(), press(3)], NOON_MS, first=2, oldest=1)) == 3
    assert stored(office) == [1, 2, 3]


def test_a_gap_is_answered_with_the_old_number(office: Office) -> None:
    office.ledger.take(batch([press()], NOON_MS))
    assert office.ledger.take(batch([press()], NOON_MS, first=5, oldest=2)) == 1
    assert stored(office) == [1]


def test_what_the_sender_no_longer_holds_is_noted_as_lost(office: Office) -> None:
    office.ledger.take(batch([press()], NOON_MS))
    assert office.ledger.take(batch([press()], NOON_MS, first=5, oldest=5)) == 5
    lost = office.ledger.lost()[0]
    assert (lost["device"], lost["first"], lost["last"]) == ("quay-1-pi", 2, 4)


def test_streams_do_not_mix(office: Office) -> None:
    office.ledger.take(batch([press()], NOON_MS))
    assert office.ledger.take(batch([press()], NOON_MS, epoch="fedcba9876543210")) == 1
    assert office.ledger.take(batch([press()], NOON_MS, device="quay-2-pi")) == 1
    assert office.ratings.today()[0].total == 3


@pytest.mark.parametrize(
    ("kind", "body"),
    [("kettle.boiled", b'{"cups":3}'), ("rating.pressed", b'{"level":9}'), ("rating.pressed", b"[]")],
)
def test_what_is_not_understood_is_kept_raw_and_counted(office: Office, kind: str, body: bytes) -> None:
    assert office.ledger.take(batch([raw_fact(kind, body, NOON_MS)], NOON_MS)) == 1
    assert office.store.value("SELECT body FROM facts") == body.decode()
    assert office.ledger.not_understood() == [{"device": "quay-1-pi", "kind": kind, "count": 1}]
    assert office.ratings.today() == []


def test_invented_kinds_do_not_flood_the_page_that_lists_them(office: Office) -> None:
    kinds = [f"x{chr(97 + number // 26)}{chr(97 + number % 26)}.made" for number in range(201)]
    facts: list[Body | Fact] = [raw_fact(kind, b"{}", NOON_MS) for kind in kinds]
    for number, fact in enumerate([*facts, raw_fact("often.made", b"{}", NOON_MS)] * 2, 1):
        office.ledger.take(batch([fact], NOON_MS, first=number))
    office.ledger.take(batch([raw_fact("often.made", b"{}", NOON_MS)], NOON_MS, first=number + 1))
    found = office.ledger.not_understood()
    assert len(found) == 200
    assert found[0] == {"device": "quay-1-pi", "kind": "often.made", "count": 3}


def test_asking_what_was_not_understood_does_not_read_every_fact(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def rows(sql: str, _values: object = ()) -> list[Row]:
        asked.append(sql)
        return []

    with monkeypatch.context() as listening:
        listening.setattr(office.store, "rows", rows)
        office.ledger.not_understood()
    plan = str(office.store.rows(f"EXPLAIN QUERY PLAN {asked[0]}"))
    assert "facts_not_understood" in plan


def test_a_fact_never_changes(office: Office) -> None:
    office.ledger.take(batch([press()], NOON_MS))
    with pytest.raises(sqlite3.IntegrityError, match="never changes"):
        office.store.execute("UPDATE facts SET body = '{}'")


def test_the_hubs_own_facts_are_numbered_on_a_stream_of_their_own(office: Office) -> None:
    for _ in range(3):
        office.ledger.record("queue", TicketEnded(ticket="t", counter="quay-1", officer="can-bo"))
    rows = office.store.rows("SELECT device, node, seq FROM facts")
    assert [(row["device"], row["node"], row["seq"]) for row in rows] == [
        ("hub", "queue", n) for n in (1, 2, 3)
    ]


class Refuses:
    """A capability that fails."""

    def apply(self, taken: Sequence[Taken]) -> None:
        raise RuntimeError(taken[0].body)

    def retime(self, taken: Taken, was: Taken) -> None:
        raise RuntimeError(taken.body, was)


def test_a_fact_is_taken_with_its_conclusions_or_not_at_all(office: Office) -> None:
    failing = Ledger(office.store, office.clock, [office.ratings, Refuses()])
    with pytest.raises(RuntimeError):
        failing.take(batch([press()], NOON_MS))
    assert stored(office) == []
    assert office.ratings.today() == []
    assert office.ledger.take(batch([press()], NOON_MS)) == 1


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 40))
def test_every_fact_arrives_once_in_order_over_any_network(seed: int, count: int) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as directory:
        store = Store(Path(directory) / "hub.db", MIGRATIONS)
        ledger = Ledger(store, lambda: NOON_MS, [])
        bodies: list[Body] = [press(1 + index % 4) for index in range(count)]
        acked = 0
        for _ in range(400):
            if acked == count:
                break
            first = chance.randint(1, min(acked + 3, count))
            last = chance.randint(first, count)
            committed = ledger.take(batch(list(bodies[first - 1 : last]), NOON_MS, first=first, oldest=1))
            acked = max(acked, committed) if chance.random() < 0.7 else acked
        rows = store.rows("SELECT seq, body FROM facts ORDER BY seq")
        store.close()
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) >= acked
    assert [f'"level":{1 + index % 4}' in row["body"] for index, row in enumerate(rows)] == [True] * len(rows)
