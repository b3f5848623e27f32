"""A row of buttons with lamps: gpiozero's edges in, single presses out; ill contacts are left out."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gpiozero import LED, Button

from kiosk_ui.contact_health import ContactHealth, Fault, Reading
from kiosk_ui.debounce import Debouncer

PRESSES_MAX = 1024
"""Presses that may wait for the node. Bounces never enter the queue, and a button gives at most one press in
`settle_s`, so that even four chattering ones need seconds to fill it."""

CLOCK_READ_WITHIN_S = 0.002
CLOCK_READINGS_MAX = 20

LOST_EDGE_AFTER_S = 0.1
"""A line that stands otherwise than its edges said for this long has lost an edge."""


@dataclass(frozen=True)
class Press:
    """A press, by its place in the row, and when it was, on the monotonic clock."""

    place: int
    at_s: float


@dataclass(frozen=True)
class FaultChange:
    """A contact fell ill, or is well again (`fault` None)."""

    place: int
    fault: Fault | None
    edges_left_out: int


@dataclass
class _Contact:
    """One button, and what is known of it."""

    button: Any
    debouncer: Debouncer
    health: ContactHealth
    edges: int = 0
    presses: int = 0
    differs_since_s: float | None = None


class ButtonRow:
    """Buttons wired to ground, each with a lamp.

        row = ButtonRow(factory, pins=[17, 27], lamps=[5, 6], settle_s=0.04, wake=event)
        row.take()           # [Press(place=0, at_s=…)]: presses since the last call, oldest first
        row.light(0)         # only this lamp
        row.watch(now_s)     # now and then: finds lost edges and ill contacts

    Edges come on gpiozero's own thread. There they are only judged, which takes microseconds: what waits for
    the node is whole presses, however long the disk lets it wait. What a contact says that is stuck, shorted
    or chattering is counted, but is no press.
    """

    def __init__(
        self,
        factory: Any,
        pins: Sequence[int],
        lamps: Sequence[int],
        settle_s: float,
        wake: threading.Event,
        stuck_after_s: float = 20.0,
    ) -> None:
        self._factory = factory
        self._wake = wake
        self._lock = threading.Lock()
        self._presses: queue.Queue[Press] = queue.Queue(PRESSES_MAX)
        self.lost = 0
        """Presses that found the queue full."""
        self._lamps = [LED(pin, pin_factory=factory) for pin in lamps]
        self._contacts = [
            self._contact(place, pin, settle_s, stuck_after_s) for place, pin in enumerate(pins)
        ]

    def _contact(self, place: int, pin: int, settle_s: float, stuck_after_s: float) -> _Contact:
        button = Button(pin, pull_up=True, bounce_time=None, pin_factory=self._factory)
        debouncer = Debouncer(settle_s, pressed=button.is_pressed)
        contact = _Contact(button, debouncer, ContactHealth(stuck_after_s))
        button.when_pressed = lambda: self._edge(place, contact, True)
        button.when_released = lambda: self._edge(place, contact, False)
        return contact

    def _edge(self, place: int, contact: _Contact, pressed: bool) -> None:
        at_s = self._edge_at_s(contact.button, pressed)
        with self._lock:
            contact.edges += 1
            if contact.debouncer.edge(pressed, at_s):
                self._put(place, contact, at_s)

    def _edge_at_s(self, button: Any, pressed: bool) -> float:
        """Return the time of the edge itself, not of this call: on a busy Pi calls come late, and in bunches.

        gpiozero only says how long ago it was. A thread that is held up between two readings of the clock
        would move the edge by as much, and make a bounce into a press: then they are read again.
        """
        for _ in range(CLOCK_READINGS_MAX):
            before_s = self._factory.ticks()
            since_s = button.active_time if pressed else button.inactive_time
            now_s = float(self._factory.ticks())
            if now_s - before_s < CLOCK_READ_WITHIN_S:
                break
        return now_s - (since_s or 0.0)

    def _put(self, place: int, contact: _Contact, at_s: float) -> None:
        contact.presses += 1
        if contact.health.fault is not None:
            return
        try:
            self._presses.put_nowait(Press(place, at_s))
        except queue.Full:
            self.lost += 1
        self._wake.set()

    def take(self) -> list[Press]:
        """Return the presses since the last call, oldest first."""
        presses = []
        while not self._presses.empty():
            presses.append(self._presses.get_nowait())
        return presses

    def watch(self, now_s: float) -> list[FaultChange]:
        """Compare each line with what its edges said; return contacts that fell ill or became well.

        A lost edge is made good. `now_s` is monotonic.
        """
        changes = []
        for place, contact in enumerate(self._contacts):
            down = contact.button.is_pressed
            with self._lock:
                self._compare(place, contact, down, now_s)
                health = contact.health
                if health.look(now_s, Reading(down, contact.edges, contact.presses)):
                    changes.append(FaultChange(place, health.fault, health.edges_left_out))
        return changes

    def _compare(self, place: int, contact: _Contact, down: bool, now_s: float) -> None:
        if down == contact.debouncer.pressed:
            contact.differs_since_s = None
        elif contact.differs_since_s is None:
            contact.differs_since_s = now_s
        elif now_s - contact.differs_since_s >= LOST_EDGE_AFTER_S:
            contact.differs_since_s = None
            if contact.debouncer.correct(down):
                self._put(place, contact, now_s)

    def faults(self) -> dict[int, Fault]:
        """Return the contacts that are ill now, by place."""
        found = {place: contact.health.fault for place, contact in enumerate(self._contacts)}
        return {place: fault for place, fault in found.items() if fault is not None}

    def light(self, place: int | None) -> None:
        """Light this lamp and no other; None: no lamp."""
        for each, lamp in enumerate(self._lamps):
            if lamp.value != (each == place):
                lamp.value = each == place

    def close(self) -> None:
        """Give the pins back."""
        for device in [*(contact.button for contact in self._contacts), *self._lamps]:
            device.close()
