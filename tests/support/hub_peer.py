"""The smallest hub there can be: takes batches as the protocol says, acknowledges, and can misbehave."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import paho.mqtt.client as mqtt

from firmware_agent.delivery.link import client
from firmware_agent.identity import Identity
from tests.support.waiting import HANGS_S, await_condition
from wire.batches import Ack, Batch
from wire.codec import decode, encode
from wire.delivery import judge_batch
from wire.facts import Body, Fact, read_body
from wire.status import Status
from wire.topics import Address, hub_filters, parse_topic


@dataclass
class Ledger:
    """What a hub keeps on its disk: it outlives the peer that writes in it."""

    taken: dict[tuple[Address, str], list[Fact]] = field(default_factory=dict)

    def take(self, address: Address, batch: Batch) -> int:
        """Keep what is new and return the number that the stream is committed up to."""
        facts = self.taken.setdefault((address, batch.epoch), [])
        verdict = judge_batch(len(facts), batch.first, len(batch.facts), batch.oldest)
        assert verdict.lost is None, f"{address} lost {verdict.lost}"
        if verdict.outcome == "take":
            facts += batch.facts[verdict.skip :]
        return len(facts)

    def bodies(self, address: Address, kind: type[Body]) -> list[Any]:
        """Return the bodies of one kind that came from `address`, in order."""
        facts = [fact for (sender, _), kept in self.taken.items() if sender == address for fact in kept]
        return [read_body(fact.kind, bytes(fact.body)) for fact in facts if fact.kind == kind.KIND]


class HubPeer:
    """A hub for one test; `mute` makes it take facts and say nothing."""

    def __init__(self, commune: str, port: int, identity: Identity, ledger: Ledger | None = None) -> None:
        self.ledger = ledger or Ledger()
        self.statuses: dict[Address, Status] = {}
        self.mute = False
        self.batches = 0
        self._commune = commune
        self._port = port
        self._subscribed = threading.Event()
        self._client = client("hub", identity.tls(), 1)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._on_message

    def send(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish anything at all, as the hub."""
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(HANGS_S)

    def await_facts(
        self, address: Address, kind: type[Body], count: int, within_s: float = HANGS_S
    ) -> list[Any]:
        """Wait until so many facts of the kind were taken from `address`; return them all."""
        await_condition(lambda: len(self.ledger.bodies(address, kind)) >= count, within_s)
        return self.ledger.bodies(address, kind)

    def _on_connect(self, client: mqtt.Client, *_: Any) -> None:
        client.subscribe([(each, 1) for each in hub_filters(self._commune)])

    def _on_message(self, client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        topic = parse_topic(message.topic)
        if topic.channel == "status":
            self.statuses[topic.address] = decode(bytes(message.payload), Status)
            return
        self.batches += 1
        batch = decode(bytes(message.payload), Batch)
        committed = self.ledger.take(topic.address, batch)
        if not self.mute:
            client.publish(topic.address.ack, encode(Ack(epoch=batch.epoch, committed=committed)), qos=1)

    def __enter__(self) -> HubPeer:
        self._client.connect_async("127.0.0.1", self._port, keepalive=10)
        self._client.loop_start()
        assert self._subscribed.wait(HANGS_S), "the hub peer could not subscribe"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()
