"""A computer in the simulation: a drive and a line that can fail, and what a power cut does to a process."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod

from sim.faults.broker import Broker
from sim.faults.client import Client, Line
from sim.faults.clock import FaultyClock
from sim.faults.disk import Disk
from sim.faults.schedule import Schedule
from sim.faults.truth import Truth
from sim.faults.vfs import ForgetfulDrive

DARK_MS = (1_000, 30_000)
"""How long a machine is off whose power went in the middle of a write."""


class Machine(ABC):
    """Boot it, cut its power; what its process does is for those that stand on it."""

    restart_ms: int
    """The supervisor's pause before it starts a process again."""
    clock: FaultyClock

    def __init__(
        self, schedule: Schedule, chance: random.Random, broker: Broker, truth: Truth, name: str
    ) -> None:
        self.name = name
        self._schedule = schedule
        self._chance = chance
        self._broker = broker
        self._truth = truth
        self.disk = Disk(chance)
        self.drive = self.make_drive()
        self.line = Line(schedule, chance)
        self.client: Client | None = None
        self._boots = 0
        self._off_until_ms = 0

    def make_drive(self) -> ForgetfulDrive:
        """Return the drive over the disk."""
        return ForgetfulDrive(self.disk)

    @abstractmethod
    def start(self) -> None:
        """Start the process, if there is power and it does not run: open its files, connect."""

    @abstractmethod
    def let_go(self) -> None:
        """Let go of what the process holds, without a word."""

    def tell(self, text: str, *, fault: bool = False) -> None:
        """Add a line to the story."""
        self._truth.story.append((self._schedule.now_ms, self.name, text, fault))

    def boot(self) -> None:
        """Power comes, unless another cut lasts longer."""
        if self._schedule.now_ms >= self._off_until_ms:
            self._boots += 1
            self.disk.restore_power()
            self.booted(self._boots)
            self.start()

    def booted(self, boot: int) -> None:
        """Power is there for the `boot`th time; the process is not."""
        self.tell(f"khởi động (boot) {boot}")

    def stop(self) -> None:
        """End the process. Its last writes may be those that the power goes in."""
        powered = self.disk.powered
        self.let_go()
        if powered and not self.disk.powered:
            self._power_went()

    def restart(self) -> None:
        """An update, or a process that raised: it ends and starts again."""
        self.stop()
        self._schedule.after(self.restart_ms, self.start)

    def cut_power(self, off_ms: int) -> None:
        """Pull the plug; power comes back after `off_ms`."""
        self.disk.cut_power()
        self.stop()
        self._off_until_ms = max(self._off_until_ms, self._schedule.now_ms + off_ms)
        self._schedule.after(off_ms, self._power_returns)

    def goes_dark(self) -> bool:
        """Tell whether the power went in what was just written; then the machine is off.

        SQLite gets over some failures, as when it moves its journal into the file behind a commit. A machine
        without power gets over nothing: it says nothing and thanks nobody any more.
        """
        if self.disk.powered:
            return False
        self._power_went()
        return True

    def after_failure(self) -> None:
        """The process raised: it ends. If the power went in the middle of it, the machine is off."""
        if not self.goes_dark():
            self.restart()

    def _power_returns(self) -> None:
        if not self.disk.powered:
            self.boot()

    def _power_went(self) -> None:
        self.tell("mất điện giữa lúc ghi (power went in the middle of a write)", fault=True)
        self.cut_power(self._chance.randint(*DARK_MS))
