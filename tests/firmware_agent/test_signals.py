"""Whoever is asked to end ends, whatever his main thread is in the middle of."""

from __future__ import annotations

import subprocess
import sys

from tests.support.waiting import HANGS_S

IN_THE_MIDDLE = """
import os, signal, threading
from firmware_agent.signals import stop_on_signals
stop = stop_on_signals()
with stop._cond:  # as the main thread does for a moment whenever it waits for the event
    os.kill(os.getpid(), signal.SIGTERM)
    print("heard", flush=True)
stop.wait()
print("ended", flush=True)
"""


def test_a_signal_that_comes_while_the_event_is_locked_is_heeded() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_THE_MIDDLE], capture_output=True, text=True, timeout=HANGS_S, check=True
    )
    assert done.stdout.split() == ["heard", "ended"]
