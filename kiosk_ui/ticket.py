"""The ticket node: choose a field of work, get a number at once, also while the hub is away.

The edges are here. Which page stands is decided in `ticket_pages`, where its targets are in `ticket_layout`;
`ticket_desk` gives the number.
"""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import ClassVar

from firmware_agent.node import Context
from firmware_agent.settings import Settings
from kiosk_ui.catalogue import FIRST, Catalogue, catalogue_mistakes, languages, load_catalogue, own_file
from kiosk_ui.painter import Painter
from kiosk_ui.spoken import Spoken
from kiosk_ui.ticket_desk import RandomBytes, TicketDesk
from kiosk_ui.ticket_layout import field_at, lane_at, language_box, left_box, middle_box, shelves
from kiosk_ui.ticket_pages import TicketPages
from kiosk_ui.ticket_settings import TicketSettings
from kiosk_ui.ticket_view import ADVICE, Choice, TicketDrawing, TicketView
from wire.intents import Field, Kiosk, Lane

LOOK_EVERY_S = 0.05

SAID: dict[str, str] = {
    "fields": "ticket.question",
    "lanes": "ticket.lanes",
    "failed": "ticket.failed",
    **ADVICE,
}
"""What the kiosk says aloud, by page and by what became of a slip."""


class TicketNode:
    """Gives numbers."""

    Settings: ClassVar[type[Settings]] = TicketSettings

    @classmethod
    def check(cls, settings: TicketSettings, directory: Path) -> list[str]:
        """Return what a technician should know though the node runs with it: texts that are missing."""
        return catalogue_mistakes(own_file(directory, settings.catalogue))

    def __init__(self, context: Context, random: RandomBytes = secrets.token_bytes) -> None:
        self._context = context
        settings: TicketSettings = context.settings
        self._settings = settings
        extra = own_file(context.directory, settings.catalogue)
        self._languages = languages(extra)
        self._texts = {each.id: load_catalogue(each.id, extra) for each in self._languages}
        printer = context.hardware.printer() if settings.prints else None
        self._desk = TicketDesk(context, printer, self._texts, settings.paper_px, random)
        self._pages = TicketPages(settings.number_s, settings.back_s)
        self._spoken = Spoken(context, self._texts, settings.volume if settings.sound else None, _said)
        mistakes = self.check(settings, context.directory)
        if mistakes:
            context.problems.report("texts", "Câu chữ trên màn hình: " + "; ".join(mistakes))

    def run(self) -> None:
        """Work until `context.stop` is set."""
        settings, context = self._settings, self._context
        self._desk.tell_open()
        screen = context.hardware.screen(settings.width, settings.height)
        painter = Painter(screen, TicketDrawing(self._texts).draw)
        try:
            while not context.stop.is_set():
                now_s = time.monotonic()
                for touch in screen.touches():
                    self._touch(touch.x, touch.y, now_s)
                self._pages.look(now_s)
                self._spoken.look(now_s)
                painter.show(self._view())
                context.changed.wait(LOOK_EVERY_S)
                context.changed.clear()
        finally:
            self._spoken.close()

    # --- what citizens do

    def _touch(self, x: int, y: int, now_s: float) -> None:
        pages, size = self._pages, (self._settings.width, self._settings.height)
        kiosk = self._context.documents.current(Kiosk)
        if pages.rests(now_s):
            return
        if pages.page == "failed" or (pages.page == "number" and middle_box(*size).holds(x, y)):
            pages.begin_anew(now_s)
        elif pages.page == "number" or kiosk is None:
            return
        elif language_box(*size).holds(x, y):
            pages.speak(self._following_language(), now_s)
            self._spoken.play(pages.language, pages.page)
        elif pages.page == "lanes":
            self._touch_lane(kiosk, x, y, now_s)
        else:
            self._touch_field(kiosk, x, y, now_s)

    def _touch_field(self, kiosk: Kiosk, x: int, y: int, now_s: float) -> None:
        pages, size = self._pages, (self._settings.width, self._settings.height)
        shelf_count = len(shelves(kiosk.fields))
        shelf = min(pages.shelf, shelf_count - 1)
        chosen = field_at(*size, kiosk.fields, shelf, x, y)
        if chosen is None:
            if shelf_count > 1 and left_box(*size).holds(x, y):
                pages.turn_shelf((shelf + 1) % shelf_count, now_s)
        elif kiosk.lanes:
            pages.ask_lane(kiosk.fields[chosen].id, now_s)
            self._spoken.play(pages.language, "lanes")
        else:
            self._give(kiosk, kiosk.fields[chosen], None)

    def _touch_lane(self, kiosk: Kiosk, x: int, y: int, now_s: float) -> None:
        """Give the number; the field may be gone by a document that came meanwhile."""
        pages, size = self._pages, (self._settings.width, self._settings.height)
        field = _by_id(kiosk, pages.field)
        chosen = lane_at(*size, len(kiosk.lanes), x, y)
        if field is None or left_box(*size).holds(x, y):
            pages.back(now_s)
        elif chosen is not None:
            self._give(kiosk, field, kiosk.lanes[chosen - 1] if chosen else None)

    def _give(self, kiosk: Kiosk, field: Field, lane: Lane | None) -> None:
        given = self._desk.give(kiosk, field, lane, self._pages.language)
        now_s = time.monotonic()  # from when it stands on the screen: printing may have taken a while
        if given is None:
            self._pages.failed(now_s)
            self._spoken.play(self._pages.language, "failed", after="failed")
        else:
            self._pages.gave(given, now_s)
            self._spoken.play(self._pages.language, given.slip, after="taken")

    # --- what citizens see

    def _following_language(self) -> str:
        ids = [each.id for each in self._languages]
        return ids[(ids.index(self._pages.language) + 1) % len(ids)]

    def _view(self) -> TicketView:
        pages, kiosk = self._pages, self._context.documents.current(Kiosk)
        language, given = pages.language, pages.given
        if kiosk is None and given is None:
            return TicketView(page="failed" if pages.page == "failed" else "fields", language=language)
        names = {each.id: each.name for each in self._languages}
        fields = kiosk.fields if kiosk is not None else []
        lanes = kiosk.lanes if kiosk is not None else []
        field, lane = (given.field, given.lane) if given is not None else (pages.field, "")
        return TicketView(
            page=pages.page,
            language=language,
            next_language=names[self._following_language()] if len(names) > 1 else "",
            office=kiosk.office if kiosk is not None else "",
            fields=tuple(Choice(_name(each, language), each.picture, each.greeter) for each in fields),
            shelf=min(pages.shelf, max(0, len(shelves(fields)) - 1)),
            lanes=tuple(Choice(_name(each, language), each.picture) for each in lanes),
            field=next((_name(each, language) for each in fields if each.id == field), ""),
            number=given.number if given is not None else "",
            lane=next((_name(each, language) for each in lanes if each.id == lane), ""),
            slip=given.slip if given is not None else "printed",
            wait_min=given.wait_min if given is not None else None,
        )


def _said(texts: Catalogue) -> dict[str, str]:
    return {name: texts(key) for name, key in SAID.items()}


def _name(each: Field | Lane, language: str) -> str:
    """Return its name; what the office has no words for in another language stands in English."""
    return each.name if language == FIRST else each.name_en or each.name


def _by_id(kiosk: Kiosk, field: str) -> Field | None:
    return next((each for each in kiosk.fields if each.id == field), None)
