"""The plan: all that will sound where, in order, with what clashes and what quiet hours will stop.

A loudspeaker was set wrong once and woke a commune at 03:15; the plan is what is looked at before that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from speaker_node.quiet import QuietHours

PRIORITIES = ("emergency", "urgent", "ordinary", "music")
"""First goes before last."""


@dataclass(frozen=True)
class Sounding:
    """One time that one bulletin sounds at some places. Times are UTC milliseconds."""

    bulletin: str
    title: str
    at_ms: int
    duration_ms: int
    """Known where the sound is there, otherwise estimated from the text."""
    places: tuple[str, ...]
    """Loudspeakers (devices) that sound it."""
    priority: str
    approved: bool

    @property
    def end_ms(self) -> int:
        """When its last sound is heard."""
        return self.at_ms + self.duration_ms


@dataclass(frozen=True)
class Clash:
    """Two soundings that would run into each other at some loudspeakers."""

    first: Sounding
    second: Sounding
    places: tuple[str, ...]


def clashes(soundings: Sequence[Sounding]) -> list[Clash]:
    """Return every two that overlap at a loudspeaker, in order of time."""
    ordered = sorted(soundings, key=lambda each: each.at_ms)
    found = []
    running: list[Sounding] = []
    for each in ordered:
        running = [other for other in running if other.end_ms > each.at_ms]
        for other in running:
            shared = tuple(sorted(set(other.places) & set(each.places)))
            if shared:
                found.append(Clash(other, each, shared))
        running.append(each)
    return found


def hushed(soundings: Sequence[Sounding], quiet: QuietHours | None) -> list[Sounding]:
    """Return those that loudspeakers will refuse, since some of their sound lies in quiet hours."""
    if quiet is None:
        return []
    return [
        each for each in soundings if each.priority != "emergency" and quiet.touch(each.at_ms, each.end_ms)
    ]
