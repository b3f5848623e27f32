"""An outbox that is opened while its card reads badly: what cannot be read now is not taken for gone."""

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


def opened(drive: ForgetfulDrive) -> Outbox:
    """Start the node until it starts."""
    for _ in range(100):
        with contextlib.suppress(sqlite3.Error, DatabaseUnusableError):
            return Outbox(OUTBOX, drive)
    pytest.fail("it never opens")


@pytest.mark.parametrize("killed", [True, False])
def test_reads_that_fail_at_the_opening_cost_nothing(killed: bool) -> None:
    drive = ForgetfulDrive(Disk(random.Random(1)))
    outbox = Outbox(OUTBOX, drive)
    moment = Moment(at_ms=1, mono_ms=1, boot="b", synced=True)
    for number in range(5):
        outbox.append(make_fact(IntentApplied(name="serving", number=number), moment), {"last": number})
    outbox.forget(2)
    stands = (outbox.epoch, outbox.acked, outbox.newest, outbox.state("last"), outbox.read(1, 9, 10**6))
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
        found = (again.epoch, again.acked, again.newest, again.state("last"), again.read(1, 9, 10**6))
        assert found == stands, failures
        again.close()
    drive.close()
