"""The rows that figures are made of, whatever capability they came from."""

from __future__ import annotations

from dataclasses import dataclass

from wire.scales import Mood

MOOD_NAMES: dict[Mood, str] = {
    "satisfied": "Hài lòng",
    "neutral": "Bình thường",
    "unsatisfied": "Không hài lòng",
}
"""What every scale's levels mean (wire.scales), best first. `satisfied` holds the very satisfied too, the way
SIPAS counts."""


@dataclass(frozen=True, slots=True)
class Press:
    """One press at a time in UTC milliseconds; `mood` is what `level` means on its scale (wire.scales)."""

    at_ms: int
    counter: str
    scale: str
    level: int
    mood: Mood
    field: str | None = None
    """Id of the field of work of the visit that it belongs to; None: not known."""
    officer: str | None = None
    ticket: str | None = None
    marks: tuple[str, ...] = ()
    """Why it may not be an answer; empty for one without doubt."""
    reason: str | None = None
    """Why a low press was low, as the citizen tapped."""

    @property
    def satisfied(self) -> bool:
        """Whether it counts as satisfied."""
        return self.mood == "satisfied"

    @property
    def low(self) -> bool:
        """Whether it says that somebody was not satisfied."""
        return self.mood == "unsatisfied"


@dataclass(frozen=True, slots=True)
class Visit:
    """One ticket and its visit; times in UTC milliseconds, None where that has not happened."""

    ticket: str
    field: str
    issued_at_ms: int
    called_at_ms: int | None = None
    """When it was first called."""
    ended_at_ms: int | None = None
    counter: str | None = None
    officer: str | None = None
    lane: str = "ordinary"
    state: str = "waiting"
    """`waiting`, `called`, `missed`, `parked`, `ended` or `left`, as the queue has it."""
    last_called_at_ms: int | None = None
    """When it was last called: after a missing paper, or at the counter it was transferred to."""

    @property
    def served(self) -> bool:
        """Whether a counter took it on: it was called, and did not end as a call that nobody answered."""
        return self.called_at_ms is not None and self.state not in ("missed", "left")

    @property
    def wait_ms(self) -> int | None:
        """Time from the number to its first call; None without a call, or where clocks contradict."""
        if self.called_at_ms is None or self.called_at_ms < self.issued_at_ms:
            return None
        return self.called_at_ms - self.issued_at_ms

    @property
    def service_ms(self) -> int | None:
        """Time from the last call to the end: without the way home for a paper. None where not known."""
        began_ms = self.last_called_at_ms or self.called_at_ms
        if not self.served or self.ended_at_ms is None or began_ms is None:
            return None
        return max(0, self.ended_at_ms - began_ms)


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of a stretch of time: presses that count, presses that were left out, visits."""

    counted: list[Press]
    marked: list[Press]
    visits: list[Visit]
