"""Which page of the rating screen stands, and for how long: pure, with the time as an argument."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kiosk_ui.catalogue import FIRST

Page = Literal["idle", "ask", "thanks", "reason", "noted", "failed"]

NOTED_S = 2.5
"""How long the screen thanks for a reason."""


@dataclass(frozen=True)
class Times:
    """How long pages stand, seconds."""

    thanks_s: float
    reason_s: float
    language_s: float


@dataclass(frozen=True)
class Answer:
    """The answer on the screen."""

    level: int
    press: str
    """Id of the press, for a reason to name."""
    corrected: bool = False


class RatingPages:
    """The screen's conversation with a citizen.

        pages = RatingPages(Times(5, 12, 30), asks_reason={4})
        pages.answered(Answer(4, "press-id"), now_s)     # page: "reason"
        pages.look(now_s, nobody=False)                  # as often as one likes: pages close by themselves
        pages.page, pages.answer, pages.language

    Times are seconds of a monotonic clock.
    """

    def __init__(self, times: Times, asks_reason: frozenset[int]) -> None:
        """`asks_reason` are the levels after which a reason is asked for."""
        self._times = times
        self._asks_reason = asks_reason
        self._until_s = float("inf")
        self._language_until_s = float("inf")
        self.page: Page = "ask"
        self.answer: Answer | None = None
        """What was answered last, while the screen shows it."""
        self.language = FIRST

    def answered(self, answer: Answer, now_s: float) -> None:
        """A press is on disk: thank for it, and ask for a reason where one is wanted."""
        self.answer = answer
        if answer.level in self._asks_reason:
            self._turn("reason", now_s + self._times.reason_s)
        else:
            self._turn("thanks", now_s + self._times.thanks_s)

    def repeated(self, now_s: float) -> None:
        """The answer on the screen was pressed again: it stands for longer, and no reason is asked twice."""
        stay_s = self._times.reason_s if self.page == "reason" else self._times.thanks_s
        self._until_s = max(self._until_s, now_s + stay_s)

    def failed(self, now_s: float) -> None:
        """A press could not be kept."""
        self.answer = None
        self._turn("failed", now_s + self._times.thanks_s)

    def reasoned(self, now_s: float) -> None:
        """The reason is on disk."""
        self._turn("noted", now_s + NOTED_S)

    def skipped(self, now_s: float) -> None:
        """The citizen gives no reason."""
        self._turn("thanks", now_s + NOTED_S)

    def ask(self, now_s: float) -> None:
        """Ask (again): somebody touched the calm picture, or wants to change the answer."""
        self.answer = None
        self._turn("ask", now_s + self._times.language_s)

    def speak(self, language: str, now_s: float) -> None:
        """Go on in another language, until nobody has touched anything for a while."""
        self.language = language
        self._language_until_s = now_s + self._times.language_s
        if self.page == "idle":
            self.ask(now_s)

    def touched(self, now_s: float) -> None:
        """Somebody is there: neither the reasons nor the language close under the finger."""
        self._language_until_s = now_s + self._times.language_s

    def look(self, now_s: float, nobody: bool) -> None:
        """Let pages close by themselves. `nobody`: nobody is served, and no visit has just ended."""
        if now_s >= self._until_s:
            self.answer = None
            self._turn("ask", float("inf"))
        if self._until_s == float("inf"):
            self.page = "idle" if nobody else "ask"
        if now_s >= self._language_until_s:
            self.language = FIRST
            self._language_until_s = float("inf")

    @property
    def thanked(self) -> int:
        """The level whose lamp is lit; 0: none."""
        return self.answer.level if self.answer is not None else 0

    def _turn(self, page: Page, until_s: float) -> None:
        self.page = page
        self._until_s = until_s
