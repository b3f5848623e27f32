"""A rating node in the simulation of faults: a press is a fact, and is thanked for once it is on the card."""

from __future__ import annotations

import random
import sqlite3

from firmware_agent.clock import moment
from sim.faults.broker import Broker
from sim.faults.schedule import Schedule
from sim.faults.station import Station
from sim.faults.truth import Press, Truth
from wire.facts import RatingPressed, make_fact


class Node(Station):
    """One rating node: press its button, cut its power, change its card."""

    def __init__(
        self, schedule: Schedule, chance: random.Random, broker: Broker, truth: Truth, device: str
    ) -> None:
        super().__init__(schedule, chance, broker, truth, device)
        self._presses = 0

    def press(self) -> None:
        """A citizen presses; without power or process nothing happens, and nobody is thanked."""
        if self.outbox is None or self.carrier is None:
            return
        self._presses += 1
        name = f"{self.device}-{self._presses}"
        body = RatingPressed(counter=self.device, scale="vi4", level=1, source="button", ticket=name)
        press = Press(name, self.device, make_fact(body, moment(self.clock)), self._schedule.now_ms)
        self._truth.presses[name] = press
        try:
            seq = self.outbox.append(press.fact)
        except sqlite3.Error as error:
            self.tell(f"bấm (press) {self._presses}: không ghi được (not written): {error}")
            self.after_failure()
            return
        if self.goes_dark():
            return
        press.thanked = True
        self.tell(f"bấm (press) {self._presses} → số (number) {seq}, cảm ơn (thanked)")
        self.announce()
