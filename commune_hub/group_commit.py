"""Batches that wait for the disk: what comes while one commit is written shares the next one.

A commit costs the disk a sync, some 20 ms on an SD card, however much is in it. An ack goes out only after
the commit that holds its facts.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from commune_hub.intake.fair_queue import FairQueue
from wire.batches import Batch, Stream

TakeAll = Callable[[Sequence[Batch]], Sequence[int | None]]
Acknowledge = Callable[[Batch, int], None]

log = logging.getLogger(__name__)


class GroupCommit:
    """One thread that commits what has come, in turns by device, and then says so.

    `take_all(batches)` commits them and returns for each how far its stream is committed, None for one that
    was left; `acknowledge(batch, committed)` tells its sender.
    """

    def __init__(self, take_all: TakeAll, acknowledge: Acknowledge) -> None:
        self._take_all = take_all
        self._acknowledge = acknowledge
        self._waiting = FairQueue()
        self._changed = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="commits", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def put(self, batch: Batch) -> bool:
        """Hand in a batch; waits while too many are waiting. False: its device has too many there already."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting.full)
            taken = self._waiting.put(batch)
            self._changed.notify_all()
            return taken

    def stop(self) -> None:
        """Commit what is waiting, and end. Nothing may be put in any more."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while together := self._gather():
            try:
                self._commit(together)
            except Exception:
                # Whoever is not told keeps his facts and sends them again; this thread must go on.
                log.exception("không ghi được vào sổ (cannot commit); %d batches", len(together))

    def _commit(self, together: Sequence[Batch]) -> None:
        for batch, up_to in acks(together, self._take_all(together)):
            self._acknowledge(batch, up_to)

    def _gather(self) -> list[Batch]:
        """Wait for batches and take them out; none at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            together = self._waiting.take()
            self._changed.notify_all()
            return together


def acks(batches: Sequence[Batch], committed: Sequence[int | None]) -> list[tuple[Batch, int]]:
    """Return the acks worth sending: those that a higher one of the same stream makes needless are left out.

    An equal one stays: the same ack again tells a sender of a gap.
    """
    found = [(batch, up_to) for batch, up_to in zip(batches, committed, strict=True) if up_to is not None]
    highest: dict[Stream, int] = {}
    for batch, up_to in found:
        highest[batch.stream] = max(up_to, highest.get(batch.stream, 0))
    return [(batch, up_to) for batch, up_to in found if up_to == highest[batch.stream]]
