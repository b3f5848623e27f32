"""Batches that wait for a commit, taken in turns: device by device, of a device stream by stream. Pure."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from typing import Literal

from wire.batches import Batch, Stream

FACTS_WAITING_MAX = 20_000
"""Most facts in memory, some 20 MB. While so many wait, the rest stays with the broker."""

BATCHES_WAITING_MAX = 512
"""Most batches in memory, each some KB however small."""

FACTS_TOGETHER_MAX = 1_600
"""Most facts in one commit (one batch may go beyond): the store is held for it, some 20 ms on a PC."""

BATCHES_TOGETHER_MAX = 128
"""Most batches in one commit: small ones cost more by the batch than by the fact."""

OF_ONE_DEVICE = 2
"""No device has more than one of so many parts of all the room."""


class FairQueue:
    """The order within a stream stays; a device with much to say delays no other by more than one batch."""

    def __init__(self) -> None:
        self._devices: OrderedDict[str, OrderedDict[Stream, deque[Batch]]] = OrderedDict()
        self._facts: Counter[str] = Counter()
        self._batches: Counter[str] = Counter()
        self._facts_in_all = self._batches_in_all = 0

    def __bool__(self) -> bool:
        """Whether any batch waits."""
        return bool(self._devices)

    @property
    def full(self) -> bool:
        """Whether no more should be put in before some is taken."""
        return self._facts_in_all >= FACTS_WAITING_MAX or self._batches_in_all >= BATCHES_WAITING_MAX

    def put(self, batch: Batch) -> bool:
        """Add a batch; False, and it is left out, when its device has its share of the room already."""
        device = batch.device
        facts, batches = self._facts[device], self._batches[device]
        if facts * OF_ONE_DEVICE >= FACTS_WAITING_MAX or batches * OF_ONE_DEVICE >= BATCHES_WAITING_MAX:
            return False
        streams = self._devices.setdefault(device, OrderedDict())
        streams.setdefault(batch.stream, deque()).append(batch)
        self._count(batch, 1)
        return True

    def take(self) -> list[Batch]:
        """Take out what goes into one commit."""
        together: list[Batch] = []
        facts = 0
        while self._devices and facts < FACTS_TOGETHER_MAX and len(together) < BATCHES_TOGETHER_MAX:
            together.append(self._next())
            facts += len(together[-1].facts)
        return together

    def _next(self) -> Batch:
        """Take the batch whose turn it is; its stream and its device go to the end of their lines."""
        device, streams = self._devices.popitem(last=False)
        stream, batches = streams.popitem(last=False)
        batch = batches.popleft()
        if batches:
            streams[stream] = batches
        if streams:
            self._devices[device] = streams
        self._count(batch, -1)
        if not streams:
            del self._facts[device], self._batches[device]
        return batch

    def _count(self, batch: Batch, sign: Literal[1, -1]) -> None:
        self._facts[batch.device] += sign * len(batch.facts)
        self._batches[batch.device] += sign
        self._facts_in_all += sign * len(batch.facts)
        self._batches_in_all += sign
