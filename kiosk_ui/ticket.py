"""The ticket node: choose a field of work, get a number at once, also while the hub is away.

A number is never given twice and never given unknown: it is reserved on disk first, then printed, then told
as a fact. What was reserved when the power failed is told at the next start.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from typing import Any, ClassVar

import msgspec
from pydantic import Field

from firmware_agent.hardware import HardwareError, Printer
from firmware_agent.node import Context
from firmware_agent.settings import Settings
from kiosk_ui.localtime import local_day, local_time
from kiosk_ui.painter import Painter
from kiosk_ui.series import Series, next_series, number_text, ticket_id
from kiosk_ui.slip import draw_slip
from kiosk_ui.ticket_view import (
    KEEP_IN_MIND,
    PRINTER_BROKEN,
    TAKE_SLIP,
    Choice,
    TicketView,
    choice_at,
    done_box,
    draw_ticket,
)
from wire.facts import TicketIssued
from wire.intents import Kiosk

LOOK_EVERY_S = 0.05
SERIES = "ticket.series"
"""Key of the state that holds the last number given."""
OPEN = "ticket.open"
"""Key of the state that holds a ticket that is reserved, but not yet told."""

REST_S = 0.5
"""A page stands at least this long before it answers: an impatient second tap neither takes a number away
nor, on what stands under “Xong”, draws another one."""

log = logging.getLogger(__name__)


class TicketSettings(Settings):
    """What `[nodes.settings]` may say for a ticket kiosk."""

    width: int = Field(default=1024, ge=320, le=3840)
    height: int = Field(default=600, ge=240, le=2160)
    number_s: float = Field(default=8.0, ge=2.0, le=60.0)
    """How long a number stands on the screen unless it is tapped away."""
    prints: bool = True
    """False for a kiosk without printer: numbers are only shown."""


class TicketNode:
    """Gives numbers."""

    Settings: ClassVar[type[Settings]] = TicketSettings

    def __init__(self, context: Context) -> None:
        self._context = context
        self._settings: TicketSettings = context.settings
        self._printer: Printer | None = context.hardware.printer() if self._settings.prints else None
        self._given = TicketView()
        self._page_since_s = float("-inf")
        self._series = _read_series(context.facts.state(SERIES))

    def run(self) -> None:
        """Work until `context.stop` is set."""
        settings, context = self._settings, self._context
        self._tell_open()
        screen = context.hardware.screen(settings.width, settings.height)
        painter = Painter(screen, draw_ticket)
        while not context.stop.is_set():
            now_s = time.monotonic()
            for touch in screen.touches():
                self._touch(touch.x, touch.y, now_s)
            if self._gave() and now_s - self._page_since_s >= settings.number_s:
                self._ask(now_s)
            painter.show(self._view())
            context.changed.wait(LOOK_EVERY_S)
            context.changed.clear()

    def _view(self) -> TicketView:
        if self._gave():
            return self._given
        kiosk = self._context.documents.current(Kiosk)
        if kiosk is None:
            return TicketView()
        choices = tuple(Choice(field.name, field.name_en) for field in kiosk.fields)
        return TicketView(office=kiosk.office, choices=choices)

    def _gave(self) -> bool:
        """Whether a number, or that there is none, stands on the screen."""
        return bool(self._given.number or self._given.failed)

    def _ask(self, now_s: float) -> None:
        self._given = TicketView()
        self._page_since_s = now_s

    def _touch(self, x: int, y: int, now_s: float) -> None:
        """On the fields: give a number. On a number: “Xong” takes it away."""
        settings = self._settings
        if now_s - self._page_since_s < REST_S:
            return
        if self._gave():
            if self._given.failed or done_box(settings.width, settings.height).holds(x, y):
                self._ask(now_s)
            return
        kiosk = self._context.documents.current(Kiosk)
        if kiosk is None:
            return
        chosen = choice_at(settings.width, settings.height, len(kiosk.fields), x, y)
        if chosen is not None:
            self._give(kiosk, chosen)
            # From when it stands on the screen: printing may have taken a while.
            self._page_since_s = time.monotonic()

    def _give(self, kiosk: Kiosk, chosen: int) -> None:
        field = kiosk.fields[chosen]
        try:
            number, ticket = self._reserve(kiosk.series, field.id)
        except (sqlite3.Error, OSError) as error:
            log.error("không giữ được số (a number could not be kept): %s", error)
            self._context.problems.report("disk", f"Không ghi được số, hãy xem thẻ nhớ: {error}")
            self._given = TicketView(failed=True)
            return
        self._context.problems.clear("disk")
        printed = self._print(kiosk.office, number, field.name)
        advice = TAKE_SLIP if printed else PRINTER_BROKEN if self._printer else KEEP_IN_MIND
        self._given = TicketView(number=number, field=field.name, advice=advice)
        self._tell(msgspec.structs.replace(ticket, printed=printed))

    def _reserve(self, letter: str, field: str) -> tuple[str, TicketIssued]:
        """Take the next number, on disk: from here on nobody gets it again."""
        clock = self._context.clock
        series = next_series(self._series, local_day(clock.wall_ms()), clock.synced())
        number = number_text(letter, series.last)
        address = self._context.address
        ticket = TicketIssued(
            ticket=ticket_id(address.device, address.node, series),
            number=number,
            field=field,
            day=series.day,
            printed=False,
        )
        state = {SERIES: msgspec.to_builtins(series), OPEN: msgspec.to_builtins(ticket)}
        self._context.facts.remember(state)
        self._series = series
        return number, ticket

    def _print(self, office: str, number: str, field: str) -> bool:
        if self._printer is None:
            return False
        clock = self._context.clock
        when = f"{local_time(clock.wall_ms()):%H:%M %d/%m/%Y}" if clock.synced() else ""
        try:
            self._printer.print_image(draw_slip(office, number, field, when))
        except HardwareError as error:
            self._context.problems.report("printer", f"Máy in: {error}")
            return False
        self._context.problems.clear("printer")
        return True

    def _tell(self, ticket: TicketIssued) -> None:
        """Record the fact; until that has worked, the ticket stays open and is told at the next start."""
        try:
            self._context.facts.record(ticket, {OPEN: None})
        except (sqlite3.Error, OSError) as error:
            log.error("chưa ghi được lượt %s (ticket not told yet): %s", ticket.number, error)
            self._context.problems.report("disk", f"Không ghi được số, hãy xem thẻ nhớ: {error}")

    def _tell_open(self) -> None:
        """Tell of a ticket that was reserved when the node ended; whether it was printed is not known."""
        kept = self._context.facts.state(OPEN)
        if kept is not None:
            self._tell(msgspec.convert(kept, TicketIssued))


def _read_series(kept: Any) -> Series | None:
    return None if kept is None else msgspec.convert(kept, Series)
