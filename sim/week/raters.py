"""Citizens at the faces: when they press, tap why, or vote at home. What they did is in the truth."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Protocol

from sim.faults.schedule import Schedule
from sim.truth import Truth
from sim.week.calm import Calm
from sim.week.panels import RatingPanel
from sim.week.people import MINUTE_MS, Visitor

SOON_MS, LATER_MS = (2_500, 15_000), (24_000, 50_000)
"""When after the end of their visit people press: most at the counter, some on their way out."""
SOON = 0.8
REASON_AFTER_MS = 3_000
SLIP_AFTER_MS = (10 * MINUTE_MS, 180 * MINUTE_MS)
PRESS_LATER_MS = 2_600
"""A citizen who finds the moment not clear presses so much later."""
TRIES_MAX = 12


class Page(Protocol):
    """The page behind a slip's code."""

    def rate_by_slip(self, code: str, level: int) -> bool:
        """Vote; tell whether the page took it."""


class Raters:
    """Lets people rate; `page` is None until there is one."""

    def __init__(
        self, schedule: Schedule, chance: random.Random, truth: Truth, panels: Mapping[str, RatingPanel]
    ) -> None:
        self.page: Page | None = None
        self.calm = Calm(schedule)
        self._schedule = schedule
        self._chance = chance
        self._truth = truth
        self._panels = panels
        self._pressed: dict[str, int] = {}

    def leaves(self, visitor: Visitor, counter: str) -> None:
        """Whoever wants to rate does so a little after his visit has ended."""
        begins_ms = (
            self._chance.randint(2_500, 15_000)
            if self._chance.random() < 0.8
            else self._chance.randint(24_000, 50_000)
        )
        for tap in visitor.taps:
            self._press_soon(begins_ms + tap.after_ms, counter, tap.level, visitor)
        if visitor.slip_level is not None:
            self._schedule.after(
                self._chance.randint(*SLIP_AFTER_MS), lambda: self._rate_by_slip(visitor, counter)
            )

    def _rate_by_slip(self, visitor: Visitor, counter: str) -> None:
        """Rate at home; where the page is not to be had, he lets it be."""
        level = visitor.slip_level
        if level is not None and self.page is not None and self.page.rate_by_slip(visitor.code, level):
            self._truth.write("slip", self._t(), who=visitor.who, counter=counter, level=level)

    def _press_soon(self, after_ms: int, counter: str, level: int, visitor: Visitor, tries: int = 0) -> None:
        self._schedule.after(after_ms, lambda: self._press_if_clear(counter, level, visitor, tries))

    def _press_if_clear(self, counter: str, level: int, visitor: Visitor, tries: int) -> None:
        if not self.calm.clear(counter):
            if tries < TRIES_MAX:
                self._press_soon(PRESS_LATER_MS, counter, level, visitor, tries + 1)
            return
        if self.press(counter, level, visitor.who) and visitor.reason:
            pressed, reason = self._pressed[counter], visitor.reason
            self._schedule.after(REASON_AFTER_MS, lambda: self._tap(counter, reason, visitor.who, pressed))

    def press(self, counter: str, level: int, who: int | None, hold_ms: int = 150) -> bool:
        """Somebody presses a face at a counter; a panel without power is not pressed."""
        panel = self._panels[counter]
        if not panel.works:
            return False
        self._pressed[counter] = self._pressed.get(counter, 0) + 1
        self.calm.pressed(counter)
        said = {"device": panel.device, "counter": counter, "button": level, "who": who}
        self._truth.write("press", self._t(), **said, sure=panel.clock.synced())
        return panel.press(level, hold_ms)

    def _tap(self, counter: str, reason: str, who: int, pressed: int) -> None:
        """Tap why, unless somebody else has pressed meanwhile."""
        if self._pressed[counter] == pressed and self._panels[counter].works:
            self._truth.write("reason", self._t(), counter=counter, who=who, reason=reason)
            self._panels[counter].tap_reason(reason)

    def _t(self) -> float:
        return self._schedule.now_ms / 1_000
