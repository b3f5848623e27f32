"""Storing: a press to the outbox, batches to the ledger."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from pathlib import Path

from bench.measure import Measured, per_second, side_by_side
from commune_hub.hub import MIGRATIONS
from commune_hub.ledger import Ledger
from commune_hub.store import Store
from commune_hub.times import now_ms
from firmware_agent.delivery.outbox import Outbox
from wire.batches import MAX_FACTS_IN_BATCH, Batch
from wire.facts import Fact, Moment, RatingPressed, make_fact

PRESSES = 400
BATCHES = 25


def _fact(number: int) -> Fact:
    moment = Moment(at_ms=now_ms(), mono_ms=number, boot="bench", synced=True)
    return make_fact(
        RatingPressed(counter="quay-1", scale="vi4", level=1 + number % 4, source="button"), moment
    )


def measure_presses(directory: Path) -> Measured:
    """Commits a second of single presses, beside a bare file that is appended to and fsynced."""

    def ours() -> float:
        with tempfile.TemporaryDirectory(dir=directory) as place:
            outbox = Outbox(Path(place) / "outbox.db")
            facts = [_fact(number) for number in range(PRESSES)]
            rate = per_second(PRESSES, lambda: [outbox.append(fact) for fact in facts])
            outbox.close()
            return rate

    def peer() -> float:
        with tempfile.NamedTemporaryFile(dir=directory) as file:

            def append() -> None:
                for _ in range(PRESSES):
                    file.write(b"x" * 200)
                    file.flush()
                    os.fsync(file.fileno())

            return per_second(PRESSES, append)

    return side_by_side(
        "presses committed to the outbox, one by one",
        "presses/s",
        "higher",
        ours,
        peer,
        "200 bytes appended to a bare file and fsynced (the disk's own limit)",
    )


def measure_ledger(directory: Path) -> Measured:
    """Facts a second into the ledger with their conclusions, beside bare SQLite inserts of the same."""
    total = BATCHES * MAX_FACTS_IN_BATCH
    batches = [
        Batch(
            device="quay-1-pi",
            node="rating",
            epoch="0123456789abcdef",
            first=1 + number * MAX_FACTS_IN_BATCH,
            oldest=1,
            facts=[_fact(each) for each in range(MAX_FACTS_IN_BATCH)],
        )
        for number in range(BATCHES)
    ]

    def ours() -> float:
        from commune_hub.capabilities.ratings import Ratings

        with tempfile.TemporaryDirectory(dir=directory) as place:
            store = Store(Path(place) / "hub.db", MIGRATIONS)
            ledger = Ledger(store, now_ms, [Ratings(store, now_ms)])
            rate = per_second(total, lambda: [ledger.take(batch) for batch in batches])
            store.close()
            return rate

    def peer() -> float:
        with tempfile.TemporaryDirectory(dir=directory) as place:
            return per_second(total, lambda: _bare_inserts(Path(place) / "bare.db", batches))

    return side_by_side(
        "facts taken by the ledger, in batches of 200",
        "facts/s",
        "higher",
        ours,
        peer,
        "bare sqlite3 executemany of the same rows, WAL, synchronous=FULL, one commit a batch",
    )


def _bare_inserts(path: Path, batches: list[Batch]) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE facts (seq INTEGER PRIMARY KEY, kind TEXT, at_ms INTEGER, body TEXT)")
    for batch in batches:
        rows = [
            (batch.first + index, fact.kind, fact.moment.at_ms, bytes(fact.body).decode())
            for index, fact in enumerate(batch.facts)
        ]
        with connection:
            connection.executemany("INSERT INTO facts VALUES (?, ?, ?, ?)", rows)
    connection.close()
