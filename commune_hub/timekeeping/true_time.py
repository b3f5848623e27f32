"""True times: what the hub makes of the stamps of a clock that did not know the time. Pure; see docs/time.md.

Within one boot of a device, monotonic time and true time differ by one offset. A stamp of a synchronised
clock is an *anchor*: it gives the offset, for every stream of that device. A boot without an anchor is held
between what lies before it and what lies after it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct, structs

from firmware_agent.clock import HOLDOVER_MS

DRIFT_PPM = 100
"""Worst rate error of a Pi's crystal, heat and age included: parts per million. (Specified: ±30 to ±50.)"""

SYNC_MS = 500
"""How far a clock that was just synchronised may be off. timesyncd sets a clock that is off by more than
0.4 s, and lets one that is off by less creep there (NTP_MAX_ADJUST in its source)."""

AGREE_MS = 2 * SYNC_MS
"""Two stamps whose offsets differ by no more agree: the clock was not set between them."""

ROUNDING_MS = 2
"""Two stamps of whole milliseconds lie this much wrong together."""

SYNC_AGE_MAX_MS = HOLDOVER_MS + 9 * 3_600_000
"""A stamp that says `synced` was synchronised at most so long before: the holdover, and before it the time
in which the kernel lets its error grow to 16 s at 500 ppm (8.9 hours)."""

FLOOR_MS = 1_751_302_800_000
"""2025-07-01 in Vietnam: communes of this shape began, no fact of theirs is older."""

AHEAD_MAX_MS = 86_400_000
"""A stamp that lies this far beyond its own arrival is not believed, whatever it says of its clock."""

ANCHOR_EVERY_MS = 3_600_000
"""Anchors that agree are kept no closer than this."""

ANCHORS_MAX = 64
"""Most anchors kept of one boot; the second oldest goes first."""

WORTH_MS = 1_000
"""A bound that gets narrower by less is left as it is: facts are not timed anew for it."""

Sure = Literal["exact", "worked_out", "bounded", "believed"]
"""How sure a time is, the surest first: the stamp itself of a synchronised clock; an offset learnt in the
same boot; between what lies before and after; the clock's word against other evidence."""


class Reading(Struct, frozen=True):
    """A worked-out time: the true one lies within `within_ms` of `at_ms`."""

    at_ms: int
    sure: Sure
    within_ms: int


class Anchor(Struct, frozen=True):
    """At this monotonic time of its boot, it was this time (UTC milliseconds)."""

    mono_ms: int
    at_ms: int

    @property
    def offset_ms(self) -> int:
        """Wall time at the boot's start."""
        return self.at_ms - self.mono_ms


