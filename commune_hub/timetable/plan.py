"""The plan: all that will sound where, in order, with what clashes and what quiet hours will stop.

A loudspeaker was set wrong once and woke a commune at 03:15; the plan is what is looked at before that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from speaker_node.hour_volume import HourVolume
from speaker_node.quiet import QuietHours
from speaker_node.settings import SpeakerSettings

PRIORITIES = ("emergency", "urgent", "ordinary", "music")
"""First goes before last."""

FAINT = 0.05
"""A volume below this (26 dB less) is not heard in a village."""


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
    volume: float = 1.0
    """As the bulletin says, 0 to 1, before the factor of the hour."""

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


@dataclass(frozen=True)
class Habits:
    """What a loudspeaker keeps by its own settings."""

    quiet: QuietHours | None
    volume: HourVolume

    def refuses(self, sounding: Sounding) -> bool:
        """Tell whether some of the sound would lie in its quiet hours."""
        quiet = self.quiet is not None and self.quiet.touch(sounding.at_ms, sounding.end_ms)
        return quiet and sounding.priority != "emergency"

    def volume_of(self, sounding: Sounding) -> float:
        """Return how loud it sounds there, 0 to 1."""
        factor = 1.0 if sounding.priority == "emergency" else self.volume.factor(sounding.at_ms)
        return sounding.volume * factor


USUAL = Habits(SpeakerSettings().quiet(), SpeakerSettings().hour_volume())
"""What a loudspeaker keeps that nobody set otherwise."""


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


def hushed(soundings: Sequence[Sounding], habits: Mapping[str, Habits]) -> list[Sounding]:
    """Return those that loudspeakers will refuse, each with the places that do; see `Habits.refuses`."""
    return _narrowed(soundings, lambda each, place: habits.get(place, USUAL).refuses(each))


def faint(soundings: Sequence[Sounding], habits: Mapping[str, Habits]) -> list[Sounding]:
    """Return those that nobody will hear, each with the places where it sounds below FAINT."""
    return _narrowed(soundings, lambda each, place: habits.get(place, USUAL).volume_of(each) < FAINT)


def _narrowed(soundings: Sequence[Sounding], wrong: Callable[[Sounding, str], bool]) -> list[Sounding]:
    found = [
        replace(each, places=tuple(place for place in each.places if wrong(each, place)))
        for each in soundings
    ]
    return [each for each in found if each.places]
