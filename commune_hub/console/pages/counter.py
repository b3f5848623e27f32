"""Quầy: all that an officer does with the queue, on one page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from nicegui import ui

from commune_hub.capabilities.queue import Rules, Standing, Ticket, rules_of
from commune_hub.console.counter_orders import Orders, listen_to_keys
from commune_hub.console.desk import Desk, Page, redrawn
from commune_hub.console.parts import badge, empty, panel, row, tagged, text
from commune_hub.console.queue_words import about_text, aside_text, clash_text, why_text
from commune_hub.times import now_ms

SHOWN_MAX = 40
REMEMBERED = "counter"
NOBODY = "–"
SHORTCUTS = "Phím tắt: N gọi tiếp · R gọi lại · V vắng mặt · G tạm gác · C chuyển · K kết thúc · Z hoàn tác"


@dataclass(frozen=True)
class _Seen:
    """What the page shows; it changes with the queue, and every minute with the waiting times."""

    counter: str
    state: str
    serving: dict[str, Ticket]
    line: list[Standing]
    total: int
    aside: list[Ticket]
    clashes: list[Ticket]
    undone: Ticket | None
    minute: int


@dataclass(frozen=True)
class _Words:
    """Names and rules that the lists speak of."""

    counters: dict[str, str]
    fields: dict[str, str]
    lanes: dict[str, str]
    rules: Rules


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
    config = desk.capabilities.config
    fields = {each.id: each.name for each in config.fields}
    lanes = {each.id: each.name for each in config.lanes}
    words = _Words(choice.names, fields, lanes, rules_of(config))
    orders = Orders(desk, lambda: choice.counter, choice.names, fields)

    def show(seen: _Seen) -> None:
        orders.seen = seen.state
        for part in parts:
            part(seen)

    with ui.element("div").classes("split"):
        with ui.element("div").classes("stack"):
            with panel(classes="counter-panel"):
                select = ui.select(choice.names, label="Quầy của tôi", value=choice.counter)
                tagged(select, "counter-select").props("outlined").classes("counter-select")
                show_current = _current(fields)
                show_buttons = _buttons(orders)
            with panel("Các quầy khác", "meeting_room"):
                show_others = redrawn(partial(_others, choice.names), "rows")
        with ui.element("div").classes("stack"):
            with panel("Đang chờ", "groups"):
                show_waiting = redrawn(partial(_waiting, words, orders), "rows")
            with panel("Tạm gác, vắng mặt", "pending_actions"):
                show_aside = redrawn(partial(_aside, words, orders), "rows")
    parts: list[Callable[[_Seen], None]] = [
        show_current, show_buttons, show_others, show_waiting, show_aside
    ]  # fmt: skip
    refresh = await desk.follow(partial(_look, desk, choice), show)
    orders.refresh = refresh
    listen_to_keys(orders)

    async def chosen() -> None:
        choice.choose(str(select.value))
        await refresh()

    select.on_value_change(chosen)


def _look(desk: Desk, choice: _Choice) -> _Seen:
    queue = desk.capabilities.queue
    counter = choice.counter
    state = queue.state_of(counter)  # read first: what changes meanwhile makes an order void, not wrong
    line = queue.line(counter)
    return _Seen(
        counter,
        state,
        queue.serving(),
        line[:SHOWN_MAX],
        len(line),
        queue.aside(),
        queue.clashes(),
        queue.work(desk.capabilities.ledger).undone(counter),
        now_ms() // 60_000,
    )


def _current(fields: dict[str, str]) -> Callable[[_Seen], None]:
    ui.label("Đang phục vụ").classes("muted")
    number = tagged(text(NOBODY, "current-number"), "current-number")
    about = tagged(text("", "current-about"), "current-about")

    def show(seen: _Seen) -> None:
        ticket = seen.serving.get(seen.counter)
        number.text = ticket.number if ticket else NOBODY
        about.text = about_text(ticket, fields, now_ms()) if ticket else "Chưa có lượt nào tại quầy này"

    return show


def _buttons(orders: Orders) -> Callable[[_Seen], None]:
    """Draw the buttons; what makes sense only with somebody at the counter rests without."""
    call = ui.button("Gọi số tiếp theo", icon="campaign", on_click=orders.call_next())
    tagged(call.props("unelevated no-caps size=xl").classes("wide-button call-button"), "call-next")
    with row("counter-buttons"):
        serving = [
            _button("Gọi lại", "record_voice_over", "recall", orders.recall()),
            _button("Vắng mặt", "person_off", "missed", orders.miss()),
            _button("Tạm gác", "pause_circle", "park", orders.park),
            _button("Chuyển", "forward", "transfer", orders.transfer),
        ]
    end = ui.button("Kết thúc lượt", icon="check", on_click=orders.end())
    tagged(end.props("outline no-caps size=lg").classes("wide-button"), "end-visit")
    undo = _button("", "undo", "undo", orders.undo()).classes("wide-button")
    text(SHORTCUTS, "muted")

    def show(seen: _Seen) -> None:
        on = seen.counter in seen.serving
        for each in serving:
            each.set_enabled(on)
        undo.set_visibility(seen.undone is not None)
        if seen.undone is not None:
            undo.text = f"Hoàn tác: tiếp tục số {seen.undone.number}"

    return show


def _button(label: str, icon: str, tag: str, do: Callable[..., object]) -> ui.button:
    return tagged(ui.button(label, icon=icon, on_click=do).props("outline no-caps"), tag)


def _others(names: dict[str, str], seen: _Seen) -> None:
    others = {counter: name for counter, name in names.items() if counter != seen.counter}
    for counter, name in others.items():
        ticket = seen.serving.get(counter)
        with row("row-line"):
            text(name, "grow")
            badge(ticket.number if ticket else "trống", "calm" if ticket else "plain")
    if not others:
        empty("Chỉ có một quầy", "meeting_room")


def _waiting(words: _Words, orders: Orders, seen: _Seen) -> None:
    if not seen.line:
        empty("Không còn ai đang chờ", "event_seat")
        return
    now = now_ms()
    for place, standing in enumerate(seen.line):
        ticket = standing.ticket
        with row("row-line next-line" if place == 0 else "row-line"):
            text(ticket.number, "ticket-number")
            with ui.element("div").classes("grow"):
                text(words.fields.get(ticket.field, ticket.field))
                text(why_text(standing, words.lanes, words.rules, now), "muted")
            _small("Gọi", f"call-{ticket.number}", orders.call(ticket.number))
    if seen.total > len(seen.line):
        text(f"… và {seen.total - len(seen.line)} người nữa", "muted")


def _aside(words: _Words, orders: Orders, seen: _Seen) -> None:
    now = now_ms()
    for ticket in seen.aside:
        with row("row-line"):
            text(ticket.number, "ticket-number")
            text(aside_text(ticket, now), "grow")
            _small("Đã quay lại", f"return-{ticket.number}", orders.give_back(ticket))
            _small("Gọi", f"call-{ticket.number}", orders.call(ticket.number))
    for ticket in seen.clashes:
        with row("row-line"):
            text(ticket.number, "ticket-number")
            text(clash_text(ticket, words.counters), "grow")
            badge("gọi trùng", "wait")
    if not seen.aside and not seen.clashes:
        empty("Không có ai", "done_all")


def _small(label: str, tag: str, do: Callable[..., object]) -> None:
    tagged(ui.button(label, on_click=do).props("flat dense no-caps"), tag)


PAGE = Page("/counter", "Quầy", "storefront", build, frozenset({"officer"}))
