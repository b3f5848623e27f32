"""The hub's one MQTT link: batches and signs of life come in, acks and sealed documents go out."""

from __future__ import annotations

import logging
import secrets
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import paho.mqtt.client as mqtt
from paho.mqtt.reasoncodes import ReasonCode

from commune_hub.group_commit import GroupCommit
from commune_hub.intake.bucket import PACED, Buckets
from commune_hub.intake.turns import Turns
from commune_hub.pulse import Pulse
from firmware_agent.delivery.link import client
from wire.batches import Ack, Batch
from wire.codec import MAX_MESSAGE_BYTES, WireError, decode, encode
from wire.names import HUB
from wire.status import Status
from wire.topics import Address, hub_filters, parse_topic

QUEUE_LIMIT = 10_000
"""Acks and documents that may wait in memory for the broker: more than a commune has nodes, times ten."""

RECONNECT_MAX_S = 5

LOOK_EVERY_S = 1.0
"""How often the link looks whether its client is alive."""

log = logging.getLogger(__name__)


class Desk(Protocol):
    """What the link hands its mail to."""

    def take_batch(self, batch: Batch) -> int:
        """Commit; return how far the stream is committed."""

    def take_batches(self, batches: Sequence[Batch]) -> Sequence[int | None]:
        """Commit several at once; return how far the stream of each is, None for one that was left."""

    def ack(self, batch: Batch) -> Ack:
        """Return what the sender of a batch is told, after it was taken."""

    def heard(self, address: Address, status: Status) -> None:
        """Note a sign of life."""

    def knows(self, address: Address) -> bool:
        """Tell whether this node belongs to the commune."""

    def refused(self, device: str, topic: str, error: WireError) -> None:
        """Count what was refused."""


class HubLink:
    """Receive for the whole commune. Every refusal is counted; none stops anything."""

    def __init__(
        self,
        commune: str,
        host: str,
        port: int,
        tls: ssl.SSLContext,
        desk: Desk,
        on_connected: Callable[[], None],
    ) -> None:
        self._commune = commune
        self._desk = desk
        self._on_connected = on_connected
        self._up = threading.Event()
        self._commits = GroupCommit(desk.take_batches, self._acknowledge)
        self._buckets = Buckets()
        self._turns = Turns()
        self._broker = (host, port)
        self._tls = tls
        self._stopping = threading.Event()
        self._watch = threading.Thread(target=self._keep_alive, name="hub-link", daemon=True)
        self._client = self._made_client()

    @property
    def connected(self) -> bool:
        """Whether the broker took the hub's sign-in."""
        return self._up.is_set()

    def start(self) -> None:
        """Begin; returns at once."""
        self._commits.start()
        self._client.loop_start()
        self._watch.start()

    def stop(self) -> None:
        """End the link."""
        self._stopping.set()
        if self._watch.is_alive():
            self._watch.join()
        self._client.disconnect()
        self._client.loop_stop()
        self._commits.stop()

    def publish_intent(self, address: Address, name: str, payload: bytes) -> None:
        """Put a sealed document in its place, retained."""
        self._client.publish(address.intent(name), payload, qos=1, retain=True)

    def _made_client(self) -> mqtt.Client:
        # Not to be guessed: the broker hangs up on whoever held an id before, and any device may name one.
        made = client(f"{HUB}.{secrets.token_hex(8)}", self._tls, RECONNECT_MAX_S)
        made.max_queued_messages_set(QUEUE_LIMIT)
        made.on_connect = self._connected
        made.on_disconnect = self._disconnected
        made.on_message = self._on_message
        made.connect_async(*self._broker, keepalive=20)
        return made

    def _keep_alive(self) -> None:
        """Ask the broker for a sign now and then, and build a client anew that hears nothing any more."""
        pulse = Pulse(_mono_ms())
        beat: mqtt.MQTTMessageInfo | None = None
        while not self._stopping.wait(LOOK_EVERY_S):
            if beat is not None and beat.rc == mqtt.MQTT_ERR_SUCCESS and beat.is_published():
                pulse.heard(_mono_ms())
                beat = None
            if pulse.stopped(_mono_ms()):
                log.warning("mosquitto im lặng, nối lại từ đầu (no sign of the broker, rebuilding the link)")
                self._build_anew()
                pulse, beat = Pulse(_mono_ms()), None
            if pulse.due(_mono_ms()):
                beat = self._client.publish(Address(self._commune, HUB, "pulse").ack, b"", qos=1)

    def _build_anew(self) -> None:
        old = self._client
        old.on_connect = old.on_disconnect = old.on_message = None
        self._up.clear()
        # Its thread may hang in whatever made it deaf: nobody waits for it.
        threading.Thread(target=_close, args=(old,), daemon=True).start()
        self._client = self._made_client()
        self._client.loop_start()

    def _connected(
        self, client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        if reason.is_failure:
            log.error("mosquitto từ chối hub (refused the hub): %s", reason)
            return
        client.subscribe([(topic, 1) for topic in hub_filters(self._commune)])
        self._up.set()
        self._on_connected()

    def _disconnected(
        self, _client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        self._up.clear()
        log.warning("mất liên lạc với mosquitto (link lost): %s", reason)

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        try:
            self._take(message.topic, bytes(message.payload))
        except WireError as error:
            self._desk.refused(_device_of(message.topic), message.topic, error)
        except Exception:
            # Whatever a message brings about must not end the network's thread; without an ack the
            # node keeps its facts and sends them again.
            log.exception("lỗi khi nhận thông điệp (error while taking a message) %s", message.topic[:120])

    def _take(self, topic_text: str, payload: bytes) -> None:
        if len(payload) > MAX_MESSAGE_BYTES:
            raise WireError("too_large", f"{len(payload)} bytes, at most {MAX_MESSAGE_BYTES} are allowed")
        topic = parse_topic(topic_text)
        # The broker lets a device speak only in its own name: this comes before anything that costs more.
        self._buckets.check(topic.address.device, _mono_ms())
        if not self._desk.knows(topic.address):
            raise WireError("not_enrolled", f"{topic.address} is not on the roster")
        if topic.channel == "facts":
            self._take_batch(topic.address, decode(payload, Batch))
        elif topic.channel == "status" and payload:
            self._desk.heard(topic.address, decode(payload, Status))

    def _take_batch(self, address: Address, batch: Batch) -> None:
        if (batch.device, batch.node) != (address.device, address.node):
            raise WireError(
                "foreign_topic", f"batch of {batch.device}/{batch.node} on the topic of {address}"
            )
        if not self._commits.put(batch):
            raise WireError(PACED, f"{batch.device} has more waiting here than its share")

    def _acknowledge(self, batch: Batch, _committed: int) -> None:
        for stream, ack in self._turns.after(batch, self._desk.ack(batch), _mono_ms()).items():
            address = Address(self._commune, stream.device, stream.node)
            self._client.publish(address.ack, encode(ack), qos=1)


def _close(old: mqtt.Client) -> None:
    old.disconnect()
    old.loop_stop()


def _mono_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def _device_of(topic: str) -> str:
    levels = topic.split("/")
    return levels[3] if len(levels) > 3 else "?"
