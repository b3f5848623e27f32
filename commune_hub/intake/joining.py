"""Batches of one stream that follow each other are taken as one: what each costs is paid once. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from wire.agreement import mark_of
from wire.batches import Batch, Stream

Joined = tuple[Batch, list[int]]
"""A batch, and the places of those that it was made of."""


def join(batches: Sequence[Batch]) -> list[Joined]:
    """Return `batches`, those of one stream together and joined where one goes on where the last ended.

    The order within each stream stays. A joined batch may hold more facts than one on the wire.
    """
    runs: dict[Stream, list[list[int]]] = {}
    for index, batch in enumerate(batches):
        of_stream = runs.setdefault(batch.stream, [])
        if of_stream and _goes_on(batches[of_stream[-1][-1]], batch):
            of_stream[-1].append(index)
        else:
            of_stream.append([index])
    return [(_joined([batches[index] for index in run]), run) for each in runs.values() for run in each]


def _goes_on(last: Batch, batch: Batch) -> bool:
    """Tell whether judging both at once comes to the same: no number between, no other history."""
    follows = batch.first == last.last + 1 and batch.oldest <= last.first
    return follows and batch.before in (None, mark_of(last.facts[-1]))


def _joined(run: Sequence[Batch]) -> Batch:
    if len(run) == 1:
        return run[0]
    return structs.replace(run[0], facts=[fact for batch in run for fact in batch.facts])
