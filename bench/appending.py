"""Appending: what a durable press costs beside the bare commit, and what a peer keeps of its rows."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.measure import Measured, Skipped, side_by_side
from bench.peers import PeerMissingError, peer_python
from bench.storage_child import STOP_ROWS, rows_on_disk
from commune_hub.times import now_ms
from firmware_agent.delivery.outbox import Outbox
from wire.facts import Fact, Moment, RatingPressed, make_fact

PRESSES = 500
ROUNDS = 7
CHILD_WITHIN_S = 90
ACCEPTED_BEFORE_KILL = 300
PEER = "ThingsBoard IoT Gateway 3.8.5, SQLiteEventStorage, its defaults"


def _press(number: int) -> Fact:
    moment = Moment(at_ms=now_ms(), mono_ms=number, boot="bench", synced=True)
    return make_fact(
        RatingPressed(counter="quay-1", scale="vi4", level=1 + number % 4, source="button"), moment
    )


def _median_us(work: Callable[[int], object]) -> float:
    took_ns = []
    for number in range(PRESSES):
        start_ns = time.perf_counter_ns()
        work(number)
        took_ns.append(time.perf_counter_ns() - start_ns)
    return statistics.median(took_ns) / 1_000


def measure_append(directory: Path) -> Measured:
    """Time of one durable press, beside the commit of the same row by SQLite alone."""

    def ours() -> float:
        with tempfile.TemporaryDirectory(dir=directory) as place:
            outbox = Outbox(Path(place) / "outbox.db")
            took_us = _median_us(lambda number: outbox.append(_press(number)))
            outbox.close()
            return took_us

    return side_by_side(
        "one press made a fact and committed (median)",
        "µs",
        "lower",
        ours,
        lambda: _bare_commits(directory),
        "the same row committed by sqlite3 alone, WAL, synchronous=FULL",
        rounds=ROUNDS,
    )


def _bare_commits(directory: Path) -> float:
    rows = [(raw, zlib.crc32(raw)) for raw in (msgspec.json.encode(_press(n)) for n in range(PRESSES))]
    with (
        tempfile.TemporaryDirectory(dir=directory) as place,
        contextlib.closing(sqlite3.connect(f"{place}/bare.db", isolation_level=None)) as database,
    ):
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute(
            "CREATE TABLE facts (seq INTEGER PRIMARY KEY AUTOINCREMENT, fact BLOB NOT NULL, "
            "crc INTEGER NOT NULL) STRICT"
        )

        def commit(number: int) -> None:
            database.execute("INSERT INTO facts (fact, crc) VALUES (?, ?)", rows[number])

        return _median_us(commit)


def measure_peer_rate(directory: Path) -> Measured | Skipped:
    """Rows a second until all are on disk: ours commits each, the peer some thousand at a time, unsynced."""
    name = "rows put one by one until all are on disk"
    return _beside_peer(
        name, "rows/s", "higher", directory, lambda whose, place: float(_run_child(whose, place, "rate"))
    )


def measure_peer_kill(directory: Path) -> Measured | Skipped:
    """Accepted rows that are gone after SIGKILL."""
    return _beside_peer("accepted rows lost by kill -9", "rows", "lower", directory, _lost_by_kill)


def measure_peer_stop(directory: Path) -> Measured | Skipped:
    """Accepted rows that are gone after an orderly stop right after the last put."""
    name = f"accepted rows lost by a graceful stop right after {STOP_ROWS:,} puts"
    return _beside_peer(name, "rows", "lower", directory, _lost_by_stop)


def _beside_peer(
    name: str, unit: str, better: str, directory: Path, figure: Callable[[str, Path], float]
) -> Measured | Skipped:
    try:
        peer_python()
    except PeerMissingError as error:
        return Skipped(name, str(error))

    def take(whose: str) -> float:
        with tempfile.TemporaryDirectory(dir=directory) as place:
            return figure(whose, Path(place).resolve())

    return side_by_side(name, unit, better, lambda: take("ours"), lambda: take("thingsboard"), PEER, rounds=3)


def _command(whose: str, place: Path, what: str) -> list[str]:
    python = sys.executable if whose == "ours" else str(peer_python())
    return [python, "-m", "bench.storage_child", whose, str(place), what]


def _run_child(whose: str, place: Path, what: str) -> str:
    done = subprocess.run(
        _command(whose, place, what), check=True, capture_output=True, text=True, timeout=CHILD_WITHIN_S
    )
    return done.stdout.strip() or "0"


def _lost_by_stop(whose: str, place: Path) -> float:
    _run_child(whose, place, "stop")
    return STOP_ROWS - rows_on_disk(whose, place)


def _lost_by_kill(whose: str, place: Path) -> float:
    accepted = place / "accepted"
    with subprocess.Popen(_command(whose, place, "kill"), stderr=subprocess.DEVNULL) as child:
        deadline_s = time.monotonic() + CHILD_WITHIN_S
        while not (accepted.exists() and accepted.stat().st_size >= ACCEPTED_BEFORE_KILL):
            assert child.poll() is None, "the storage ended by itself"
            assert time.monotonic() < deadline_s, "the storage takes nothing"
            time.sleep(0.001)
        os.kill(child.pid, signal.SIGKILL)
    return max(0, accepted.stat().st_size - rows_on_disk(whose, place))
