"""The rating node: buttons, the same on a screen, or both; one press, one fact, then thanks.

The edges are here. What a press is (`judgement`), whose visit it belongs to (`visit`), what the screen shows
(`rating_pages`) and whether a contact is well (`contact_health`) are decided without any of them.
"""

from __future__ import annotations

import logging
import secrets
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from firmware_agent.hardware import Touch
from firmware_agent.node import Context
from firmware_agent.settings import Settings
from kiosk_ui.button_care import ButtonCare
from kiosk_ui.buttons import ButtonRow
from kiosk_ui.catalogue import catalogue_mistakes, languages, load_catalogue, own_file
from kiosk_ui.judgement import HUB_AWAY, NOBODY_SERVED, Judge
from kiosk_ui.painter import Painter
from kiosk_ui.rating_layout import language_box, level_at, listen_box, middle_box, reason_boxes
from kiosk_ui.rating_pages import Answer, RatingPages, Times
from kiosk_ui.rating_settings import RatingSettings
from kiosk_ui.rating_sound import RatingSound
from kiosk_ui.rating_view import RatingDrawing, RatingView
from kiosk_ui.scale import level_key
from kiosk_ui.visit import Visit, VisitWindow
from wire.facts import Body, RatingPressed, RatingReasoned
from wire.intents import Serving

LOOK_EVERY_S = 0.025
"""How often the screen's touches are looked for: a finger's answer comes within a tenth of a second."""

REST_S = 0.4
"""After a touch that did something, none does for so long: ten fingers, or one that trembles, answer once."""

HUB_SILENT_MS = 5_000
"""A hub that leaves facts unanswered for so long is away: who is served is not known any more."""

log = logging.getLogger(__name__)


