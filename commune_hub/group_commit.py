"""Batches that wait for the disk: what comes while one commit is written shares the next one.

A commit costs the disk a sync, some 20 ms on an SD card, however much is in it. An ack goes out only after
the commit that holds its facts.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Sequence

from wire.batches import Batch

BATCHES_WAITING_MAX = 64
"""Most batches in memory, some 6 MB. Taking one more waits for room; the rest stays with the broker."""

FACTS_TOGETHER_MAX = 1_600
"""Most facts in one commit (one batch may go beyond): the store is held for it, some 30 ms on a PC."""

Stream = tuple[str, str, str]
"""Device, node, epoch."""

TakeAll = Callable[[Sequence[Batch]], Sequence[int | None]]
Acknowledge = Callable[[Batch, int], None]

log = logging.getLogger(__name__)


class GroupCommit:
    """One thread that commits what has come and then says so.

    `take_all(batches)` commits them and returns for each how far its stream is committed, None for one that
    was left; `acknowledge(batch, committed)` tells its sender.
    """

    def __init__(self, take_all: TakeAll, acknowledge: Acknowledge) -> None:
        self._take_all = take_all
        self._acknowledge = acknowledge
        self._waiting: queue.Queue[Batch | None] = queue.Queue(BATCHES_WAITING_MAX)
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="commits", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def put(self, batch: Batch) -> None:
        """Hand in a batch; waits while too many are waiting."""
        self._waiting.put(batch)

    def stop(self) -> None:
        """Commit what is waiting, and end. Nothing may be put in any more."""
        if self._thread.is_alive():
            self._waiting.put(None)
            self._thread.join()

    def _run(self) -> None:
        while not self._ended:
            together = self._gather()
            try:
                self._commit(together)
            except Exception:
                # Whoever is not told keeps his facts and sends them again; this thread must go on.
                log.exception("không ghi được vào sổ (cannot commit); %d batches", len(together))

    def _commit(self, together: Sequence[Batch]) -> None:
        committed = self._take_all(together) if together else ()
        for batch, up_to in acks(together, committed):
            self._acknowledge(batch, up_to)

    def _gather(self) -> list[Batch]:
        """Wait for a batch; return it with those that wait behind it."""
        together: list[Batch] = []
        batch = self._waiting.get()
        with contextlib.suppress(queue.Empty):
            while batch is not None:
                together.append(batch)
                if sum(len(each.facts) for each in together) >= FACTS_TOGETHER_MAX:
                    return together
                batch = self._waiting.get_nowait()
            self._ended = True
        return together


def acks(batches: Sequence[Batch], committed: Sequence[int | None]) -> list[tuple[Batch, int]]:
    """Return the acks worth sending: those that a higher one of the same stream makes needless are left out.

    An equal one stays: the same ack again tells a sender of a gap.
    """
    found = [(batch, up_to) for batch, up_to in zip(batches, committed, strict=True) if up_to is not None]
    highest: dict[Stream, int] = {}
    for batch, up_to in found:
        stream = _stream(batch)
        highest[stream] = max(up_to, highest.get(stream, 0))
    return [(batch, up_to) for batch, up_to in found if up_to == highest[_stream(batch)]]


def _stream(batch: Batch) -> Stream:
    return (batch.device, batch.node, batch.epoch)
