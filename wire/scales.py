"""The scales that citizens rate on, and how one is compared with another: for the kiosks and the hub alike.

Levels count from 1, the best. A fact carries the scale's id and the level as pressed and never anything
else; what they mean is said here, by edition, so that an old press can always be read as it was meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Mood = Literal["satisfied", "neutral", "unsatisfied"]
MOODS: tuple[Mood, ...] = ("satisfied", "neutral", "unsatisfied")
"""What every scale can be compared by, best first."""

EDITION = 1
"""Grows with each change of what a level means; a figure that is kept should say by which it was made."""

SOURCES = {
    "satisfied": "(satisfied + very satisfied) / all answers: computed the way SIPAS is, which it is not",
    "scores": "equal steps from 100 (best) to 0 (worst): our own convention, no rule fixes one",
}
"""Where the figures below come from."""


@dataclass(frozen=True)
class Scale:
    """One scale: which of its levels mean what, best first."""

    id: str
    moods: tuple[Mood, ...]
    as_vi4: tuple[int, ...]
    """For each level the one of `vi4` that says the same, or comes nearest: for charts of mixed scales."""

    @property
    def levels(self) -> int:
        """How many levels it has."""
        return len(self.moods)

    def mood(self, level: int) -> Mood:
        """Return whether `level` (1 …) is a satisfied answer, a neutral or an unsatisfied one."""
        return self.moods[level - 1]

    def score(self, level: int) -> float:
        """Return `level` (1 …) on the common scale: 100 is the best answer, 0 the worst."""
        return 100 * (self.levels - level) / (self.levels - 1)

    def has(self, level: int) -> bool:
        """Tell whether there is such a level."""
        return 1 <= level <= self.levels


SCALES = {
    scale.id: scale
    for scale in (
        Scale("vi3", ("satisfied", "neutral", "unsatisfied"), (2, 3, 4)),
        Scale("vi4", ("satisfied", "satisfied", "neutral", "unsatisfied"), (1, 2, 3, 4)),
        Scale("vi5", ("satisfied", "satisfied", "neutral", "unsatisfied", "unsatisfied"), (1, 2, 3, 4, 4)),
    )
}
"""Every scale, by the id that stands in facts."""

DEFAULT_SCALE: Final = "vi4"


def mood_of(scale: str, level: int) -> Mood | None:
    """Return what a press says; None for a scale or a level that this version does not know."""
    known = SCALES.get(scale)
    return known.mood(level) if known is not None and known.has(level) else None


def score_of(scale: str, level: int) -> float | None:
    """Return a press on the common scale, 0 to 100; None as for `mood_of`."""
    known = SCALES.get(scale)
    return known.score(level) if known is not None and known.has(level) else None
