"""What a programme holds, time by time: which soundings are near, and what is needed ahead."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection

from wire.intents import Bulletin, Programme, bulletin_of, soundings

NEAR_MS = 10 * 60_000
"""So long before its time a sounding is looked at."""

LINGER_MS = 4 * 3_600_000
"""What was due is kept ready so long: it may still sound, or go on after it was cut."""

NEAR_MAX = 256
"""Most soundings that are looked at, the nearest ones: what is further back was settled long ago."""

ORDER_EVERY_MS = 30_000
"""The order in which bulletins are needed is worked out anew so often."""


class Timetable:
    """The soundings of the programme that holds, in order of time.

    timetable.take(programme)
    timetable.near(now_ms)        # soundings that are due, were due, or will be soon
    timetable.needed(now_ms)      # bulletins, what sounds next first: to be rendered and fetched so
    "bulletin-1" in timetable.ids
    """

    def __init__(self) -> None:
        self._programme: Programme | None = None
        self._soundings: list[Bulletin] = []
        self._ordered_at_ms: int | None = None
        self._needed: list[Bulletin] = []
        self.ids: frozenset[str] = frozenset()
        """Ids of all soundings."""

    def take(self, programme: Programme | None) -> bool:
        """Go by this programme; return whether it is another one."""
        if programme is self._programme or programme == self._programme:
            return False
        self._programme = programme
        bulletins = programme.bulletins if programme else []
        once = {each.id: each for bulletin in reversed(bulletins) for each in soundings(bulletin)}
        self._soundings = sorted(once.values(), key=lambda each: (each.at_ms, each.id))
        self.ids = frozenset(once)
        self._ordered_at_ms = None
        return True

    def near(self, now_ms: int, also: Collection[str] = ()) -> list[Bulletin]:
        """Return the soundings up to a little after `now_ms`, and those named in `also` at any time."""
        until = bisect_right(self._soundings, now_ms + NEAR_MS, key=lambda each: each.at_ms)
        named = [each for each in self._soundings[until:] if each.id in also] if also else []
        return self._soundings[max(0, until - NEAR_MAX) : until] + named

    def emergencies(self) -> list[Bulletin]:
        """Return the soundings that are emergencies."""
        return [each for each in self._soundings if each.emergency]

    def needed(self, now_ms: int) -> list[Bulletin]:
        """Return every bulletin that has a time to come, by its next one, emergencies first."""
        ordered_ms = self._ordered_at_ms
        if ordered_ms is None or not 0 <= now_ms - ordered_ms < ORDER_EVERY_MS:
            coming = [each for each in self._soundings if now_ms - LINGER_MS <= each.late_until_ms]
            next_of = {bulletin_of(each.id): each for each in reversed(coming)}
            self._needed = sorted(next_of.values(), key=lambda each: (not each.emergency, each.at_ms))
            self._ordered_at_ms = now_ms
        return self._needed
