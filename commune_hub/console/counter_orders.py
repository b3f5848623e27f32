"""What an officer does at the counter's page: buttons, keys of the keyboard, dialogs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from nicegui import events, ui

from commune_hub.capabilities.queue import REASON_MAX, DeskWork, Officer, Ticket
from commune_hub.capabilities.staff import Member
from commune_hub.console.desk import Desk, tell
from commune_hub.console.parts import dialog, dialog_buttons, tagged, text
from commune_hub.console.queue_words import PARK_REASONS

REST_S = 1.5
"""A button rests this long after its order: an impatient second click must not call a second person."""

Doing = Callable[[DeskWork, Officer], Ticket]
Said = Callable[[Ticket], str]


@dataclass
class Orders:
    """Gives the orders of one page.

    Each names the state of the counter that the officer saw; the queue refuses one that comes too late.
    """

    desk: Desk
    counter: Callable[[], str]
    names: dict[str, str]
    fields: dict[str, str]
    seen: str | None = None
    """State of the counter as the page shows it."""
    refresh: Callable[[], Awaitable[None]] = field(default=lambda: asyncio.sleep(0))
    _busy: bool = False
    _last: Doing | None = None
    _rests_until_s: float = 0.0

    def do(self, doing: Doing, said: Said) -> Callable[[], Awaitable[None]]:
        """Return what a button calls."""

        async def order(member: Member) -> None:
            await self.give(member, doing, said)

        return self.desk.handler(order)

    async def give(self, member: Member, doing: Doing, said: Said) -> None:
        """Give one order, tell what became of it, and rest."""
        again = doing is self._last and time.monotonic() < self._rests_until_s
        if self._busy or again:
            return
        self._busy = True
        try:
            queue, ledger = self.desk.capabilities.queue, self.desk.capabilities.ledger
            officer = Officer(member.account, self.counter(), self.seen)
            done = await self.desk.ask(doing, queue.work(ledger), officer)
            self.desk.served.changed()
            tell(said(done))
            self._last, self._rests_until_s = doing, time.monotonic() + REST_S
            await self.refresh()
        finally:
            self._busy = False

    @property
    def place(self) -> str:
        """Name of the counter."""
        return self.names[self.counter()]

    def call_next(self) -> Callable[[], Awaitable[None]]:
        """Call who is next."""
        return self.do(lambda work, officer: work.call_next(officer), self._invited)

    def call(self, number: str) -> Callable[[], Awaitable[None]]:
        """Call this number."""
        return self.do(lambda work, officer: work.call(officer, number), self._invited)

    def recall(self) -> Callable[[], Awaitable[None]]:
        """Call out once more."""
        return self.do(lambda work, officer: work.recall(officer), lambda done: f"Gọi lại số {done.number}")

    def miss(self) -> Callable[[], Awaitable[None]]:
        """Nobody came."""
        return self.do(lambda work, officer: work.miss(officer), lambda done: f"Số {done.number} vắng mặt")

    def end(self) -> Callable[[], Awaitable[None]]:
        """End the visit."""
        return self.do(lambda work, officer: work.end(officer), lambda done: f"Đã xong số {done.number}")

    def undo(self) -> Callable[[], Awaitable[None]]:
        """Take back an end or a miss."""
        return self.do(lambda work, officer: work.undo(officer), lambda done: f"Tiếp tục số {done.number}")

    def give_back(self, ticket: Ticket) -> Callable[[], Awaitable[None]]:
        """Somebody is back."""
        return self.do(
            lambda work, officer: work.give_back(officer, ticket.ticket),
            lambda done: f"Số {done.number} vào lại hàng, gần đầu",
        )

    def park(self) -> None:
        """Ask what is missing, and park the visit."""
        with dialog(self.desk, "Tạm gác lượt này?") as opened:
            text("Số được giữ nguyên; khi quay lại, ông/bà được vào gần đầu hàng.", "muted")
            known = ui.radio(list(PARK_REASONS), value=PARK_REASONS[0]).props("dense")
            other = ui.input("Lý do khác").props(f"outlined maxlength={REASON_MAX}")
            tagged(other, "park-other")

            async def confirmed(member: Member) -> None:
                reason = str(other.value or "").strip() or str(known.value)
                await self.give(
                    member,
                    lambda work, officer: work.park(officer, reason),
                    lambda done: f"Đã tạm gác số {done.number}",
                )

            dialog_buttons(self.desk, opened, "Tạm gác", confirmed)

    def transfer(self) -> None:
        """Ask where to, and transfer the visit."""
        others = {"": "Quầy nào cũng được", **{k: v for k, v in self.names.items() if k != self.counter()}}
        with dialog(self.desk, "Chuyển lượt này đi đâu?") as opened:
            text("Số được giữ nguyên, thời gian đã chờ vẫn được tính.", "muted")
            fields = {"": "Giữ nguyên lĩnh vực", **self.fields}
            to_field = tagged(ui.select(fields, label="Lĩnh vực", value="").props("outlined"), "to-field")
            to_counter = tagged(ui.select(others, label="Quầy", value="").props("outlined"), "to-counter")

            async def confirmed(member: Member) -> None:
                field_id, counter_id = str(to_field.value or ""), str(to_counter.value or "")
                await self.give(
                    member,
                    lambda work, officer: work.transfer(officer, field_id or None, counter_id or None),
                    lambda done: f"Đã chuyển số {done.number}",
                )

            dialog_buttons(self.desk, opened, "Chuyển", confirmed)

    def _invited(self, called: Ticket) -> str:
        return f"Mời số {called.number} đến {self.place}"


def listen_to_keys(orders: Orders) -> None:
    """Let the keyboard do what the buttons do; not while somebody writes into a field."""
    calling = {
        "n": orders.call_next(),
        "r": orders.recall(),
        "v": orders.miss(),
        "k": orders.end(),
        "z": orders.undo(),
    }
    asking = {"g": orders.park, "c": orders.transfer}

    async def pressed(event: events.KeyEventArguments) -> None:
        if not event.action.keydown or event.action.repeat or event.modifiers.ctrl or event.modifiers.alt:
            return
        name = str(event.key.name).lower()
        if name in calling:
            await calling[name]()
        elif name in asking:
            asking[name]()

    ui.keyboard(on_key=pressed, ignore=["input", "select", "textarea"])
