"""Giving a number: reserved on disk first, then printed, then told as a fact. Never twice, never unknown."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from firmware_agent.hardware import HardwareError, Printer
from firmware_agent.node import Context
from kiosk_ui.catalogue import FIRST, Catalogue
from kiosk_ui.localtime import local_day, local_time
from kiosk_ui.series import Series, next_series, number_text, ticket_id
from kiosk_ui.slip import CODE_BYTES, Slip, draw_slip, slip_code
from kiosk_ui.ticket_pages import Given, SlipState
from kiosk_ui.told_wait import wait_of
from wire.facts import ORDINARY, TicketIssued
from wire.intents import Field, Kiosk, Lane

SERIES = "ticket.series"
"""Key of the state that holds the last number given."""
OPEN = "ticket.open"
"""Key of the state that holds a ticket that is reserved, but not yet told."""

RandomBytes = Callable[[int], bytes]
"""Returns so many bytes that nobody can guess."""

log = logging.getLogger(__name__)


class TicketDesk:
    """Gives numbers and slips.

    desk = TicketDesk(context, printer, {"vi": load_catalogue()}, paper_px=576, random=secrets.token_bytes)
    desk.tell_open()                                # of a number that was reserved when the power went
    desk.give(kiosk, kiosk.fields[0], lane=None, language="vi")     # None: the disk did not take it
    """

    def __init__(
        self,
        context: Context,
        printer: Printer | None,
        texts: Mapping[str, Catalogue],
        paper_px: int,
        random: RandomBytes,
    ) -> None:
        """`printer` is None at a kiosk that only shows numbers."""
        self._context = context
        self._printer = printer
        self._texts = texts
        self._paper_px = paper_px
        self._random = random
        self._series = _read_series(context.facts.state(SERIES))

    def give(self, kiosk: Kiosk, field: Field, lane: Lane | None, language: str) -> Given | None:
        """Give the next number; None, with a problem reported, when it could not be kept.

        `lane` is None for the ordinary class.
        """
        try:
            ticket = self._reserve(kiosk, field, lane)
        except (sqlite3.Error, OSError) as error:
            log.error("không giữ được số (a number could not be kept): %s", error)
            self._report_disk(error)
            return None
        self._context.problems.clear("disk")
        wait_min = self._wait_of(ticket)
        printed = self._print(self._slip(kiosk, ticket, field, lane, language), language)
        self._tell(msgspec.structs.replace(ticket, printed=printed))
        slip: SlipState = "printed" if printed else "broken" if self._printer else "none"
        return Given(ticket.number, field.id, ticket.lane, slip, wait_min)

    def tell_open(self) -> None:
        """Tell of a ticket that was reserved when the node ended; whether it was printed is not known."""
        kept = self._context.facts.state(OPEN)
        if kept is not None:
            self._tell(msgspec.convert(kept, TicketIssued))

    def _reserve(self, kiosk: Kiosk, field: Field, lane: Lane | None) -> TicketIssued:
        """Take the next number, on disk: from here on nobody gets it again."""
        clock, address = self._context.clock, self._context.address
        now_ms, synced = clock.wall_ms(), clock.synced()
        series = next_series(self._series, local_day(now_ms), synced)
        low, high = wait_of(kiosk, field, now_ms, synced) or (None, None)
        ticket = TicketIssued(
            ticket=ticket_id(address.device, address.node, series),
            number=number_text(kiosk.series, series.last),
            field=field.id,
            day=series.day,
            printed=False,
            lane=lane.id if lane is not None else ORDINARY,
            code=slip_code(self._random(CODE_BYTES)) if kiosk.page_url and self._printer else "",
            wait_low_min=low,
            wait_high_min=high,
        )
        self._context.facts.remember({SERIES: msgspec.to_builtins(series), OPEN: msgspec.to_builtins(ticket)})
        self._series = series
        return ticket

    def _wait_of(self, ticket: TicketIssued) -> tuple[int, int] | None:
        if ticket.wait_low_min is None or ticket.wait_high_min is None:
            return None
        return ticket.wait_low_min, ticket.wait_high_min

    def _slip(
        self, kiosk: Kiosk, ticket: TicketIssued, field: Field, lane: Lane | None, language: str
    ) -> Slip:
        """The officer reads it too: names stand in Vietnamese, with the citizen's behind them."""
        clock = self._context.clock
        also = f" ({field.name_en})" if language != FIRST and field.name_en else ""
        return Slip(
            office=kiosk.office,
            number=ticket.number,
            field=field.name + also,
            lane=lane.name if lane is not None else "",
            papers=tuple(field.papers),
            wait_min=self._wait_of(ticket),
            link=kiosk.page_url + ticket.code if ticket.code else "",
            when=f"{local_time(clock.wall_ms()):%H:%M %d/%m/%Y}" if clock.synced() else "",
        )

    def _print(self, slip: Slip, language: str) -> bool:
        if self._printer is None:
            return False
        try:
            self._printer.print_image(draw_slip(slip, self._texts[language], self._paper_px))
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
            self._report_disk(error)

    def _report_disk(self, error: Exception) -> None:
        self._context.problems.report("disk", f"Không ghi được số, hãy xem thẻ nhớ: {error}")


def _read_series(kept: Any) -> Series | None:
    return None if kept is None else msgspec.convert(kept, Series)
