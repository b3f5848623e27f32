"""Draining: how fast a node's backlog goes over TLS and a real broker into the hub's ledger."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
import time
import zlib
from pathlib import Path

import msgspec

from bench.hall import Hall, await_true, open_desk
from bench.measure import Measured, per_second, side_by_side
from commune_hub.times import now_ms
from firmware_agent.config import load_device_config
from firmware_agent.delivery.outbox import Outbox
from firmware_agent.desk import node_directory
from wire.batches import MAX_FACTS_IN_BATCH
from wire.facts import Moment, RatingPressed, make_fact

BACKLOG = 100_000
ROUNDS = 3
DRAINED_WITHIN_S = 120.0
DEVICE = "quay-1-pi"
EVERY_MS = 6_000
"""One press each six seconds: the backlog of a week at a busy counter."""


def fill(outbox: Path, count: int, now_ms: int) -> None:
    """Make an outbox with a backlog, in one commit: a week of presses, one by one, would take a week.

    Nodes of one device are given the same `now_ms`, since they have one clock.
    """
    Outbox(outbox).close()
    since_ms = now_ms - count * EVERY_MS
    rows = []
    for number in range(count):
        moment = Moment(
            at_ms=since_ms + number * EVERY_MS, mono_ms=number * EVERY_MS, boot="bench", synced=True
        )
        body = RatingPressed(counter="quay-1", scale="vi4", level=1 + number % 4, source="button")
        raw = msgspec.json.encode(make_fact(body, moment))
        rows.append((raw, zlib.crc32(raw)))
    with contextlib.closing(sqlite3.connect(outbox)) as database, database:
        database.executemany("INSERT INTO facts (fact, crc) VALUES (?, ?)", rows)


def measure_drain(directory: Path) -> Measured:
    """Facts a second out of an outbox of 100,000 into the ledger of the hub's process."""
    with tempfile.TemporaryDirectory(dir=directory) as place, Hall(Path(place)) as hall:
        nodes = [f"rating-{number}" for number in range(ROUNDS)]
        config_path = hall.enrol(DEVICE, nodes)
        config = load_device_config(config_path)
        filled_ms = now_ms()
        for node in nodes:
            fill(node_directory(config, node) / "outbox.db", BACKLOG, filled_ms)
        hall.start_hub()
        waiting = iter(nodes)
        return side_by_side(
            "a backlog of 100,000 facts drained: outbox, TLS, Mosquitto, hub, ledger",
            "facts/s",
            "higher",
            lambda: _drain(hall, config_path, next(waiting)),
            lambda: bare_inserts(hall, Path(place) / "bare.db"),
            "bare sqlite3 executemany of the same rows into the same tables and indexes, WAL, "
            "synchronous=FULL, one commit per 200",
            rounds=ROUNDS,
        )


def _drain(hall: Hall, config_path: Path, node: str) -> float:
    desk = open_desk(config_path, node)
    outbox = node_directory(load_device_config(config_path), node) / "outbox.db"
    with contextlib.closing(sqlite3.connect(f"file:{outbox}?mode=ro", uri=True)) as seen:
        start_s = time.perf_counter()
        desk.start()
        try:
            await_true(
                lambda: seen.execute("SELECT acked FROM stream").fetchone()[0] >= BACKLOG, DRAINED_WITHIN_S
            )
            took_s = time.perf_counter() - start_s
        finally:
            desk.stop()
    taken = hall.ask(
        "SELECT count(*), count(DISTINCT seq) FROM facts WHERE node = ? AND seq <= ?", [node, BACKLOG]
    )
    assert taken == [(BACKLOG, BACKLOG)], f"lost or doubled: {taken}"
    return BACKLOG / took_s


def bare_inserts(hall: Hall, path: Path) -> float:
    """Write what the hub wrote for one node again, with nothing around SQLite; return facts a second."""
    path.unlink(missing_ok=True)
    tables = ("facts", "presses")
    schema = hall.ask(
        "SELECT sql FROM sqlite_master WHERE tbl_name IN (?, ?) AND sql IS NOT NULL AND type <> 'trigger' "
        "ORDER BY type DESC",
        tables,
    )
    rows = {table: hall.ask(f"SELECT * FROM {table} LIMIT {BACKLOG}") for table in tables}  # noqa: S608
    inserts = {table: _insert(table, len(found[0])) for table, found in rows.items()}
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        for (statement,) in schema:
            database.execute(statement)

        def write() -> None:
            for first in range(0, BACKLOG, MAX_FACTS_IN_BATCH):
                with database:
                    for table, sql in inserts.items():
                        database.executemany(sql, rows[table][first : first + MAX_FACTS_IN_BATCH])

        return per_second(BACKLOG, write)


def _insert(table: str, columns: int) -> str:
    return f"INSERT INTO {table} VALUES ({','.join('?' * columns)})"  # noqa: S608