class RatingNode:
    """Counts presses. A press is thanked only after it is on disk."""

    Settings: ClassVar[type[Settings]] = RatingSettings

    @classmethod
    def check(cls, settings: RatingSettings, directory: Path) -> list[str]:
        """Return what a technician should know though the node runs with it: texts that are missing."""
        extra = own_file(directory, settings.catalogue)
        texts = load_catalogue(extra=extra)
        keys = [f"reason.{each.replace('-', '_')}" for each in settings.reasons]
        keys += [level_key(settings.scale, level) for level in range(1, settings.rated.levels + 1)]
        absent = [key for key in keys if not texts.has(key)]
        told = [f"không có câu (no such text): {', '.join(absent)}"] if absent else []
        return [*told, *catalogue_mistakes(extra)]

    def __init__(self, context: Context) -> None:
        self._context = context
        settings: RatingSettings = context.settings
        self._settings = settings
        self._at_exit = settings.place_kind == "exit"
        extra = own_file(context.directory, settings.catalogue)
        self._languages = languages(extra)
        self._texts = {each.id: load_catalogue(each.id, extra) for each in self._languages}
        self._judge = Judge(settings.rules)
        self._window = VisitWindow(settings.window_s, settings.counter or context.address.device)
        unsatisfied = {
            level
            for level in range(1, settings.rated.levels + 1)
            if settings.rated.mood(level) == "unsatisfied"
        }
        asks = unsatisfied if settings.reasons and settings.screen else set()
        times = Times(settings.thanks_s, settings.reason_s, settings.language_s)
        self._pages = RatingPages(times, frozenset(asks))
        self._row: ButtonRow | None = None
        names = [self._name(level) for level in range(1, settings.rated.levels + 1)]
        self._care = ButtonCare(context, names, "không tính vào đánh giá")
        self._sound = RatingSound(settings, self._texts, context)
        self._touchable_s = float("-inf")
        mistakes = self.check(settings, context.directory)
        if mistakes:
            context.problems.report("texts", "Câu chữ trên màn hình: " + "; ".join(mistakes))

    def run(self) -> None:
        """Work until `context.stop` is set."""
        settings, context = self._settings, self._context
        screen = context.hardware.screen(settings.width, settings.height) if settings.screen else None
        painter = Painter(screen, RatingDrawing(self._texts).draw) if screen is not None else None
        self.begin()
        try:
            while not context.stop.is_set():
                visit = self.step(time.monotonic(), screen.touches() if screen is not None else [])
                if painter is not None:
                    painter.show(self._view(visit))
                context.changed.wait(LOOK_EVERY_S)
                context.changed.clear()
        finally:
            self.end()

    def begin(self) -> None:
        """Take up the buttons."""
        self._row = self._open_buttons() if self._settings.buttons else None

    def end(self) -> None:
        """Give back what was taken up."""
        self._sound.close()
        if self._row is not None:
            self._row.close()
        self._row = None

    def step(self, now_s: float, touches: Sequence[Touch] = ()) -> Visit:
        """Do what is to be done at `now_s`, on the clock that the buttons' edges are stamped with.

        Returns whose visit it is.
        """
        visit = self._follow(now_s)
        for press in self._row.take() if self._row is not None else []:
            self._press(press.place + 1, "button", press.at_s, now_s, visit)
        for touch in touches:
            self._touch(touch.x, touch.y, now_s, visit)
        self._pages.look(now_s, nobody=visit.phase == "nobody" and not self._at_exit)
        self._light()
        if self._row is not None:
            self._care.look(self._row, visit.counter, now_s)
        self._sound.look(now_s)
        return visit

    def _open_buttons(self) -> ButtonRow:
        settings = self._settings
        return ButtonRow(
            self._context.hardware.pins(),
            settings.pins,
            settings.lamps,
            settings.settle_ms / 1_000,
            self._context.changed,
            settings.stuck_after_s,
        )

    def _follow(self, now_s: float) -> Visit:
        """Follow the document; the next citizen's press corrects nobody else's."""
        serving = self._context.documents.current(Serving)
        if self._window.take(serving, self._ended_ago_s(serving), now_s):
            self._judge.release()
        return self._window.visit(now_s)

    def _ended_ago_s(self, serving: Serving | None) -> float | None:
        clock = self._context.clock
        if serving is None or serving.ended_at_ms is None or not clock.synced():
            return None
        return (clock.wall_ms() - serving.ended_at_ms) / 1_000

    # --- what citizens do

    def _touch(self, x: int, y: int, now_s: float, visit: Visit) -> None:
        """A finger on the screen. Right after one that did something, none does."""
        if now_s < self._touchable_s:
            return
        on_reasons = self._pages.page == "reason"
        if self._touch_key(x, y, now_s) or (
            self._touch_reason(x, y, now_s, visit) if on_reasons else self._touch_face(x, y, now_s, visit)
        ):
            self._pages.touched(now_s)
            self._touchable_s = now_s + REST_S

    def _touch_key(self, x: int, y: int, now_s: float) -> bool:
        """The keys along the lower edge; tell whether it was one."""
        pages, size = self._pages, (self._settings.width, self._settings.height)
        if self._sound.speaks(pages.language) and listen_box(*size).holds(x, y):
            self._sound.read_out(pages.language, pages.page if pages.page in {"idle", "reason"} else "ask")
        elif pages.page == "reason" and middle_box(*size).holds(x, y):
            self._judge.hold(now_s)
            pages.ask(now_s)
        elif pages.page == "reason" and language_box(*size).holds(x, y):
            pages.skipped(now_s)
        elif language_box(*size).holds(x, y) and self._next_language() is not None:
            pages.speak(self._following_language(), now_s)
        else:
            return False
        return True

    def _touch_reason(self, x: int, y: int, now_s: float, visit: Visit) -> bool:
        answer, reasons = self._pages.answer, self._settings.reasons
        boxes = reason_boxes(self._settings.width, self._settings.height, len(reasons))
        for reason, box in zip(reasons, boxes, strict=True):
            if box.holds(x, y) and answer is not None:
                told = RatingReasoned(counter=visit.counter, press=answer.press, reason=reason)
                if self._keep(told, now_s):
                    self._pages.reasoned(now_s)
                return True
        return False

    def _touch_face(self, x: int, y: int, now_s: float, visit: Visit) -> bool:
        """The calm picture only wakes: what was touched there was no face."""
        if self._pages.page in {"idle", "failed"}:
            self._pages.ask(now_s)
            return True
        settings = self._settings
        level = level_at(settings.width, settings.height, settings.rated.levels, x, y)
        if level is not None:
            self._press(level, "touch", now_s, now_s, visit)
        return level is not None

    def _press(self, level: int, source: str, at_s: float, now_s: float, visit: Visit) -> None:
        """Keep a press, made at `at_s`, then thank for it: the lamp first, since drawing takes longer."""
        verdict = self._judge.judge(level, at_s)
        press = f"{self._context.address.device}-{secrets.token_hex(8)}"
        fact = RatingPressed(
            counter=visit.counter,
            scale=self._settings.scale,
            level=level,
            source="exit" if self._at_exit else source,
            ticket=None if self._at_exit else visit.ticket,
            officer=None if self._at_exit else visit.officer,
            press=press,
            corrects=verdict.corrects,
            marks=[*verdict.marks, *self._marks_of(visit)],
        )
        if not self._keep(fact, now_s):
            return
        self._judge.keep(verdict, press)
        if verdict.repeats is not None and self._pages.thanked == level:
            self._pages.repeated(now_s)
        else:
            corrected = verdict.corrects is not None
            self._pages.answered(Answer(level, verdict.repeats or press, corrected), now_s)
        self._light()
        self._sound.answered(self._pages.language, level)

    def _marks_of(self, visit: Visit) -> list[str]:
        """Return what is to be said of who was served, as far as the hub could have told."""
        if self._at_exit or visit.phase == "unknown":
            return []
        sight = self._context.sight()
        if not sight.connected or sight.silent_ms >= HUB_SILENT_MS:
            return [HUB_AWAY]
        return [NOBODY_SERVED] if visit.phase == "nobody" else []

    def _keep(self, fact: Body, now_s: float) -> bool:
        try:
            self._context.facts.record(fact)
        except (sqlite3.Error, OSError) as error:
            log.error("không ghi được lần bấm (a press could not be kept): %s", error)
            self._context.problems.report("disk", f"Không ghi được lần bấm, hãy xem thẻ nhớ: {error}")
            self._pages.failed(now_s)
            self._light()
            self._sound.failed()
            return False
        self._context.problems.clear("disk")
        return True

    # --- what citizens see

    def _light(self) -> None:
        if self._row is not None:
            self._row.light(self._pages.thanked - 1 if self._pages.thanked else None)

    def _name(self, level: int) -> str:
        return self._texts["vi"](level_key(self._settings.scale, level))

    def _next_language(self) -> str | None:
        """Return the name of the language that the button chooses; None where there is only one."""
        names = {each.id: each.name for each in self._languages}
        return names[self._following_language()] if len(names) > 1 else None

    def _following_language(self) -> str:
        ids = [each.id for each in self._languages]
        return ids[(ids.index(self._pages.language) + 1) % len(ids)]

    def _view(self, visit: Visit) -> RatingView:
        pages, answer = self._pages, self._pages.answer
        return RatingView(
            page=pages.page,
            language=pages.language,
            next_language=self._next_language() or "",
            scale=self._settings.scale,
            counter_name=visit.counter_name,
            number="" if self._at_exit else visit.number,
            ended=visit.phase == "ended",
            at_exit=self._at_exit,
            level=answer.level if answer is not None else 0,
            corrected=answer is not None and answer.corrected,
            reasons=tuple(self._settings.reasons) if pages.page == "reason" else (),
            listens=self._sound.speaks(pages.language),
        )
