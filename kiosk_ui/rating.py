"""The rating node: four buttons and the same four on a screen; one press, one fact, then thanks."""

from __future__ import annotations

import logging
import sqlite3
import time
from typing import ClassVar

from pydantic import Field, model_validator

from firmware_agent.node import Context
from firmware_agent.settings import Settings
from kiosk_ui.buttons import ButtonRow
from kiosk_ui.painter import Painter
from kiosk_ui.rating_view import RatingView, draw_rating, level_at
from kiosk_ui.scale import LEVELS, SCALE
from wire.facts import RatingPressed
from wire.intents import Serving

LOOK_EVERY_S = 0.05
"""How often the screen's touches are looked for: a finger's answer comes within a twentieth of a second."""

STUCK_AFTER_S = 20.0

log = logging.getLogger(__name__)


class RatingSettings(Settings):
    """What `[nodes.settings]` may say for a rating node. Pins are BCM numbers, level 1 first."""

    pins: tuple[int, int, int, int] = (17, 27, 22, 23)
    lamps: tuple[int, int, int, int] = (5, 6, 13, 19)
    settle_ms: int = Field(default=40, ge=5, le=200)
    """A contact that was open for so long has stopped bouncing; push buttons bounce for 0.2 to 20 ms."""
    thanks_s: float = Field(default=2.5, ge=0.5, le=10.0)
    width: int = Field(default=1024, ge=320, le=3840)
    height: int = Field(default=600, ge=240, le=2160)
    counter: str = Field(default="", max_length=40)
    """Id of the counter to name in facts until the hub has told; empty: the device's name."""

    @model_validator(mode="after")
    def _each_pin_once(self) -> RatingSettings:
        used = [*self.pins, *self.lamps]
        if len(set(used)) != len(used) or not all(0 <= pin <= 27 for pin in used):
            raise ValueError(f"eight different pins between 0 and 27 are needed, found {used}")
        return self


class RatingNode:
    """Counts presses. A press is thanked only after it is on disk."""

    Settings: ClassVar[type[Settings]] = RatingSettings

    def __init__(self, context: Context) -> None:
        self._context = context
        self._settings: RatingSettings = context.settings
        self._thanked = 0
        self._failed = False
        self._calm_at_s = 0.0

    def run(self) -> None:
        """Work until `context.stop` is set."""
        settings, context = self._settings, self._context
        screen = context.hardware.screen(settings.width, settings.height)
        painter = Painter(screen, draw_rating)
        row = ButtonRow(
            context.hardware.pins(),
            settings.pins,
            settings.lamps,
            settings.settle_ms / 1_000,
            context.changed,
        )
        try:
            while not context.stop.is_set():
                now_s = time.monotonic()
                row.watch(now_s)
                for place in row.take():
                    self._press(place + 1, "button", now_s)
                for touch in screen.touches():
                    self._touch(touch.x, touch.y, now_s)
                self._watch_buttons(row, now_s)
                self._calm_down(now_s)
                row.light(self._thanked - 1 if self._thanked else None)
                painter.show(self._view())
                context.changed.wait(LOOK_EVERY_S)
                context.changed.clear()
        finally:
            row.close()

    def _touch(self, x: int, y: int, now_s: float) -> None:
        """A touch counts where a level stands; while the screen thanks, none does."""
        level = level_at(self._settings.width, self._settings.height, x, y)
        if level is not None and not self._thanked:
            self._press(level, "touch", now_s)

    def _press(self, level: int, source: str, now_s: float) -> None:
        try:
            self._context.facts.record(self._fact(level, source))
        except (sqlite3.Error, OSError) as error:
            log.error("không ghi được lần bấm (a press could not be kept): %s", error)
            self._context.problems.report("disk", f"Không ghi được lần bấm, hãy xem thẻ nhớ: {error}")
            self._thanked, self._failed = 0, True
        else:
            self._context.problems.clear("disk")
            self._thanked, self._failed = level, False
        self._calm_at_s = now_s + self._settings.thanks_s

    def _fact(self, level: int, source: str) -> RatingPressed:
        serving = self._context.documents.current(Serving)
        if serving is None:
            counter = self._settings.counter or self._context.address.device
            return RatingPressed(counter=counter, scale=SCALE, level=level, source=source)
        return RatingPressed(
            counter=serving.counter,
            scale=SCALE,
            level=level,
            source=source,
            ticket=serving.ticket,
            officer=serving.officer,
        )

    def _calm_down(self, now_s: float) -> None:
        if now_s >= self._calm_at_s:
            self._thanked, self._failed = 0, False

    def _watch_buttons(self, row: ButtonRow, now_s: float) -> None:
        stuck = row.stuck(now_s, STUCK_AFTER_S)
        if stuck:
            names = ", ".join(LEVELS[place].words for place in stuck)
            self._context.problems.report("buttons", f"Nút bị kẹt hoặc chập dây: {names}")
        else:
            self._context.problems.clear("buttons")

    def _view(self) -> RatingView:
        serving = self._context.documents.current(Serving)
        return RatingView(
            counter_name=serving.counter_name if serving else "",
            number=(serving.number or "") if serving else "",
            thanked=self._thanked,
            failed=self._failed,
        )
