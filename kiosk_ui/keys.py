"""The keys node: a number pad or two push buttons at a counter, that call also while the hub is away.

With the hub there, a key asks, and the hub answers in the counter's document. When it does not answer in time
the asking is void, and the counter goes on alone: what it does then is told as facts, and joined up later.
"""

from __future__ import annotations

import logging
import secrets
import time
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field, model_validator

from firmware_agent.hardware import HardwareError
from firmware_agent.node import Context
from firmware_agent.settings import Settings
from kiosk_ui.alone import HEARD_MAX, after_document, after_hearing, by_figures, in_document
from kiosk_ui.alone_work import AloneWork
from kiosk_ui.button_care import ButtonCare
from kiosk_ui.buttons import ButtonRow
from kiosk_ui.keystrokes import Keystrokes, Order
from kiosk_ui.pace import NEXTS_MAX, Pace
from kiosk_ui.pad_care import PadCare
from wire.facts import CounterAsked, TicketCalled, TicketIssued
from wire.intents import Desk

LOOK_EVERY_S = 0.05
ASK_VALID_MS = 2_000
"""An asking that reaches the hub later than this is void."""
ALONE_AFTER_S = 2.5
"""And half a second after that the counter goes on alone: the hub cannot do it any more."""
GIVE_UP_S = 10.0
"""A hub that has taken the asking and gives no answer for so long has a trouble of its own."""
SILENT_MS = 1_500
"""A hub that leaves facts unanswered for so long is not asked."""
SETTLED_AFTER_S = 2.0
"""What was heard so long before a document came, the document knows."""
JOINED_AFTER_S = 10.0
"""The hub has had all facts for so long: its document counts, whatever it says of them."""
LAMP_S = 1.0
KEPT_S = 3.0
"""An order that was pressed while another waited for its answer is done so long after; then it is void."""

ACTIONS = ("next", "end")
"""What the two push buttons mean."""
ACTION_NAMES = ("Gọi số", "Kết thúc")
DONE, REFUSED = 0, 1
"""Places of the lamps."""

TOO_FAST = (
    "Gọi số dồn dập, máy không gọi nữa: nút bị kẹt hoặc dây lỏng? Hãy để yên 15 giây rồi bấm lại, "
    "hoặc gọi trên trang Quầy."
)
TOO_LATE = "Phím trước chờ hub quá lâu, phím bấm sau đó đã bỏ; hãy bấm lại."
TOO_MANY = "Phím bấm quá nhanh, phím cuối đã bỏ; hãy bấm lại."

log = logging.getLogger(__name__)


class KeysSettings(Settings):
    """What `[nodes.settings]` may say for the keys of a counter. Pins are BCM numbers."""

    keypad: bool = True
    """Whether there is a USB number pad."""
    buttons: tuple[int, ...] = ()
    """Pins of the two push buttons, next and end, that take a pad's place or stand beside it."""
    lamps: tuple[int, ...] = ()
    """Pins of the two lamps: done, and refused."""
    settle_ms: int = Field(default=40, ge=5, le=200)
    stuck_after_s: float = Field(default=20.0, ge=1, le=600)
    """A push button or a key that is down for so long is ill."""
    nexts_max: int = Field(default=NEXTS_MAX, ge=2, le=1_000)
    """So many numbers are called in 15 s at most."""
    counter: str = Field(default="", max_length=40)
    """Id of the counter until the hub has told; empty: the device's name."""

    @model_validator(mode="after")
    def _whole(self) -> KeysSettings:
        if len(self.buttons) not in (0, 2) or len(self.lamps) not in (0, 2):
            raise ValueError("buttons, lamps: two pins or none")
        used = [*self.buttons, *self.lamps]
        if len(set(used)) != len(used) or not all(0 <= pin <= 27 for pin in used):
            raise ValueError(f"different pins between 0 and 27 are needed, found {used}")
        if not self.keypad and not self.buttons:
            raise ValueError("keypad = false needs buttons")
        return self


@dataclass(frozen=True)
class _Asked:
    """An asking under way."""

    ask: str
    order: Order
    since_s: float


