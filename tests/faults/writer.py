"""A node that writes all the time: `python -m tests.faults.writer DEVICE_TOML NODE DIARY [count]`.

For each fact it notes in the diary that it will write it (`+`), and that it is on disk (`=`) or was refused
(`-`). The diary is appended line by line, so that it survives a SIGKILL at any point.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from pathlib import Path

from bench.hall import open_desk
from wire.facts import RatingPressed

PAUSE_S = 0.002
PAUSE_WHEN_REFUSED_S = 0.05


def main(config: Path, node: str, diary: Path, count: int) -> None:
    """Write `count` facts and stay until killed."""
    desk = open_desk(config, node)
    desk.start()
    notes = os.open(diary, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    start = f"{time.time_ns():x}"
    for number in range(count):
        name = f"{start}-{number}"
        os.write(notes, f"+ {name}\n".encode())
        press = RatingPressed(counter="quay-1", scale="vi4", level=1, source="button", ticket=name)
        try:
            desk.record(press)
        except (sqlite3.Error, OSError):
            os.write(notes, f"- {name}\n".encode())
            time.sleep(PAUSE_WHEN_REFUSED_S)
        else:
            os.write(notes, f"= {name}\n".encode())
        time.sleep(PAUSE_S)
    while True:
        time.sleep(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else 10**9)
