"""One storage under load, in a process of its own: `python -m bench.storage_child WHOSE DIRECTORY WHAT`.

Runs under our Python with our outbox, or under the peers' Python with ThingsBoard's storage. WHAT is `rate`
(prints rows a second, counted once all are on disk), `kill` (puts until it is killed, a byte in the file
`accepted` for each row that was taken) or `stop` (puts, stops in order at once, ends).
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

RATE_ROWS = 10_000
STOP_ROWS = 5_000
ON_DISK_WITHIN_S = 60.0
BODY = '{"counter":"quay-1","scale":"vi4","level":1,"source":"button","ticket":null,"officer":null}'

Put = Callable[[int], object]
Stop = Callable[[], object]


def open_ours(directory: Path) -> tuple[Put, Stop]:
    """Open an outbox: a row that was taken is on disk."""
    from firmware_agent.delivery.outbox import Outbox
    from wire.facts import Moment, RatingPressed, make_fact

    outbox = Outbox(directory / "outbox.db")

    def put(number: int) -> None:
        moment = Moment(at_ms=time.time_ns() // 1_000_000, mono_ms=number, boot="bench", synced=True)
        outbox.append(
            make_fact(RatingPressed(counter="quay-1", scale="vi4", level=1, source="button"), moment)
        )

    return put, outbox.close


def open_thingsboard(directory: Path) -> tuple[Put, Stop]:
    """Open ThingsBoard IoT Gateway's SQLite storage with its defaults."""
    from thingsboard_gateway.storage.sqlite.sqlite_event_storage import (  # type: ignore[import-not-found]
        SQLiteEventStorage,
    )

    log = logging.getLogger("peer")
    log.trace = log.debug  # type: ignore[attr-defined]
    storage = SQLiteEventStorage({"data_file_path": f"{directory}/"}, log, threading.Event())
    return lambda _number: storage.put(BODY), storage.stop


STORAGES = {
    "ours": (open_ours, "outbox.db", "facts"),
    "thingsboard": (open_thingsboard, "data*.db", "messages"),
}


def rows_on_disk(whose: str, directory: Path) -> int:
    """Count the rows that a storage has on disk, without its own code."""
    _, pattern, table = STORAGES[whose]
    found = 0
    for path in directory.glob(pattern):
        with contextlib.closing(sqlite3.connect(path)) as database:
            found += database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
    return found


def _rate(whose: str, directory: Path, put: Put) -> None:
    start_s = time.perf_counter()
    for number in range(RATE_ROWS):
        put(number)
    while rows_on_disk(whose, directory) < RATE_ROWS:
        assert time.perf_counter() - start_s < ON_DISK_WITHIN_S, "rows never reached the disk"
        time.sleep(0.002)
    print(RATE_ROWS / (time.perf_counter() - start_s))


def _put_until_killed(directory: Path, put: Put) -> None:
    accepted = os.open(directory / "accepted", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    number = 0
    while True:
        put(number)
        os.write(accepted, b".")
        number += 1


def main(whose: str, directory: Path, what: str) -> None:
    """Do as the command line says."""
    put, stop = STORAGES[whose][0](directory)
    match what:
        case "rate":
            _rate(whose, directory, put)
            stop()
        case "kill":
            _put_until_killed(directory, put)
        case "stop":
            for number in range(STOP_ROWS):
                put(number)
            stop()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
