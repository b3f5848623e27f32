"""What is tried on a full disk, each scene in a process that may mount: `tests.faults.small_disk.play`."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path

from firmware_agent.clock import SystemClock, moment
from firmware_agent.delivery.outbox import Outbox
from firmware_agent.delivery.reserve import Reserve
from tests.faults.small_disk import on_small_disk
from tests.faults.trouble import DEVICE, NODE, WRITER, Trouble
from tests.support.waiting import await_condition
from wire.facts import Body, HealthSampled, RatingPressed, make_fact
from wire.names import HUB

NODE_DISK_KB = 8 * 1024
CARD_KB = 6 * 1024
HUB_DISK_KB = 24 * 1024


def node(directory: Path) -> None:
    """Somebody else fills a node's disk: it says no where it cannot keep, goes on, recovers by itself."""
    with Trouble(directory) as trouble:
        hall = trouble.hall
        home = hall.directory / "devices" / DEVICE
        disk = on_small_disk(home, NODE_DISK_KB, lambda: [hall.crew.pid(WRITER)])
        trouble.begin()
        trouble.network.cut(DEVICE)  # what is accepted now cannot be forgotten yet
        disk.fill()
        if _mounted():
            reserve = home / NODE / "reserve"
            await_condition(lambda: not reserve.exists(), 60)
            disk.fill(leave_kb=512)
        await_condition(lambda: len(trouble.diary().refused) >= 3, 60)
        assert hall.crew.running(WRITER)
        refused_while_full = set(trouble.diary().refused)
        trouble.network.mend(DEVICE)
        # The hub's acks let it forget, although the disk is as full as ever: it serves again.
        kept = len(trouble.diary().on_disk)
        await_condition(lambda: len(trouble.diary().on_disk) > kept + 20 or not _mounted(), 60)
        disk.free()
        kept = len(trouble.diary().on_disk)
        await_condition(lambda: len(trouble.diary().on_disk) > kept + 20, 60)
        trouble.end_and_check()
        assert not refused_while_full & set(trouble.taken()), "said no and kept it all the same"


def hub(directory: Path) -> None:
    """The hub's disk is full: it serves, acknowledges nothing that it has not, and catches up afterwards."""
    with Trouble(directory) as trouble:
        hall = trouble.hall
        disk = on_small_disk(hall.directory / "hub", HUB_DISK_KB, lambda: [hall.crew.pid(HUB)])
        trouble.begin()
        if _mounted():
            await_condition((hall.directory / "hub" / "reserve").exists, 30)
        disk.fill()
        written = len(trouble.diary().on_disk)
        await_condition(lambda: len(trouble.diary().on_disk) > written + 400, 60)
        hall.await_hub()
        behind = len(trouble.diary().on_disk) - len(trouble.taken())
        assert behind > 0, "the disk was never full"
        assert hall.crew.running(HUB)
        # The power fails while it is full: it comes back, serves, and still acknowledges nothing new.
        if _mounted():
            hall.crew.kill(HUB)
            hall.start_hub()
        disk.free()
        assert not trouble.end_and_check().refused


def outbox(directory: Path) -> None:
    """On a disk that nobody empties, presses take the room of old telemetry; what was accepted is there."""
    home = directory / "card"
    home.mkdir()
    disk = on_small_disk(home, CARD_KB, lambda: [os.getpid()])
    clock = SystemClock()
    reserve = Reserve(home / "reserve")
    assert reserve.keep()
    box = Outbox(home / "outbox.db", room=reserve)

    def append(body: Body) -> bool:
        try:
            box.append(make_fact(body, moment(clock)))
        except (sqlite3.Error, OSError):
            return False
        return True

    health = HealthSampled(cpu_celsius=50.0, disk_free_mb=0, memory_free_mb=1, uptime_s=1)
    for _ in range(1_500):
        assert append(health)
    disk.fill()
    kept = 0
    while append(RatingPressed(counter="quay-1", scale="vi4", level=1, source="button", ticket=str(kept))):
        kept += 1
        assert kept < 20_000
    box.close()
    disk.free()
    with sqlite3.connect(home / "outbox.db") as found:
        rows = found.execute("SELECT json_extract(CAST(fact AS TEXT), '$.body.ticket') FROM facts").fetchall()
    tickets = [int(ticket) for (ticket,) in rows if ticket is not None]
    assert tickets == list(range(kept))
    if _mounted():
        assert kept > 500, kept
        assert len(rows) < kept + 1_500, "no telemetry was let go"


def _mounted() -> bool:
    return bool(os.environ.get("COMMUNE_MAY_MOUNT"))


if __name__ == "__main__":
    {"node": node, "hub": hub, "outbox": outbox}[sys.argv[1]](Path(sys.argv[2]).resolve())
    print(f"good, {'on tmpfs' if _mounted() else 'by a limit'}")
