"""Quầy: an officer calls the next number and ends a visit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from nicegui import ui

from commune_hub.capabilities.queue import Ticket
from commune_hub.capabilities.staff import Member
from commune_hub.console.desk import Desk, Page, Refresh, redrawn, tell
from commune_hub.console.moments import clock_text, span_text
from commune_hub.console.parts import badge, empty, panel, row, tagged, text
from commune_hub.times import now_ms

REST_S = 1.5
"""The call button rests this long after a call: an impatient second click must not call a second person."""

SHOWN_MAX = 60
REMEMBERED = "counter"
NOBODY = "–"


@dataclass(frozen=True)
class _Seen:
    """What the page shows; it changes with the queue, and every minute with the waiting times."""

    counter: str
    serving: dict[str, Ticket]
    waiting: list[Ticket]
    minute: int


class _Choice:
    """Which counter the officer sits at; the browser remembers it."""

    def __init__(self, desk: Desk) -> None:
        self._memory = desk.memory
        self.names = {each.id: each.name for each in desk.capabilities.config.counters}
        remembered = str(desk.memory.get(REMEMBERED, ""))
        self.counter = remembered if remembered in self.names else next(iter(self.names))

    def choose(self, counter: str) -> None:
        self.counter = counter
        self._memory[REMEMBERED] = counter


async def build(desk: Desk) -> None:
    """Build the page."""
    choice = _Choice(desk)
    fields = {each.id: each.name for each in desk.capabilities.config.fields}

    def look() -> _Seen:
        queue = desk.capabilities.queue
        return _Seen(choice.counter, queue.serving(), queue.waiting(), now_ms() // 60_000)

    def show(seen: _Seen) -> None:
        for part in parts:
            part(seen)

    with ui.element("div").classes("split"):
        with ui.element("div").classes("stack"):
            with panel(classes="counter-panel"):
                select = ui.select(choice.names, label="Quầy của tôi", value=choice.counter)
                tagged(select, "counter-select").props("outlined").classes("counter-select")
                show_current = _current(fields)
                call, end = _buttons()
            with panel("Các quầy khác", "meeting_room"):
                show_others = redrawn(partial(_others, choice.names), "rows")
        with panel("Đang chờ", "groups"):
            show_waiting = redrawn(partial(_waiting, fields), "rows")
    parts: list[Callable[[_Seen], None]] = [show_current, show_others, show_waiting]
    refresh = await desk.follow(look, show)
    _wire(desk, choice, call, end, refresh)

    async def chosen() -> None:
        choice.choose(str(select.value))
        await refresh()

    select.on_value_change(chosen)


def _current(fields: dict[str, str]) -> Callable[[_Seen], None]:
    ui.label("Đang phục vụ").classes("muted")
    number = tagged(text(NOBODY, "current-number"), "current-number")
    about = text("", "current-about")

    def show(seen: _Seen) -> None:
        ticket = seen.serving.get(seen.counter)
        number.text = ticket.number if ticket else NOBODY
        about.text = _about(ticket, fields) if ticket else "Chưa có lượt nào tại quầy này"

    return show


def _about(ticket: Ticket, fields: dict[str, str]) -> str:
    called = f" · gọi lúc {clock_text(ticket.called_at_ms)}" if ticket.called_at_ms else ""
    return f"{fields.get(ticket.field, ticket.field)}{called}"


def _buttons() -> tuple[ui.button, ui.button]:
    call = ui.button("Gọi số tiếp theo", icon="campaign").props("unelevated no-caps size=xl")
    end = ui.button("Kết thúc lượt", icon="check").props("outline no-caps size=lg")
    return tagged(call.classes("wide-button call-button"), "call-next"), tagged(
        end.classes("wide-button"), "end-visit"
    )


def _wire(desk: Desk, choice: _Choice, call: ui.button, end: ui.button, refresh: Refresh) -> None:
    queue, ledger = desk.capabilities.queue, desk.capabilities.ledger

    async def call_next(member: Member) -> None:
        if not call.enabled:
            return
        call.disable()
        try:
            called = await desk.ask(queue.call_next, ledger, choice.counter, member.account)
            desk.served.changed()
            tell(f"Mời số {called.number} đến {choice.names[choice.counter]}")
            await refresh()
            await asyncio.sleep(REST_S)
        finally:
            call.enable()

    async def end_visit(member: Member) -> None:
        await desk.ask(queue.end, ledger, choice.counter, member.account)
        desk.served.changed()
        await refresh()

    call.on_click(desk.handler(call_next))
    end.on_click(desk.handler(end_visit))


def _others(names: dict[str, str], seen: _Seen) -> None:
    others = {counter: name for counter, name in names.items() if counter != seen.counter}
    for counter, name in others.items():
        ticket = seen.serving.get(counter)
        with row("row-line"):
            text(name, "grow")
            badge(ticket.number if ticket else "trống", "calm" if ticket else "plain")
    if not others:
        empty("Chỉ có một quầy", "meeting_room")


def _waiting(fields: dict[str, str], seen: _Seen) -> None:
    if not seen.waiting:
        empty("Không còn ai đang chờ", "event_seat")
        return
    now = now_ms()
    for place, ticket in enumerate(seen.waiting[:SHOWN_MAX]):
        with row("row-line next-line" if place == 0 else "row-line"):
            text(ticket.number, "ticket-number")
            text(fields.get(ticket.field, ticket.field), "grow")
            text(f"chờ {span_text(now - ticket.issued_at_ms)}", "muted")
    if len(seen.waiting) > SHOWN_MAX:
        text(f"… và {len(seen.waiting) - SHOWN_MAX} người nữa", "muted")


PAGE = Page("/counter", "Quầy", "storefront", build, frozenset({"officer"}))
