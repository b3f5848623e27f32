"""A device of the office in virtual time: a station with documents on a shelf, and what its node writes.

Everything above the hardware seam is the product's: outbox, carrier, shelf, neighbours, the node. Cards,
lines, the broker and clocks are those of the fault simulator.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from firmware_agent.clock import moment
from firmware_agent.delivery.neighbours import Neighbours
from firmware_agent.delivery.outbox import Outbox
from firmware_agent.hardware import Hardware
from firmware_agent.node import Context, Problems, Sight
from firmware_agent.settings import Settings
from firmware_agent.shelf import Shelf
from sim.faults.broker import Broker
from sim.faults.clock import FaultyClock
from sim.faults.schedule import Schedule
from sim.faults.station import Station
from sim.faults.truth import Truth as Story
from wire.codec import WireError, encode
from wire.facts import Body, make_fact
from wire.status import Status
from wire.topics import parse_topic

DRIFT_PPM_MAX = 30.0
"""A usual crystal."""
SYNC_AFTER_MS = (2_000, 60_000)
"""When after a boot the time server is reached, if it is."""
LEASE_S = 86_400
"""Signs of life are not renewed in a week's run; only connections and last wills tell of presence."""


class OfficeClock(FaultyClock):
    """In 1970 at boot; once a time server is reached it is right, and kept right."""

    def wall_ms(self) -> int:
        """Return the wall time as believed."""
        if self.synced():
            return self._true_start_ms + self._schedule.now_ms
        return super().wall_ms()


@dataclass(frozen=True)
class Surroundings:
    """What all devices of a week share."""

    schedule: Schedule
    chance: random.Random
    broker: Broker
    story: Story
    commune: str
    start_ms: int
    """True wall time at virtual time 0."""
    directory: Path
    """`devices` of the run."""
    seal: Ed25519PublicKey


class Post(Station):
    """A device with one node. Those that stand on it say what the node is."""

    look_every_ms = 2_000
    hears: frozenset[str] = frozenset()

    def __init__(self, around: Surroundings, device: str, kind: str) -> None:
        self.around = around
        self.kind = kind
        self.no_time_until_ms = 0
        """No time server is reached before."""
        super().__init__(
            around.schedule, around.chance, around.broker, around.story, device, kind, around.commune
        )
        self.directory = around.directory / device / kind
        self.problems = Problems()
        self.neighbours = Neighbours(self.hears)
        self.shelf: Shelf | None = None

    @property
    def now_s(self) -> float:
        """Virtual time, seconds: what edges are stamped with and steps go by."""
        return self.around.schedule.now_ms / 1_000

    @property
    def works(self) -> bool:
        """Whether it has power, and its node runs."""
        return self.shelf is not None

    # --- what a station asks

    def make_clock(self, boot: int) -> FaultyClock:
        """Return a clock in 1970; it is set when a time server is reached."""
        schedule, around = self._schedule, self.around
        clock = OfficeClock(
            schedule, self._chance, f"{self.device}-boot-{boot}", around.start_ms, DRIFT_PPM_MAX
        )
        if boot:
            after_ms = self._chance.randint(*SYNC_AFTER_MS)
            schedule.after(max(after_ms, self.no_time_until_ms - schedule.now_ms), clock.sync)
        return clock

    def opened(self, outbox: Outbox) -> None:
        """Put the node together, as its process does at its start."""
        self.neighbours = Neighbours(self.hears)
        shelf = Shelf(self.directory / "documents", self.address, self.around.seal, self.clock)
        shelf.on_change = self.wake
        self.shelf = shelf
        self.begin(outbox)

    def closing(self) -> None:
        """The process ends."""
        if self.shelf is not None:
            self.shelf = None
            self.end()

    def filters(self) -> list[str]:
        """Return the topics of its documents, and what the access list lets it hear of others."""
        heard = [f"commune/v1/{self.around.commune}/+/{kind}/facts" for kind in ("ticket", "keys")]
        return [self.address.intents, *(heard if self.hears else [])]

    def heard(self, topic: str, payload: bytes) -> None:
        """Take a document, or what a neighbour told."""
        told = parse_topic(topic)
        if self.shelf is None:
            return
        try:
            if told.address != self.address:
                self.neighbours.hear(told.address, payload)
                self.wake()
            elif told.intent_name is not None:
                self.shelf.offer(told.intent_name, payload)
        except WireError as error:
            self.tell(f"từ chối (refused): {error.reason}")

    def status(self, *, online: bool) -> bytes:
        """Return the sign of life of this process."""
        return encode(
            Status(session=self._life, boot=self.clock.boot, online=online, kind=self.kind, lease_s=LEASE_S)
        )

    def keeps_looking(self) -> bool:
        """Nothing is under way while the outbox is empty."""
        return self.carrier is not None and self.carrier.backlog > 0

    def pump(self) -> None:
        """Send what there is to send; what a silent hub has no room for is told aloud."""
        super().pump()
        while self.carrier is not None and self.client is not None:
            batch = self.carrier.next_aloud(self.clock.mono_ms())
            if batch is None:
                return
            self.client.publish(self.address.facts, encode(batch))

    # --- what the node of this device is

    def begin(self, outbox: Outbox) -> None:
        """Make the node."""

    def end(self) -> None:
        """The node is gone."""

    def wake(self) -> None:
        """Something has come: a document, or a neighbour's word."""

    def context(self, settings: Settings, hardware: Hardware, outbox: Outbox) -> Context:
        """Return all that a node is given."""
        if self.shelf is None:
            raise RuntimeError(f"{self.device} has no power")
        return Context(
            address=self.address,
            settings=settings,
            facts=Writing(self, outbox),
            documents=self.shelf,
            problems=self.problems,
            hardware=hardware,
            directory=self.directory,
            changed=threading.Event(),
            stop=threading.Event(),
            neighbours=self.neighbours,
            sight=self.sight,
        )

    def sight(self) -> Sight:
        """Return what is to be seen of the hub from here."""
        if self.carrier is None:
            return Sight(connected=False)
        return self.carrier.sight(self.clock.mono_ms())

    def wrote(self, body: Body) -> None:
        """The node has a fact on disk."""


class Writing:
    """A node's facts (`firmware_agent.node.Facts`), on the outbox of its device."""

    def __init__(self, post: Post, outbox: Outbox) -> None:
        self._post = post
        self._outbox = outbox

    def record(self, body: Body, state: Mapping[str, Any] | None = None) -> int:
        """Commit a fact, and let the link know."""
        seq = self._outbox.append(make_fact(body, moment(self._post.clock)), state)
        self._post.announce()
        self._post.wrote(body)
        return seq

    def remember(self, state: Mapping[str, Any]) -> None:
        """Commit state."""
        self._outbox.remember(state)

    def state(self, key: str, default: Any = None) -> Any:
        """Return the state under `key`."""
        return self._outbox.state(key, default)
