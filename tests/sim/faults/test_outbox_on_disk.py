"""An outbox that is opened while its card reads badly, or loses power: nothing that was there is gone."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from pathlib import Path

import pytest

from firmware_agent.database import DatabaseUnusableError
from firmware_agent.delivery.outbox import Outbox
from sim.faults.disk import Disk
from sim.faults.vfs import ForgetfulDrive
from wire.facts import IntentApplied, Moment, make_fact

OUTBOX = Path("outbox.db")


FACTS = 5
ACKED = 2


def filled(drive: ForgetfulDrive) -> Outbox:
    """An outbox with facts and state, some of them acknowledged."""
    outbox = Outbox(OUTBOX, drive)
    moment = Moment(at_ms=1, mono_ms=1, boot="b", synced=True)
    for number in range(FACTS):
        outbox.append(make_fact(IntentApplied(name="serving", number=number), moment), {"last": number})
    outbox.forget(ACKED)
    return outbox


def stands(outbox: Outbox) -> tuple[object, ...]:
    """All that the outbox knows."""
    return outbox.epoch, outbox.acked, outbox.newest, outbox.state("last"), outbox.read(1, 9, 10**6)


def opened(drive: ForgetfulDrive) -> Outbox:
    """Start the node until it starts."""
    for _ in range(100):
        with contextlib.suppress(sqlite3.Error, OSError, DatabaseUnusableError):
            return Outbox(OUTBOX, drive)
    pytest.fail("it never opens")


@pytest.mark.parametrize("killed", [True, False])
def test_reads_that_fail_at_the_opening_cost_nothing(killed: bool) -> None:
    drive = ForgetfulDrive(Disk(random.Random(1)))
    outbox = filled(drive)
    before = stands(outbox)
    if killed:
        drive.disk.cut_power()
    outbox.close()
    drive.disk.restore_power()
    image = drive.disk.image()
    for failures in range(1, 80):
        drive.disk.put_back(image)
        drive.disk.trouble["read"] = failures
        again = opened(drive)
        drive.disk.trouble.clear()
        assert stands(again) == before, failures
        again.close()
    drive.close()


def test_power_that_goes_while_a_damaged_one_is_rebuilt_costs_nothing() -> None:
    drive = ForgetfulDrive(Disk(random.Random(2)))
    outbox = filled(drive)
    before = stands(outbox)
    outbox.close()
    drive.write(OUTBOX, 0, bytes(100))  # SQLite's own header
    image = drive.disk.image()
    cuts = 0
    for writes in range(1, 1_000):
        drive.disk.put_back(image)
        drive.disk.fuse = writes
        with contextlib.suppress(sqlite3.Error, OSError, DatabaseUnusableError):
            Outbox(OUTBOX, drive).close()
        if drive.disk.powered:
            break
        drive.disk.restore_power()
        again = opened(drive)
        assert (stands(again), again.saved) == (before, FACTS - ACKED), writes
        assert again.set_aside is not None
        again.close()
        cuts += 1
    assert cuts > 20
    drive.close()
