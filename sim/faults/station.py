"""A device of one node in the simulation: outbox and carrier on a card, a clock and a line that can fail.

What the node does is for those that stand on it: `opened`, `closing`, `filters` and `heard` are theirs.
"""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

from firmware_agent.database import DatabaseUnusableError
from firmware_agent.delivery.carrier import Carrier
from firmware_agent.delivery.outbox import Outbox
from sim.faults.broker import Broker
from sim.faults.client import Client
from sim.faults.clock import FaultyClock
from sim.faults.disk import Image
from sim.faults.machine import Machine
from sim.faults.schedule import Schedule
from sim.faults.truth import Truth
from wire.batches import Ack
from wire.codec import decode, encode
from wire.topics import Address

OUTBOX = Path("outbox.db")
SYNC_AFTER_MS = (2_000, 90_000)
"""When after a boot the time server is reached."""
LOOK_EVERY_MS = 1_000
"""The link looks after its sender at least this often (firmware_agent.delivery.link)."""


class Station(Machine):
    """Boot it, cut its power, change its card; `announce` what its outbox holds anew."""

    restart_ms = 2_000
    look_every_ms = LOOK_EVERY_MS

    def __init__(
        self,
        schedule: Schedule,
        chance: random.Random,
        broker: Broker,
        truth: Truth,
        device: str,
        node: str = "rating",
        commune: str = "xa",
    ) -> None:
        super().__init__(schedule, chance, broker, truth, device)
        self.device = device
        self.address = Address(commune, device, node)
        self.clock = self.make_clock(0)
        self.outbox: Outbox | None = None
        self.carrier: Carrier | None = None
        self.copy: tuple[Image, int] | None = None
        """The technician's copy of the card, and how many presses had been made then."""
        self._life = 0
        self._looking = False
        self._epochs = 0

    def make_clock(self, boot: int) -> FaultyClock:
        """Return the clock of the boot of this number; 0: there was none yet."""
        clock = FaultyClock(self._schedule, self._chance, f"{self.device}-boot-{boot}")
        if boot:
            self._schedule.after(self._chance.randint(*SYNC_AFTER_MS), clock.sync)
        return clock

    def opened(self, outbox: Outbox) -> None:
        """The process has started, and its outbox is open; the link is not."""

    def closing(self) -> None:
        """The process ends."""

    def filters(self) -> list[str]:
        """Return what it hears of besides its acks."""
        return []

    def heard(self, topic: str, payload: bytes) -> None:
        """Something came that is no ack."""

    def name_epoch(self) -> str:
        """Return the next epoch; the same seed must give the same names."""
        self._epochs += 1
        return f"{self._chance.getrandbits(56):014x}{self._epochs % 256:02x}"

    # Power and process

    def booted(self, boot: int) -> None:
        """A clock that stands in 1970."""
        self.clock = self.make_clock(boot)
        super().booted(boot)

    def start(self) -> None:
        """Start the process: open the outbox and the link."""
        if self.outbox is not None or not self.disk.powered:
            return
        self._life += 1
        self._looking = False
        try:
            self.outbox = Outbox(OUTBOX, self.drive, self.name_epoch)
        except (sqlite3.Error, OSError, DatabaseUnusableError) as error:
            self.tell(f"chưa mở được hộp thư (outbox does not open): {error}")
            self.after_failure()
            return
        if self.outbox.set_aside:
            self.tell("hộp thư hỏng, cất riêng (outbox set aside)")
            self._truth.excuse(self.device, "set aside")
        if self.goes_dark():
            return
        self.carrier = self.make_carrier(self.outbox)
        self.opened(self.outbox)
        self._connect()
        self._look(self._life)

    def make_carrier(self, outbox: Outbox) -> Carrier:
        """Return what carries the outbox up."""
        return Carrier(self.address, outbox)

    def let_go(self) -> None:
        """Let go of the line and the outbox."""
        self._life += 1
        self.closing()
        if self.client is not None:
            self.client.close()
        if self.outbox is not None:
            self.outbox.close()
        self.client = self.carrier = self.outbox = None

    def announce(self) -> None:
        """The outbox holds a new fact."""
        if self.carrier is not None:
            self.carrier.appended()
            self.pump()
            if not self._looking:
                self._look_soon()

    # Link

    def _connect(self) -> None:
        will = (self.address.status, self.status(online=False))
        name = f"{self.device}.{self.address.node}"
        self.client = Client(self._schedule, self._chance, self._broker, self.line, name, will=will)
        self.client.on_connect = self._connected
        self.client.on_disconnect = self._disconnected
        self.client.on_message = self._take
        self.client.on_puback = self.pubacked
        self.client.start()

    def _connected(self) -> None:
        if self.client is None or self.carrier is None:
            return
        for pattern in (self.address.ack, *self.filters()):
            self.client.subscribe(pattern)
        self.client.publish(self.address.status, self.status(online=True), retain=True)
        self.carrier.sender.on_connected(self.clock.mono_ms())
        self.pump()

    def _disconnected(self) -> None:
        if self.carrier is not None:
            self.carrier.sender.on_disconnected()
            self.tell("mất liên lạc (link lost)")

    def status(self, *, online: bool) -> bytes:
        """Return the sign of life."""
        return b"online" if online else b"offline"

    def _take(self, topic: str, payload: bytes) -> None:
        if self.carrier is None or self.outbox is None:
            return
        if topic != self.address.ack:
            self.heard(topic, payload)
            return
        ack = decode(payload, Ack)
        epoch = self.outbox.epoch
        try:
            self.carrier.take_ack(ack, self.clock.mono_ms())
        except sqlite3.Error as error:
            self.tell(f"không ghi được lời đáp (ack not kept): {error}")
            self.goes_dark()
            return
        if self.goes_dark():
            return
        if self.outbox.epoch != epoch:
            self.tell(f"thẻ là bản cũ: mở dòng mới sau số (older image: new epoch after) {ack.committed}")
        self.pump()

    def pubacked(self, topic: str, payload: bytes) -> None:
        """The broker says that it has a message: no receipt, so nothing follows from it."""

    def pump(self) -> None:
        """Send what there is to send."""
        while self.carrier is not None and self.client is not None:
            batch = self.carrier.next_batch(self.clock.mono_ms())
            if batch is None:
                return
            self.tell(f"gửi (sends) {batch.first}–{batch.first + len(batch.facts) - 1}")
            self.client.publish(self.address.facts, encode(batch))

    def keeps_looking(self) -> bool:
        """Tell whether the link goes on to look after its sender before the next fact."""
        return True

    def _look_soon(self) -> None:
        life = self._life
        self._looking = True
        self._schedule.after(self.look_every_ms, lambda: self._look(life))

    def _look(self, life: int) -> None:
        """What the link's thread does every second at the latest: send again, and see whether it stalls."""
        if life != self._life or self.carrier is None or self.client is None:
            return
        self.pump()
        if self.carrier.sender.stalled(self.clock.mono_ms()):
            self.tell("hub im lặng: nối lại từ đầu (no ack for too long: builds the link anew)")
            self.client.close()
            self.carrier.sender.on_disconnected()
            self._connect()
        self._looking = self.keeps_looking()
        if self._looking:
            self._look_soon()

    def held(self) -> int | None:
        """Return how many facts lie in the outbox; None while it cannot be asked."""
        if self.outbox is None:
            return None
        _, _, facts = self.outbox.read(1, 1_000_000, 2**40)
        return len(facts) if facts else max(0, self.outbox.newest - self.outbox.acked)
