"""A crowd of nodes in one process: `python -m bench.crowd PLAN.json RESULT.json`.

Each node speaks the real protocol (`wire.delivery.Sender`, batches, acks, signs of life) to a real broker.
Those of one device share its certificate and its connection; their outboxes are in memory, since it is the
hub that is measured.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from msgspec import Raw, Struct

from firmware_agent.config import load_device_config
from firmware_agent.delivery.link import client
from firmware_agent.identity import load_identity
from wire.batches import Ack, Batch
from wire.codec import decode, encode
from wire.delivery import Sender
from wire.facts import Fact, Moment, RatingPressed
from wire.status import Status
from wire.topics import Address, parse_topic

EPOCH = "0123456789abcdef"
TICK_S = 0.01
LEASE_S = 90
QUEUE_LIMIT = 2_000
"""Batches and signs of life that a device's connection may hold: 16 nodes with a full window each."""


class Plan(Struct, frozen=True):
    """What the crowd does. Times in seconds."""

    devices: list[str]
    """Paths of device.toml; every node in them takes part."""
    live_s: float
    every_s: float
    """Between two facts of one node."""
    heartbeat_s: float
    backlog: int
    """Facts of each node that wait when all come back at once."""
    level_within_s: float


def now_ms() -> int:
    """Return monotonic milliseconds."""
    return time.monotonic_ns() // 1_000_000


class Node:
    """One node's stream. Numbers up to `newest` exist; a fact is made when it is sent."""

    def __init__(self, address: Address, counter: str) -> None:
        self.address = address
        self.sender = Sender(acked=0, newest=0)
        self.lock = threading.Lock()
        self.pressed_ms: dict[int, int] = {}
        """When each live fact was made whose stream was level then."""
        self.took_ms: list[int] = []
        self._body = Raw(encode(RatingPressed(counter=counter, scale="vi4", level=1, source="button")))
        self._wall_offset_ms = time.time_ns() // 1_000_000 - now_ms()

    def press(self) -> None:
        """Make a fact now."""
        with self.lock:
            number = self.sender.newest + 1
            if self.sender.acked == self.sender.newest:
                self.pressed_ms[number] = now_ms()
            self.sender.on_appended(number)

    def next_batch(self) -> Batch | None:
        """Return what to send now."""
        with self.lock:
            step = self.sender.next_batch(now_ms())
            if step is None:
                return None
            first, count = step
            oldest = self.sender.acked + 1
            self.sender.on_sent(first + count - 1, now_ms())
        return self.batch(first, count, oldest, self.sender.newest)

    def batch(self, first: int, count: int, oldest: int, newest: int) -> Batch:
        """Return so many facts, made now."""
        return Batch(
            device=self.address.device,
            node=self.address.node,
            epoch=EPOCH,
            first=first,
            oldest=oldest,
            facts=[self._fact() for _ in range(count)],
            newest=newest,
        )

    def acknowledged(self, ack: Ack) -> None:
        """Note how long the facts took that are committed now."""
        with self.lock:
            self.sender.on_ack(ack.committed, now_ms(), ack.credit)
            for number in [each for each in self.pressed_ms if each <= ack.committed]:
                self.took_ms.append(now_ms() - self.pressed_ms.pop(number))

    def _fact(self) -> Fact:
        mono_ms = now_ms()
        moment = Moment(at_ms=self._wall_offset_ms + mono_ms, mono_ms=mono_ms, boot="crowd", synced=True)
        return Fact(kind=RatingPressed.KIND, moment=moment, body=self._body)


