"""Many loudspeakers in one process: `python -m bench.speakers_child DEVICE.toml …`, until its input ends.

Each is the node that ships, with its own outbox, link, certificate and virtual sound card. Only the voice is
another: a hundred Pis have a hundred processors to speak with, and this machine has two.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from firmware_agent.config import load_device_config
from firmware_agent.drive import Drive
from firmware_agent.runner import open_context
from speaker_node.chime import RATE_HZ
from speaker_node.node import SpeakerNode

NODE = "speaker"
RENDERED_WITHIN_S = 0.4
"""What a Pi 4 takes for a sentence. One process renders one bulletin at a time, so each of its loudspeakers
waits for those before it: the last one so long."""

SPEECH_S = 1.5

CARD_SYNC_S = 0.02
"""What an SD card takes to make a commit or a file safe."""


@dataclass(frozen=True)
class UnhurriedTone:
    """Speaks a tone after a while, which costs no processor time."""

    after_s: float
    name: str = "unhurried tone"

    def speak(self, _text: str) -> NDArray[np.int16]:
        """Return the tone; the same for every text."""
        time.sleep(self.after_s)
        at_s = np.arange(round(SPEECH_S * RATE_HZ)) / RATE_HZ
        tone: NDArray[np.int16] = (9_000 * np.sin(2 * np.pi * 330 * at_s)).astype(np.int16)
        return tone


def on_a_card(
    connect: Callable[[Drive, Path], sqlite3.Connection],
) -> Callable[[Drive, Path], sqlite3.Connection]:
    """Return what opens a database as `connect` does, on which a commit takes as long as on a card."""

    def slow(drive: Drive, path: Path) -> sqlite3.Connection:
        connection = connect(drive, path)
        connection.set_trace_callback(lambda sql: time.sleep(CARD_SYNC_S * sql.startswith("COMMIT")))
        return connection

    return slow


def sync_as_a_card(_descriptor: int) -> None:
    """Take the time that a card takes to make a file safe."""
    time.sleep(CARD_SYNC_S)


def main() -> None:
    """Run the loudspeakers that the command line names."""
    stop = threading.Event()
    with contextlib.ExitStack() as opened:
        opened.enter_context(patch.object(os, "fsync", sync_as_a_card))
        opened.enter_context(patch.object(Drive, "connect", on_a_card(Drive.connect)))
        threads = []
        voice = UnhurriedTone(RENDERED_WITHIN_S / len(sys.argv[1:]))
        for path in sys.argv[1:]:
            context = opened.enter_context(open_context(load_device_config(Path(path)), NODE, stop))
            node = SpeakerNode(context, voice)
            threads.append((threading.Thread(target=node.run, name=context.address.device), context))
        for thread, _ in threads:
            thread.start()
        sys.stdin.read()
        stop.set()
        for thread, context in threads:
            context.changed.set()
            thread.join(10)


if __name__ == "__main__":
    main()
