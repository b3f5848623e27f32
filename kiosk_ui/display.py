"""The display node: calls one after the other, large; who is next; the notices in between."""

from __future__ import annotations

import logging
import sqlite3
import time
from functools import partial
from typing import ClassVar

from pydantic import Field

from firmware_agent.file_shelf import FileShelf, ShelfRules, door_fetch
from firmware_agent.node import Context
from firmware_agent.settings import Settings
from kiosk_ui.bilingual import Bilingual
from kiosk_ui.board import BoardPages
from kiosk_ui.calls import CallStage
from kiosk_ui.catalogue import CatalogueName, catalogue_mistakes, load_catalogue
from kiosk_ui.display_view import DisplayView, draw_display
from kiosk_ui.localtime import clock_text
from kiosk_ui.overlay import HEARS, Overlay
from kiosk_ui.painter import Painter
from wire.calls import CallLine, call_key
from wire.facts import CallShown
from wire.intents import Board, Call

LOOK_EVERY_S = 0.25
LATE_MS = 180_000
"""A call older than this when the display first hears of it is only listed: a display that was without power
or link for three minutes does not call people who have long been served."""

SHOWN = "display.shown"
"""Key of the state that holds the ids of the calls that were shown."""

PICTURES = ShelfRules(file_max_bytes=8 * 1024 * 1024, kept_max=40)
"""As many pictures as there are notices on a board; the hub makes each smaller (commune_hub.pictures)."""

log = logging.getLogger(__name__)


class DisplaySettings(Settings):
    """What `[nodes.settings]` may say for a display."""

    width: int = Field(default=1280, ge=320, le=3840)
    height: int = Field(default=720, ge=240, le=2160)
    fresh_s: float = Field(default=8.0, ge=2.0, le=60.0)
    """How long a call stands large; less, evenly, when many wait, and never under two seconds."""
    quiet_s: float = Field(default=20.0, ge=5.0, le=600.0)
    """How long after the last call the notices begin."""
    page_s: float = Field(default=10.0, ge=3.0, le=120.0)
    """How long a page of the notice board stands."""
    second_language: str = Field(default="en", pattern=r"^([a-z]{2,3})?$")
    """Of the small words beside the Vietnamese ones; empty: none."""
    catalogue: CatalogueName = ""


class DisplayNode:
    """Shows who is called, who is next, and what the office has to say."""

    Settings: ClassVar[type[Settings]] = DisplaySettings
    HEARS: ClassVar[frozenset[str]] = HEARS

    def __init__(self, context: Context) -> None:
        self._context = context
        self._settings: DisplaySettings = context.settings
        self._stage = CallStage(CallLine(LATE_MS, context.facts.state(SHOWN, [])), self._settings.fresh_s)
        self._overlay = Overlay()
        self._told: str | None = None

    def run(self) -> None:
        """Work until `context.stop` is set."""
        settings, context = self._settings, self._context
        screen = context.hardware.screen(settings.width, settings.height)
        painter = Painter(screen, partial(draw_display, texts=self._texts()))
        fetch = door_fetch(context.hub_url, context.identity, "pictures")
        shelf = FileShelf(context.directory / "pictures", fetch, PICTURES, context.changed.set)
        pages = BoardPages(self._stage, settings.quiet_s, settings.page_s, partial(_picture, shelf))
        try:
            while not context.stop.is_set():
                screen.touches()  # the window system wants to be asked
                on_stage = self._look(painter, pages, shelf, time.monotonic())
                self._tell(on_stage)
                context.changed.wait(min(LOOK_EVERY_S, max(0.01, self._stage.due_s - time.monotonic())))
                context.changed.clear()
        finally:
            shelf.close()

    def _look(
        self, painter: Painter[DisplayView], pages: BoardPages, shelf: FileShelf, now_s: float
    ) -> Call | None:
        """Show what is to be shown now; return the call that stands on the stage."""
        context = self._context
        now_ms = context.clock.wall_ms() if context.clock.synced() else None
        document = context.documents.current(Board)
        self._overlay.take(document, now_s)
        for heard in context.neighbours.take():
            self._overlay.hear(heard, now_s, now_ms)
        if document is not None:
            shelf.want([notice.picture for notice in document.notices if notice.picture])
        on_stage = pages.take(self._overlay.board(now_s), now_s, now_ms)
        painter.show(pages.view(now_s, now_ms, clock_text(context.clock)))
        return on_stage

    def _tell(self, call: Call | None) -> None:
        """Tell, once, that a call stands before the hall; it stands there also when no disk takes that."""
        if call is None or call_key(call) == self._told:
            return
        self._told = call_key(call)
        self._stage.seen(time.monotonic())
        context = self._context
        shown = CallShown(
            call=call_key(call)[:200],
            counter=call.counter[:200],
            number=call.number[:200],
            shown_at_ms=max(0, context.clock.wall_ms()),
        )
        try:
            context.facts.record(shown, {SHOWN: self._stage.done()})
        except (sqlite3.Error, OSError) as error:
            log.error("không ghi được lần gọi đã hiện (a shown call could not be kept): %s", error)
            context.problems.report("disk", f"Không ghi được lần gọi đã hiện, hãy xem thẻ nhớ: {error}")
        else:
            context.problems.clear("disk")

    def _texts(self) -> Bilingual:
        settings, context = self._settings, self._context
        extra = context.directory.parent / settings.catalogue if settings.catalogue else None
        mistakes = catalogue_mistakes(extra)
        if mistakes:
            context.problems.report("catalogue", mistakes[0])
        second = load_catalogue(settings.second_language, extra) if settings.second_language else None
        return Bilingual(load_catalogue(extra=extra), second)


def _picture(shelf: FileShelf, sha256: str) -> str:
    """Return the file of a picture that is here and whole; empty otherwise."""
    return str(shelf.path(sha256) or "")
