"""Whether a node and its hub mean the same facts by the same numbers.

They do not when a card was put back from an older image: the node uses numbers again that the hub has
committed long ago. Without a look at the facts themselves such facts would pass for repeats, and be lost in
silence. So every ack carries the mark of the fact that it speaks of, and the hub compares what comes again.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

from wire.batches import Batch
from wire.codec import encode
from wire.facts import Fact, FactDamaged

Kept = Callable[[int], Fact | None]
"""Returns the fact that the ledger holds under a number; None if it holds none."""


def mark_of(fact: Fact) -> int:
    """Return the CRC-32 of a fact as it is sent: enough to tell two facts of one number apart."""
    return zlib.crc32(encode(fact))


@dataclass(frozen=True)
class Fork:
    """Two streams under one name. They agree up to `agreed`; None: that is not to be seen from here."""

    agreed: int | None


def find_fork(batch: Batch, committed: int, kept: Kept) -> Fork | None:
    """Compare a batch with a ledger that is committed up to `committed`; None: they agree.

    Two histories part once and never meet again, since the facts behind carry another boot and time. So one
    look at the last number that both hold is enough, and only if it differs is the place searched for.
    """
    last = batch.first + len(batch.facts) - 1
    for number in range(min(last, committed), batch.first - 1, -1):
        here, there = batch.facts[number - batch.first], kept(number)
        if there is not None and not _damaged(here, there):
            return None if here == there else Fork(_agreed(batch, number, kept))
    if batch.first == committed + 1 and not _same_before(batch, kept):
        return Fork(None)
    return None


def _damaged(here: Fact, there: Fact) -> bool:
    """A fact that a bad card has changed since it was sent says nothing about the others."""
    return FactDamaged.KIND in (here.kind, there.kind)


def _agreed(batch: Batch, differs: int, kept: Kept) -> int | None:
    for number in range(differs - 1, batch.first - 1, -1):
        if batch.facts[number - batch.first] == kept(number):
            return number
    told_before = batch.oldest == batch.first or _same_before(batch, kept)
    return batch.first - 1 if told_before else None


def _same_before(batch: Batch, kept: Kept) -> bool:
    there = kept(batch.first - 1)
    return batch.before is None or there is None or batch.before == mark_of(there)
