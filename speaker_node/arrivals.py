"""Emergencies that have just come over the link: how old they are is known without a wall clock."""

from __future__ import annotations

from collections.abc import Iterable

from firmware_agent.clock import Clock
from wire.intents import Bulletin

AT_ONCE_MS = 2 * 60_000
"""An emergency whose time lies so near behind its approval was meant for at once, not for a time of day."""


class Arrivals:
    """Keeps when each emergency was first seen, by the clock since boot.

        arrivals = Arrivals(clock, held)    # what was here before: its age is unknown
        arrivals.take(emergencies)          # of each new programme
        arrivals.fresh()                    # ids of those that may still begin, whatever the wall clock says

    What lay on the disk at the start may be days old. What comes later comes from a hub that is alive, and
    a hub sends no emergency whose window is over.
    """

    def __init__(self, clock: Clock, held: Iterable[Bulletin]) -> None:
        self._clock = clock
        self._known = frozenset(each.id for each in held)
        self._until_mono_ms: dict[str, int] = {}

    def take(self, emergencies: Iterable[Bulletin]) -> None:
        """Take note of the emergencies of a new programme."""
        held = {each.id: each for each in emergencies}
        now_mono_ms = self._clock.mono_ms()
        for id_ in held.keys() - self._known:
            if _at_once(held[id_]):
                self._until_mono_ms[id_] = now_mono_ms + held[id_].late_until_ms - held[id_].at_ms
        self._until_mono_ms = {id_: until for id_, until in self._until_mono_ms.items() if id_ in held}
        self._known = frozenset(held)

    def fresh(self) -> list[str]:
        """Return the ids of emergencies that came and may still begin."""
        if not self._until_mono_ms:
            return []
        now_mono_ms = self._clock.mono_ms()
        return [id_ for id_, until_ms in self._until_mono_ms.items() if now_mono_ms <= until_ms]


def _at_once(bulletin: Bulletin) -> bool:
    approved = bulletin.approved
    return approved is not None and bulletin.at_ms - approved.at_ms <= AT_ONCE_MS
