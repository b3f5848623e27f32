"""What a press is: an answer, a correction of one, a tired finger, a child at play.

Pure, with the time as an argument. Every press is kept. What may not be an answer is marked, and the hub
counts by the marks.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

REPEAT = "repeat"
"""The same answer again, shortly after it: a tired finger."""
BURST = "burst"
"""More presses within a while than citizens make."""
ALL_FACES = "all-faces"
"""The last of all faces that were pressed in turn: a child at play."""
NOBODY_SERVED = "nobody-served"
"""Nobody was being served, and no visit had just ended."""
HUB_AWAY = "hub-away"
"""The hub was away: who was served then is what it had told before."""

PRESSES_KEPT = 64
"""Presses that are remembered; more in a while than any setting allows for are a burst anyway."""


@dataclass(frozen=True)
class Rules:
    """How long a press concerns the next one. Seconds."""

    levels: int
    correct_s: float = 5.0
    """For so long after an answer another face corrects it, and the same face is only a tired finger."""
    burst_presses: int = 6
    """So many presses within `burst_s`, and each further one while it goes on, are a burst."""
    burst_s: float = 30.0
    all_faces_s: float = 10.0
    """All faces within so long were pressed in turn."""


@dataclass(frozen=True)
class Verdict:
    """What one press is."""

    level: int
    at_s: float
    marks: tuple[str, ...] = ()
    corrects: str | None = None
    """Id of the press that this one takes the place of."""
    repeats: str | None = None
    """Id of the answer that it only repeats."""
    begins: bool = False
    """Whether it is the first of an answer: the time to correct it runs from here."""


class Judge:
    """Judges the presses of one panel, buttons and screen together.

        judge = Judge(Rules(levels=4))
        verdict = judge.judge(level=1, at_s=10.0)     # changes nothing
        judge.keep(verdict, press="id")               # once it is on disk

    Times are seconds of a monotonic clock and do not go back.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._recent: deque[tuple[float, int]] = deque(maxlen=PRESSES_KEPT)
        self._answer: tuple[str, int] | None = None
        """The answer that may still be corrected: its press and its level."""
        self._until_s = float("-inf")

    def judge(self, level: int, at_s: float) -> Verdict:
        """Return what a press of `level` at `at_s` is."""
        marks = []
        if self._is_burst(at_s):
            marks.append(BURST)
        if self._completes_all_faces(level, at_s):
            marks.append(ALL_FACES)
        answer = self._answer if at_s < self._until_s else None
        if answer is None:
            return Verdict(level, at_s, tuple(marks), begins=BURST not in marks)
        if answer[1] == level:
            return Verdict(level, at_s, (*marks, REPEAT), repeats=answer[0])
        # A hammering hand corrects nothing: what was answered before it stands.
        return Verdict(level, at_s, tuple(marks), corrects=None if BURST in marks else answer[0])

    def keep(self, verdict: Verdict, press: str) -> None:
        """Go on from this press, which was recorded under the id `press`."""
        self._recent.append((verdict.at_s, verdict.level))
        if verdict.begins:
            self._until_s = verdict.at_s + self._rules.correct_s
        if verdict.begins or verdict.corrects is not None:
            self._answer = (press, verdict.level)

    def hold(self, at_s: float) -> None:
        """The citizen asked to change the answer: it may be corrected from now on for as long again."""
        if self._answer is not None:
            self._until_s = at_s + self._rules.correct_s

    def release(self) -> None:
        """Somebody else stands there now: the next press is an answer of its own."""
        self._answer = None

    def _is_burst(self, at_s: float) -> bool:
        since_s = at_s - self._rules.burst_s
        return 1 + sum(when_s > since_s for when_s, _ in self._recent) >= self._rules.burst_presses

    def _completes_all_faces(self, level: int, at_s: float) -> bool:
        """Tell whether this face is the one that was missing; with two faces that is a mere correction."""
        since_s = at_s - self._rules.all_faces_s
        faces = {face for when_s, face in self._recent if when_s > since_s}
        return level not in faces and len(faces) == self._rules.levels - 1 and self._rules.levels > 2