class KeysNode:
    """Calls with keys."""

    Settings: ClassVar[type[Settings]] = KeysSettings
    HEARS: ClassVar[frozenset[str]] = frozenset({TicketIssued.KIND, TicketCalled.KIND})

    def __init__(self, context: Context) -> None:
        self._context = context
        self._settings: KeysSettings = context.settings
        self._keypad = context.hardware.keypad() if self._settings.keypad else None
        self._pad_care = PadCare(context, self._settings.stuck_after_s)
        self._strokes = Keystrokes()
        self._care = ButtonCare(context, ACTION_NAMES, "bấm không gọi được số")
        self._pace = Pace(self._settings.nexts_max)
        self.work = AloneWork(context, self._settings.counter)
        """What it does without the hub, and what it knows beyond its document."""
        self.work.desk = context.documents.current(Desk)
        self._asked: _Asked | None = None
        self._kept: tuple[Order, float] | None = None
        """What was pressed while the asking was under way, and when."""
        self._alone = False
        """The hub left the last asking unanswered, and has not been heard since."""
        self._heard_at_s = {each.ticket: float("-inf") for each in self.work.known.heard}
        """When each ticket was heard of; what was heard before the start, the next document knows."""
        self._all_sent: tuple[int, float] | None = None
        """Since when the hub has had everything up to this own fact."""
        self._lamp: tuple[int, float] | None = None
        self.answered_after_s: float | None = None
        """How long the last asking took to its answer."""

    def run(self) -> None:
        """Work until `context.stop` is set."""
        context = self._context
        row = self._open_row()
        try:
            while not context.stop.is_set():
                self.step(time.monotonic(), row)
                context.changed.wait(LOOK_EVERY_S)
                context.changed.clear()
        finally:
            if row is not None:
                row.close()
            if self._keypad is not None:
                self._keypad.close()

    def step(self, now_s: float, row: ButtonRow | None = None) -> None:
        """Do what is to be done at `now_s`: listen, look at the document, take keys."""
        self._listen(now_s)
        self._look_at_document(now_s)
        self._lose_patience(now_s)
        for name in self._keys(now_s):
            self._take(self._strokes.key(name, now_s), now_s)
        if row is not None:
            self._care.look(row, self.work.counter, now_s)
            for press in row.take():
                self._take(self._strokes.button(ACTIONS[press.place], now_s), now_s)
            lit = self._lamp is not None and now_s < self._lamp[1]
            row.light(self._lamp[0] if lit and self._lamp is not None else None)

    def _open_row(self) -> ButtonRow | None:
        settings = self._settings
        if not settings.buttons and not settings.lamps:
            return None
        pins = self._context.hardware.pins()
        return ButtonRow(
            pins,
            settings.buttons,
            settings.lamps,
            settings.settle_ms / 1_000,
            self._context.changed,
            settings.stuck_after_s,
        )

    def _keys(self, now_s: float) -> list[str]:
        """Return what a hand has pressed since the last look."""
        if self._keypad is None:
            return []
        keys: list[str] = []
        try:
            keys = self._keypad.keys()
        except HardwareError as error:
            self._context.problems.report("keypad", f"Bàn phím gọi số: {error}")
        else:
            self._context.problems.clear("keypad")
        return self._pad_care.look(keys, self._keypad.held(), self.work.counter, now_s)

    def _take(self, order: Order | None, now_s: float) -> None:
        """Ask the hub, or do it; while an asking is under way, another order waits for its answer."""
        if order is None:
            return
        if self._asked is not None:
            self._keep(self._asked.order, order, now_s)
            return
        if order.action == "next" and not self._pace.allows(now_s):
            self._tell(TOO_FAST, now_s)
            return
        sight = self._context.sight()
        there = sight.connected and not self._alone and sight.silent_ms < SILENT_MS
        if there and self.work.desk is not None:
            self._ask(order, now_s)
        else:
            self._tell(self.work.do(order), now_s)

    def _keep(self, asked: Order, order: Order, now_s: float) -> None:
        """Keep one order for after the answer. The same again, of an impatient hand, says nothing new."""
        if self._kept is None and order != asked:
            self._kept = (order, now_s)
        elif self._kept is not None and order != self._kept[0]:
            self._tell(TOO_MANY, now_s)

    def _go_on(self, refusal: str, now_s: float) -> None:
        """Tell what became of an asking; do what was kept, if that went well and not too long ago."""
        kept, self._kept = self._kept, None
        if kept is None or refusal:
            self._tell(refusal, now_s)
        elif now_s - kept[1] > KEPT_S:
            self._tell(TOO_LATE, now_s)
        else:
            self._tell("", now_s)
            self._take(kept[0], now_s)

    def _ask(self, order: Order, now_s: float) -> None:
        ask = secrets.token_hex(8)
        asking = CounterAsked(
            counter=self.work.counter,
            ask=ask,
            action=order.action,
            number=self._number(order),
            expires_at_ms=self._context.clock.wall_ms() + ASK_VALID_MS,
        )
        if self.work.record(asking) is not None:
            self._asked = _Asked(ask, order, now_s)

    def _number(self, order: Order) -> str:
        """Return the number that was typed as it stands on the slip, where it is known here."""
        if not order.number:
            return ""
        meant = by_figures(self.work.desk, self.work.known, order.number)
        return meant.number if meant.ticket else order.number

    def _look_at_document(self, now_s: float) -> None:
        """Take the hub's word where it knows all that was done here."""
        desk = self._context.documents.current(Desk)
        new = desk != self.work.desk
        self.work.desk = desk
        if desk is None:
            return
        if self._asked is not None and desk.answered == self._asked.ask:
            self._hear_answer(self._asked, desk.answer, now_s)
        sight = self._context.sight()
        if sight.connected and sight.silent_ms == 0 and sight.backlog == 0:
            self._alone = False
        own = self.work.known.told
        if (new or own) and (not own or self._joined(desk, own, now_s)):
            settled = [key for key, at_s in self._heard_at_s.items() if now_s - at_s >= SETTLED_AFTER_S]
            self.work.remember(after_document(self.work.known, settled))

    def _joined(self, desk: Desk, own: int, now_s: float) -> bool:
        """Whether the hub's document takes account of the counter's own fact number `own`."""
        address = self._context.address
        if in_document(desk, address.device, address.node, own):
            return True
        sight = self._context.sight()
        if not sight.connected or sight.backlog:
            self._all_sent = None
        elif self._all_sent is None or self._all_sent[0] != own:
            self._all_sent = (own, now_s)
        return self._all_sent is not None and now_s - self._all_sent[1] >= JOINED_AFTER_S

    def _hear_answer(self, asked: _Asked, answer: str, now_s: float) -> None:
        self._asked = None
        self.answered_after_s = now_s - asked.since_s
        took_ms = round(self.answered_after_s * 1_000)
        log.info("%s: hub trả lời sau (answered after) %d ms", asked.order.action, took_ms)
        self._go_on(answer, now_s)

    def _lose_patience(self, now_s: float) -> None:
        """Go on alone, unless the hub has the asking: then it has done it, or will not."""
        if self._asked is None or now_s - self._asked.since_s < ALONE_AFTER_S:
            return
        sight = self._context.sight()
        if sight.connected and sight.backlog == 0:
            if now_s - self._asked.since_s >= GIVE_UP_S:
                self._asked = None
                self._go_on("Hub nhận phím nhưng không trả lời.", now_s)
            return
        order, self._asked = self._asked.order, None
        self._alone = True
        self._go_on(self.work.do(order), now_s)

    def _listen(self, now_s: float) -> None:
        heard = self._context.neighbours.take()
        if not heard:
            return
        for each in heard:
            if isinstance(each.body, TicketIssued):
                self._heard_at_s[each.body.ticket] = now_s
        self.work.remember(after_hearing(self.work.known, (each.body for each in heard)))
        for old in list(self._heard_at_s)[:-HEARD_MAX]:
            del self._heard_at_s[old]

    def _tell(self, refusal: str, now_s: float) -> None:
        """Let the lamps say what became of the last key; what refused it is shown to staff, too."""
        self._lamp = (REFUSED if refusal else DONE, now_s + LAMP_S)
        if refusal:
            self._context.problems.report("answer", refusal)
        else:
            self._context.problems.clear("answer")
