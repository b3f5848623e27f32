"""The devices that people touch: rating panels, number pads, kiosks, each stepped in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPin
from gpiozero.pins.pi import PiPin
from PIL import Image

from firmware_agent.delivery.outbox import Outbox
from firmware_agent.hardware import Touch
from kiosk_ui.catalogue import load_catalogue
from kiosk_ui.keys import ALONE_AFTER_S, GIVE_UP_S, KeysNode, KeysSettings
from kiosk_ui.rating import RatingNode
from kiosk_ui.rating_layout import reason_boxes
from kiosk_ui.rating_settings import RatingSettings
from kiosk_ui.ticket_desk import TicketDesk
from kiosk_ui.ticket_settings import TicketSettings
from sim.parts.bare import BareHardware
from sim.parts.keypad import SimKeypad
from sim.week.post import Post, Surroundings
from wire.facts import Body, TicketIssued
from wire.intents import Kiosk

FINGER_MS = 150
"""How long a finger holds a button."""
PAPER_PX = 384
"""A narrow roll: slips are drawn as the product draws them, which costs most of the time of a number."""


class VirtualPins(MockFactory):  # type: ignore[misc]
    """gpiozero's mock pins, whose edges are stamped in virtual time (seconds)."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        super().__init__(pin_class=_VirtualPin)
        self._now_s = now_s

    def ticks(self) -> float:
        """Return the time, as gpiozero asks for it."""
        return self._now_s()


class _VirtualPin(MockPin):  # type: ignore[misc]
    def _call_when_changed(self) -> None:
        PiPin._call_when_changed(self, self.factory.ticks(), self._state)
        del self.states[:-2]


class RatingPanel(Post):
    """Buttons and a touch screen at a counter; the node's pages are turned, but not painted."""

    def __init__(self, around: Surroundings, device: str, counter: str) -> None:
        super().__init__(around, device, "rating")
        self.settings = RatingSettings(counter=counter)
        self._pins: Any = None
        self._node: RatingNode | None = None

    def begin(self, outbox: Outbox) -> None:
        """Make the node and its buttons."""
        self._pins = VirtualPins(lambda: self.now_s)
        node = RatingNode(self.context(self.settings, BareHardware(self.clock, pins=self._pins), outbox))
        node.begin()
        self._node = node
        self.wake()

    def end(self) -> None:
        """The power went, or the process."""
        if self._node is not None:
            self._node.end()
        self._node = None

    def wake(self) -> None:
        """Let the node look."""
        if self._node is not None:
            self._node.step(self.now_s)

    def press(self, level: int, hold_ms: int = FINGER_MS) -> bool:
        """A finger presses the button of `level`; tell whether there is power for it to matter."""
        if self._node is None:
            return False
        pin = self._pins.pin(self.settings.pins[level - 1])
        pin.drive_low()
        self.wake()
        self._schedule.after(hold_ms, pin.drive_high)
        looks_ms = [hold_ms + 50]
        if hold_ms > FINGER_MS:
            looks_ms += [*range(1_000, hold_ms, 1_000), *range(hold_ms + 400, hold_ms + 8_000, 400)]
        for after_ms in looks_ms:
            self._schedule.after(after_ms, self.wake)
        return True

    def tap_reason(self, reason: str) -> None:
        """A finger taps a reason on the screen."""
        if self._node is not None:
            settings = self.settings
            boxes = reason_boxes(settings.width, settings.height, len(settings.reasons))
            box = boxes[settings.reasons.index(reason)]
            self._node.step(self.now_s)
            self._node.step(self.now_s, [Touch(box.x + box.w // 2, box.y + box.h // 2)])


class NumberPad(Post):
    """The keys of a counter."""

    hears = KeysNode.HEARS

    def __init__(self, around: Surroundings, device: str, counter: str, told: Callable[[Body], None]) -> None:
        """`told` hears of each fact that the keys tell."""
        super().__init__(around, device, "keys")
        self.counter = counter
        self._told = told
        self._pad = SimKeypad()
        self._node: KeysNode | None = None

    def begin(self, outbox: Outbox) -> None:
        """Make the node."""
        self._pad = SimKeypad()
        settings = KeysSettings(counter=self.counter)
        self._node = KeysNode(self.context(settings, BareHardware(self.clock, keypad=self._pad), outbox))
        self.wake()

    def end(self) -> None:
        """The power went."""
        self._node = None

    def wake(self) -> None:
        """Let the node look."""
        if self._node is not None:
            self._node.step(self.now_s)

    def type(self, *keys: str) -> None:
        """An officer types; the node looks at once, and when its patience with the hub ends."""
        self._pad.press(list(keys))
        self.wake()
        for after_s in (ALONE_AFTER_S + 0.1, ALONE_AFTER_S + 0.3, GIVE_UP_S + 0.2):
            self._schedule.after(round(after_s * 1_000), self.wake)

    def wrote(self, body: Body) -> None:
        """The keys told something."""
        self._told(body)


class Roll:
    """A printer with paper for a week: what it cut off is in people's hands."""

    def __init__(self) -> None:
        self.slips = 0

    def print_image(self, image: Image.Image) -> None:
        """Print."""
        self.slips += bool(image.size)


class TicketKiosk(Post):
    """Gives numbers and slips; its pages are neither turned nor painted."""

    def __init__(self, around: Surroundings, device: str, prints: bool) -> None:
        super().__init__(around, device, "ticket")
        self._printer = Roll() if prints else None
        self._texts = {"vi": load_catalogue()}
        self._desk: TicketDesk | None = None
        self._issued: TicketIssued | None = None

    def begin(self, outbox: Outbox) -> None:
        """Go on where the series was; tell of a number that was reserved when the power went."""
        context = self.context(TicketSettings(), BareHardware(self.clock), outbox)
        self._desk = TicketDesk(context, self._printer, self._texts, PAPER_PX, self._chance.randbytes)
        self._desk.tell_open()

    def end(self) -> None:
        """The power went."""
        self._desk = None

    def wrote(self, body: Body) -> None:
        """A number is on the card."""
        if isinstance(body, TicketIssued):
            self._issued = body

    def give(self, field: str, lane: str) -> TicketIssued | None:
        """Give out a number; None without power, or before the hub has told what there is to choose.

        Returns what the citizen holds: the number, and the code on his slip.
        """
        kiosk = self.shelf.current(Kiosk) if self.shelf is not None else None
        if kiosk is None or self._desk is None:
            return None
        chosen = next(each for each in kiosk.fields if each.id == field)
        priority = next((each for each in kiosk.lanes if each.id == lane), None)
        given = self._desk.give(kiosk, chosen, priority, "vi")
        return self._issued if given is not None else None