class Device:
    """One connection, by the device's certificate, for all of its nodes."""

    def __init__(self, config_path: Path) -> None:
        config = load_device_config(config_path)
        identity = load_identity(config.identity, config.device, None)
        self.nodes = {node.name: Node(config.address(node.name), "quay-1") for node in config.nodes}
        self._config = config
        self._client = client(f"{config.device}.crowd", identity.tls(), 1)
        self._client.max_queued_messages_set(QUEUE_LIMIT)
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._client.on_message = self._acknowledged
        self._session = 0

    def connect(self) -> None:
        """Connect, and stay connected."""
        self._session += 1
        self._client.connect_async(self._config.broker.host, self._config.broker.port, keepalive=60)
        self._client.loop_start()

    def disconnect(self) -> None:
        """Hang up."""
        self._client.disconnect()
        self._client.loop_stop()

    def pump(self, node: Node) -> None:
        """Send what the node may send now."""
        while (batch := node.next_batch()) is not None:
            self._client.publish(node.address.facts, encode(batch), qos=1)

    def beat(self, node: Node) -> None:
        """Send a sign of life."""
        sender = node.sender
        status = Status(
            session=self._session,
            boot="crowd",
            online=True,
            kind="rating",
            lease_s=LEASE_S,
            backlog=sender.newest - sender.acked,
        )
        self._client.publish(node.address.status, encode(status), qos=1, retain=True)

    def _connected(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _props: Any) -> None:
        assert not reason.is_failure, reason
        client.subscribe([(node.address.ack, 1) for node in self.nodes.values()])
        for node in self.nodes.values():
            with node.lock:
                node.sender.on_connected(now_ms())
            self.beat(node)
            self.pump(node)

    def _disconnected(self, _client: mqtt.Client, _data: Any, _flags: Any, _reason: Any, _props: Any) -> None:
        for node in self.nodes.values():
            with node.lock:
                node.sender.on_disconnected()

    def _acknowledged(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        node = self.nodes[parse_topic(message.topic).address.node]
        node.acknowledged(decode(bytes(message.payload), Ack))
        self.pump(node)


class Crowd:
    """All devices, and the hand that presses their buttons: each node at its own moment, evenly spread."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.devices = [Device(Path(path)) for path in plan.devices]
        self.nodes = [(device, node) for device in self.devices for node in device.nodes.values()]

    def live(self, until: Any, within_s: float) -> float:
        """Let everybody press and beat until `until()` or the time is over; return seconds."""
        start_s = time.monotonic()
        pressed = beaten = swept = 0
        count = len(self.nodes)
        while (now_s := time.monotonic() - start_s) < within_s and not until():
            while pressed < now_s * count / self._plan.every_s:
                device, node = self.nodes[pressed % count]
                node.press()
                device.pump(node)
                pressed += 1
            while beaten < now_s * count / self._plan.heartbeat_s:
                device, node = self.nodes[beaten % count]
                device.beat(node)
                beaten += 1
            if swept < now_s:
                swept += 1
                for device, node in self.nodes:
                    device.pump(node)  # whose patience is over goes back
            time.sleep(TICK_S)
        return time.monotonic() - start_s

    def behind(self) -> int:
        """Return how many facts the hub has not acknowledged."""
        return sum(node.sender.newest - node.sender.acked for _, node in self.nodes)

    def latencies_ms(self) -> list[int]:
        """Return, and forget, how long live facts took."""
        found: list[int] = []
        for _, node in self.nodes:
            with node.lock:
                found += node.took_ms
                node.took_ms = []
        return sorted(found)


def percentile(ordered: list[int], share: float) -> float:
    """Return the value below which this share lies."""
    return float(ordered[min(len(ordered) - 1, int(share * len(ordered)))]) if ordered else 0.0


def run(plan: Plan, tell: Any) -> dict[str, Any]:
    """Live, go away, come back with a backlog, get level; return the figures. `tell(phase)` marks each."""
    crowd = Crowd(plan)
    for device in crowd.devices:
        device.connect()
    crowd.live(lambda: not crowd.behind() and all(n.sender.connected for _, n in crowd.nodes), 30)
    crowd.latencies_ms()
    tell("live")
    crowd.live(lambda: False, plan.live_s)
    live = crowd.latencies_ms()
    for device in crowd.devices:
        device.disconnect()
    tell("away")
    for _, node in crowd.nodes:
        node.sender.on_appended(node.sender.newest + plan.backlog)
    for device in crowd.devices:
        device.connect()
    tell("back")
    every = plan.backlog * len(crowd.nodes)
    level_s = crowd.live(lambda: crowd.behind() < len(crowd.nodes) // 20, plan.level_within_s)
    behind = crowd.behind()
    catching_up = crowd.latencies_ms()
    tell("level")
    for device in crowd.devices:
        device.disconnect()
    return {
        "nodes": len(crowd.nodes),
        "live_facts": len(live),
        "live_p50_ms": percentile(live, 0.5),
        "live_p99_ms": percentile(live, 0.99),
        "backlog": every,
        "level_s": level_s,
        "behind_at_the_end": behind,
        "catching_up_facts": len(catching_up),
        "catching_up_p99_ms": percentile(catching_up, 0.99),
        "made": {f"{n.address.device}/{n.address.node}": n.sender.newest for _, n in crowd.nodes},
        "acked": {f"{n.address.device}/{n.address.node}": n.sender.acked for _, n in crowd.nodes},
    }


def main() -> None:
    """Do as the plan says; a line on stdout for each phase."""
    plan = decode(Path(sys.argv[1]).read_bytes(), Plan)
    figures = run(plan, lambda phase: print(phase, flush=True))
    Path(sys.argv[2]).write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    main()
