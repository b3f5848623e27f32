"""Facts as they lie in the store, with the times that the book of true times gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from commune_hub.store import Row, Store
from commune_hub.timekeeping.boot_chain import Arrived
from commune_hub.timekeeping.true_time import Reading, synced_within_ms
from wire.batches import Stream
from wire.facts import Moment

PAGE_FACTS = 500
"""Facts timed anew in one go, some 25 ms on a PC. More wait for goes of their own, since the store is held
for each."""

_FACTS = (
    "SELECT seq, kind, body, facts.at_ms AS believed_ms, mono_ms, boot, synced, received_at, "
    "true_times.at_ms AS at_ms, sure, within_ms "
    "FROM facts LEFT JOIN true_times USING (device, node, epoch, seq) "
    "WHERE device = ? AND node = ? AND epoch = ?"
)


class KeptFacts:
    """Find facts of a stream by their numbers."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def neighbour(self, stream: Stream, seq: int, side: Literal["before", "after"]) -> Row | None:
        """Return the fact of the stream next to number `seq`; between them some may be lost."""
        where, order = ("seq < ?", "DESC") if side == "before" else ("seq > ?", "ASC")
        return self._store.row(f"{_FACTS} AND {where} ORDER BY seq {order} LIMIT 1", [*stream, seq])

    def page(self, stream: Stream, first: int, last: int) -> list[Row]:
        """Return the first PAGE_FACTS facts from number `first` to `last`."""
        sql = f"{_FACTS} AND seq BETWEEN ? AND ? ORDER BY seq LIMIT {PAGE_FACTS}"
        return self._store.rows(sql, [*stream, first, last])


def moment_of(row: Row) -> Moment:
    """Return a fact's stamp."""
    return Moment(
        at_ms=row["believed_ms"], mono_ms=row["mono_ms"], boot=row["boot"], synced=bool(row["synced"])
    )


def arrived_of(row: Row) -> Arrived:
    """Return a fact's stamp, and when it was received."""
    received_ms = round(datetime.fromisoformat(row["received_at"]).timestamp() * 1_000)
    return Arrived(moment_of(row), received_ms)


def reading_of(row: Row) -> Reading:
    """Return the time of a fact as kept: its row in the book, or its own stamp."""
    if row["sure"] is None:
        return Reading(row["believed_ms"], "exact", synced_within_ms(row["mono_ms"]))
    return Reading(row["at_ms"], row["sure"], row["within_ms"])


def reading_or_none(row: Row | None) -> Reading | None:
    """Return the time of a fact; None for none."""
    return None if row is None else reading_of(row)