def drift_ms(elapsed_ms: int) -> int:
    """Return how far a crystal may stray in `elapsed_ms`, with room for stamps cut to milliseconds."""
    return ROUNDING_MS - (-abs(elapsed_ms) * DRIFT_PPM // 1_000_000)


def synced_within_ms(mono_ms: int) -> int:
    """Return how far the stamp of a clock that calls itself synchronised may be off, `mono_ms` after boot."""
    return SYNC_MS + drift_ms(min(mono_ms, SYNC_AGE_MAX_MS))


class Boot(Struct, frozen=True):
    """What is known about the time of one boot of one device.

    `after_ms`: it began not before. `before`: at this monotonic time it was at the latest this time.
    """

    anchors: tuple[Anchor, ...] = ()
    after_ms: int = FLOOR_MS
    before: Anchor | None = None

    def with_anchor(self, new: Anchor) -> Boot:
        """Return the boot knowing of a synchronised stamp; itself when that tells nothing new.

        Of a run of anchors that agree, the first and the last are kept.
        """
        index = bisect_right(self.anchors, new.mono_ms, key=lambda each: each.mono_ms)
        older, newer = self.anchors[:index], self.anchors[index:]
        near = [*older[-1:], *newer[:1]]
        agreeing = [each for each in near if _agree(each, new)]
        if len(agreeing) == 2 or any(abs(each.mono_ms - new.mono_ms) < ANCHOR_EVERY_MS for each in agreeing):
            return self
        anchors = _without_middles((*older, new, *newer), around=index)
        if len(anchors) > ANCHORS_MAX:
            anchors = (anchors[0], *anchors[2:])
        return structs.replace(self, anchors=anchors)

    def with_after(self, after_ms: int) -> Boot:
        """Return the boot knowing that it began not before `after_ms`, if that is worth knowing."""
        worth = not self.anchors and after_ms >= self.after_ms + WORTH_MS
        return structs.replace(self, after_ms=after_ms) if worth else self

    def with_before(self, before: Anchor) -> Boot:
        """Return the boot knowing that it was at most `before.at_ms` at that moment, if worth knowing."""
        known = self.before
        worth = known is None or before.offset_ms <= known.offset_ms - WORTH_MS
        return structs.replace(self, before=before) if worth and not self.anchors else self

    def earliest_ms(self, mono_ms: int) -> int:
        """Return the earliest that the moment `mono_ms` of this boot can have been."""
        if self.anchors:
            reading = self.anchored(mono_ms)
            return reading.at_ms - reading.within_ms
        return self.after_ms + mono_ms - drift_ms(mono_ms)

    def latest_ms(self, mono_ms: int) -> int | None:
        """Return the latest that the moment `mono_ms` of this boot can have been; None: unknown."""
        if self.anchors:
            reading = self.anchored(mono_ms)
            return reading.at_ms + reading.within_ms
        if self.before is None:
            return None
        apart_ms = mono_ms - self.before.mono_ms
        return self.before.at_ms + apart_ms + drift_ms(apart_ms)

    def read(self, mono_ms: int, received_ms: int) -> Reading:
        """Return the time of a fact that a clock wrote without knowing it, received at `received_ms`.

        Without an anchor the latest possible time is chosen: a device that runs while its facts arrive wrote
        its newest a moment before; the loose end of the interval is the earlier one.
        """
        if self.anchors:
            return _in_bounds(self.anchored(mono_ms), received_ms)
        at_ms = latest_ms = received_ms
        if self.before is not None:
            at_ms = max(0, min(self.before.offset_ms + mono_ms, received_ms))
            latest_ms = max(at_ms, min(self.latest_ms(mono_ms) or 0, received_ms))
        earliest_ms = self.earliest_ms(mono_ms)
        if earliest_ms > latest_ms:
            return Reading(at_ms, "believed", earliest_ms - at_ms)
        return Reading(at_ms, "bounded", max(latest_ms - at_ms, at_ms - earliest_ms))

    def anchored(self, mono_ms: int) -> Reading:
        """Return the time of a moment of a boot that has anchors, going from the one that promises most.

        Anchors that contradict each other widen the promise.
        """
        index = bisect_right(self.anchors, mono_ms, key=lambda each: each.mono_ms)
        near = self.anchors[max(0, index - 1) : index + 1]
        best = min(near, key=lambda each: _anchor_within_ms(each, mono_ms))
        at_ms = best.offset_ms + mono_ms
        within_ms = _anchor_within_ms(best, mono_ms)
        for other in near:
            apart_ms = abs(other.offset_ms - best.offset_ms)
            if apart_ms > within_ms + _anchor_within_ms(other, mono_ms):
                within_ms = apart_ms + _anchor_within_ms(other, mono_ms)
        return Reading(at_ms, "worked_out", within_ms)


def read_synced(moment_ms: int, mono_ms: int, boot: Boot, received_ms: int) -> Reading:
    """Return the time of a fact that a synchronised clock wrote: its stamp, unless evidence speaks against.

    A stamp far beyond its own arrival is put at its arrival. One that contradicts an earlier anchor of the
    boot (the clock jumped, while it called itself right) stays where it is, but is not called exact.
    """
    if moment_ms > received_ms + AHEAD_MAX_MS:
        return Reading(received_ms, "believed", moment_ms - received_ms)
    within_ms = synced_within_ms(mono_ms)
    for anchor in boot.anchors:
        apart_ms = abs(anchor.offset_ms + mono_ms - moment_ms)
        other_within_ms = _anchor_within_ms(anchor, mono_ms)
        if anchor.mono_ms < mono_ms and apart_ms > within_ms + other_within_ms:
            return Reading(moment_ms, "believed", apart_ms + other_within_ms)
    return Reading(moment_ms, "exact", within_ms)


def in_order(readings: Sequence[Reading], floor: Reading | None, ceiling: Reading | None) -> list[Reading]:
    """Return the readings of consecutive facts of one stream so that none lies before the one before it.

    `floor` and `ceiling` are those of the facts before and after. What happened after X happened not
    earlier than X: moving a time to that of its neighbour, and promising no more than the neighbour did,
    stays true.
    """
    ordered: list[Reading] = []
    for reading in readings:
        kept = reading
        if ceiling is not None and kept.at_ms > ceiling.at_ms:
            kept = _moved(kept, ceiling)
        if floor is not None and kept.at_ms < floor.at_ms:
            kept = _moved(kept, floor)
        ordered.append(kept)
        floor = kept
    return ordered


def _moved(reading: Reading, to: Reading) -> Reading:
    sure = "worked_out" if reading.sure == "exact" else reading.sure
    return Reading(to.at_ms, sure, max(reading.within_ms, to.within_ms))


def _in_bounds(reading: Reading, received_ms: int) -> Reading:
    """Keep on the calendar what nonsense in a stamp would put before 1970 or far beyond its arrival."""
    at_ms = max(0, min(reading.at_ms, received_ms + AHEAD_MAX_MS))
    if at_ms == reading.at_ms:
        return reading
    return Reading(at_ms, "believed", reading.within_ms + abs(at_ms - reading.at_ms))


def _agree(one: Anchor, other: Anchor) -> bool:
    """Tell whether the clock was not set between two synchronised stamps."""
    return abs(one.offset_ms - other.offset_ms) <= AGREE_MS


def _without_middles(anchors: tuple[Anchor, ...], around: int) -> tuple[Anchor, ...]:
    """Drop the neighbours of a new anchor that stand between two with which they agree."""
    dropped = [
        index
        for index in (around - 1, around + 1)
        if 0 < index < len(anchors) - 1
        and _agree(anchors[index - 1], anchors[index])
        and _agree(anchors[index], anchors[index + 1])
        and _agree(anchors[index - 1], anchors[index + 1])
    ]
    return tuple(anchor for index, anchor in enumerate(anchors) if index not in dropped)


def _anchor_within_ms(anchor: Anchor, mono_ms: int) -> int:
    """Return how far the time of `mono_ms` may be off, worked out from `anchor`.

    The clock was synchronised at some moment between the boot (or the limit of the holdover) and the anchor:
    the crystal ran alone from the farthest of these to `mono_ms`.
    """
    synced_first_ms = max(0, anchor.mono_ms - SYNC_AGE_MAX_MS)
    alone_ms = max(mono_ms - synced_first_ms, anchor.mono_ms - mono_ms)
    return SYNC_MS + drift_ms(alone_ms)
