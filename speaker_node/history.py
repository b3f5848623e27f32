"""What became of each sounding at this loudspeaker: kept on disk, in one transaction with the facts.

A sounding is one time of one bulletin (wire.intents.soundings). It is *taken* (its time is near), *begun*
(marked just before its first sample, so that a power cut can never make it sound twice) and *settled* (its
one last fact is written). One that was *cut* by something more urgent is open again, and keeps how much of it
has sounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from wire.intents import Bulletin

STATE_KEY = "speaker.bulletins"
KEPT_MAX = 512
"""Most bulletins that are remembered; beyond it the ones whose time passed first are forgotten."""
REMEMBERED_MS = 2 * 86_400_000
"""A settled bulletin that left the programme is remembered this long after its window closed."""


@dataclass(frozen=True)
class Record:
    """How far one bulletin has come. Times are UTC milliseconds."""

    at_ms: int = 0
    late_until_ms: int = 0
    begun: bool = False
    settled: bool = False
    started_at_ms: int = 0
    """When it first began, for one that was cut; 0: it was not."""
    sounded_ms: int = 0
    """How much of it has sounded and is not sounded again."""
    cut_by: str = ""
    """Id of the sounding that cut it last; empty: none did."""


@dataclass(frozen=True)
class History:
    """All bulletins that this node knows of. It does not change; each step returns a new one.

    history = History.read(facts.state(STATE_KEY))
    facts.record(PlaybackFinished(…), history.settle("bulletin-1").state())
    """

    records: Mapping[str, Record] = field(default_factory=dict)

    @classmethod
    def read(cls, state: Mapping[str, Mapping[str, Any]] | None) -> History:
        """Return the history that `state()` kept; an empty one for None."""
        return cls({bulletin: Record(**values) for bulletin, values in (state or {}).items()})

    def state(self) -> dict[str, Any]:
        """Return what to keep on disk, by key, as JSON values."""
        told = {
            id_: {name: value for name, value in vars(each).items() if value}
            for id_, each in self.records.items()
        }
        return {STATE_KEY: told}

    def take(self, bulletins: Iterable[Bulletin], now_ms: int | None) -> History:
        """Know the bulletins of the programme, and forget what can never matter again.

        `now_ms` is None while the clock is unsure: then nothing is forgotten by its time.
        """
        shown = {each.id: each for each in bulletins}
        kept = {id_: each for id_, each in self.records.items() if id_ in shown or _matters(each, now_ms)}
        for id_, each in shown.items():
            kept[id_] = replace(self.of(id_), at_ms=each.at_ms, late_until_ms=each.late_until_ms)
        newest = sorted(kept, key=lambda id_: (id_ in shown, kept[id_].late_until_ms))[-KEPT_MAX:]
        return History({id_: kept[id_] for id_ in newest})

    def begin(self, bulletin: str) -> History:
        """Mark a bulletin as begun."""
        return self._with(bulletin, begun=True)

    def unmark(self, bulletin: str) -> History:
        """Take the mark back from a bulletin of which no sample has sounded."""
        return self._with(bulletin, begun=False)

    def cut(self, bulletin: str, by: str, started_at_ms: int, sounded_ms: int) -> History:
        """Open a bulletin again that something more urgent cut; it goes on after `sounded_ms`."""
        return self._with(
            bulletin, begun=False, cut_by=by, started_at_ms=started_at_ms, sounded_ms=sounded_ms
        )

    def settle(self, bulletin: str) -> History:
        """Mark a bulletin as having its last fact."""
        return self._with(bulletin, settled=True)

    def settled(self, bulletin: str) -> bool:
        """Tell whether the bulletin has its last fact."""
        record = self.records.get(bulletin)
        return record is not None and record.settled

    def of(self, bulletin: str) -> Record:
        """Return how far a bulletin has come; an empty record for one that is not known."""
        return self.records.get(bulletin, Record())

    def begun(self) -> list[str]:
        """Return the bulletins that began and have no last fact."""
        return [id_ for id_, each in self.records.items() if each.begun and not each.settled]

    def open(self) -> dict[str, Record]:
        """Return the bulletins that neither began nor have their last fact."""
        return {id_: each for id_, each in self.records.items() if not each.begun and not each.settled}

    def _with(self, bulletin: str, **changes: Any) -> History:
        return History({**self.records, bulletin: replace(self.of(bulletin), **changes)})


def _matters(record: Record, now_ms: int | None) -> bool:
    """A bulletin that left the programme before it was due is forgotten: it may come back as new."""
    if now_ms is None:
        return True
    if not record.settled:
        return record.begun or bool(record.cut_by) or record.at_ms <= now_ms
    return now_ms <= record.late_until_ms + REMEMBERED_MS
