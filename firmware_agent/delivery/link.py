"""A node's one link to the hub: batches and status up, acks and sealed documents down, over MQTT with TLS.

A thin shell around `firmware_agent.delivery.carrier`. The broker is trusted with nothing: the hub's ack
counts.
"""

from __future__ import annotations

import logging
import socket
import ssl
import sys
import zlib
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from firmware_agent.clock import Clock
from firmware_agent.config import BrokerSettings
from firmware_agent.delivery.base_link import BaseLink
from firmware_agent.delivery.neighbours import Neighbours
from firmware_agent.delivery.outbox import Outbox
from firmware_agent.identity import Identity
from wire.batches import Ack, Batch
from wire.codec import MAX_MESSAGE_BYTES, WireError, decode, encode
from wire.status import Status
from wire.topics import Address, facts_filter, parse_topic

KEEPALIVE_S = 20
QUEUE_LIMIT = 64
"""Most messages that the MQTT client may hold in memory; the outbox holds the rest, on disk."""

log = logging.getLogger(__name__)


def client(client_id: str, tls: ssl.SSLContext, reconnect_max_s: int) -> mqtt.Client:
    """Return an MQTT 5 client that proves itself by certificate and comes back by itself.

    The first pause before a new attempt differs from client to client, so that after a village's power
    cut not every device returns in the same second (the library has no jitter of its own).
    """
    made = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv5)
    made.tls_set_context(tls)
    made.max_queued_messages_set(QUEUE_LIMIT)
    made.on_socket_open = _send_at_once
    spread = zlib.crc32(client_id.encode()) % 1000 / 1000
    first_s = min(1 + spread, reconnect_max_s)
    made.reconnect_delay_set(min_delay=first_s, max_delay=max(first_s, reconnect_max_s - spread))  # type: ignore[arg-type]
    return made


def _send_at_once(_client: mqtt.Client, _data: Any, end: Any) -> None:
    """Switch off Nagle's algorithm: a press or an ack would wait 40 ms for company that never comes."""
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def explain_failure(error: BaseException | None, host: str, port: int) -> str:
    """Say in one line, for a technician, why the broker could not be reached."""
    where = f"{host}:{port}"
    match error:
        case ssl.SSLCertVerificationError():
            told = "máy chủ không chứng minh được là hub của xã này, hoặc đồng hồ sai"
            return f"{where}: {told} (certificate: {getattr(error, 'verify_message', error)})"
        case ssl.SSLError():
            return f"{where}: bắt tay TLS thất bại (TLS handshake failed): {getattr(error, 'reason', error)}"
        case ConnectionRefusedError():
            return f"{where}: không có máy chủ MQTT ở đó, hub đã bật chưa? (connection refused)"
        case TimeoutError():
            return f"{where}: không trả lời, hãy xem dây mạng hoặc sóng (timed out)"
        case OSError():
            return f"{where}: không tới được (cannot be reached): {error.strerror or error}"
        case _:
            return f"{where}: không tới được (cannot be reached)"


class Link(BaseLink):
    """The link over MQTT; `neighbours` hears the facts of other nodes, where it wants any."""

    def __init__(
        self,
        address: Address,
        broker: BrokerSettings,
        identity: Identity,
        outbox: Outbox,
        clock: Clock,
        take_intent: Callable[[str, bytes], None],
        refused: Callable[[str, WireError], None],
        status: Callable[[bool], Status],
        neighbours: Neighbours | None = None,
    ) -> None:
        super().__init__(address, identity, outbox, clock, take_intent, refused, status)
        self._broker = broker
        self._neighbours = neighbours if neighbours is not None and neighbours.kinds else None
        self._outbox = outbox
        self._status_every_ms = 0
        self._client: mqtt.Client | None = None
        self._turned_away = False
        """The broker has just said why it does not take this device; its hanging up is no news."""

    def _run(self) -> None:
        self._client = self._connect()
        while not self._stopping:
            batch = self._next_batch() or self._next_aloud()
            if batch is not None:
                self._client.publish(self._address.facts, encode(batch), qos=1)
            self._publish_status_when_due()
            if self._sender.stalled(self._clock.mono_ms()):
                log.warning("hub im lặng, nối lại từ đầu (no ack for too long, rebuilding the link)")
                self._close(self._client)
                self._sender.on_disconnected()
                self._client = self._connect()
        self._publish_status(online=False)
        self._close(self._client)

    def _next_batch(self) -> Batch | None:
        """Return the next batch to send, waiting up to a second for one."""
        with self._changed:
            now_ms = self._clock.mono_ms()
            batch = self._carrier.next_batch(now_ms)
            if batch is None and not self._stopping and self._status_due_ms > now_ms:
                wait_ms = self._sender.wait_ms(now_ms)
                self._changed.wait(min(1_000 if wait_ms is None else wait_ms + 1, 1_000) / 1_000)
                batch = self._carrier.next_batch(self._clock.mono_ms())
            elif not self._sender.connected and not self._stopping:
                self._changed.wait(1.0)
            return batch

    def _next_aloud(self) -> Batch | None:
        with self._changed:
            return self._carrier.next_aloud(self._clock.mono_ms())

    def _publish_status_when_due(self) -> None:
        now_ms = self._clock.mono_ms()
        if self._sender.connected and now_ms >= self._status_due_ms:
            # Set first: what is announced while the status is being made must make another one.
            self._status_due_ms = now_ms + self._status_every_ms
            self._publish_status(online=True)

    def _publish_status(self, *, online: bool) -> None:
        status = self._status(online)
        if self._client is not None:
            self._client.publish(self._address.status, encode(status), qos=1, retain=True)

    def _connect(self) -> mqtt.Client:
        # The epoch makes it a name that stays and that no other device can guess: the broker hangs up on
        # whoever held a client id before, and asks nobody whose it is.
        name = f"{self._address.device}.{self._address.node}.{self._outbox.epoch}"
        made = client(name, self._identity.tls(), self._broker.reconnect_max_s)
        last_will = self._status(False)
        self._status_every_ms = last_will.lease_s * 1_000 // 3
        made.will_set(self._address.status, encode(last_will), qos=1, retain=True)
        made.on_connect = self._on_connect
        made.on_connect_fail = self._on_connect_fail
        made.on_disconnect = self._on_disconnect
        made.on_message = self._on_message
        made.connect_async(self._broker.host, self._broker.port, keepalive=KEEPALIVE_S)
        made.loop_start()
        return made

    @staticmethod
    def _close(old: mqtt.Client) -> None:
        old.on_disconnect = None
        old.disconnect()
        old.loop_stop()

    def _on_connect(
        self, client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        if reason.is_failure:
            self._turned_away = True
            self._fail(f"máy chủ MQTT từ chối thiết bị này (refused by the broker): {reason}")
            return
        filters = [self._address.ack, self._address.intents]
        if self._neighbours is not None:
            filters.append(facts_filter(self._address.commune))
        client.subscribe([(each, 1) for each in filters])
        log.info("đã nối với hub (connected to %s:%d)", self._broker.host, self._broker.port)
        with self._changed:
            self._failure = ""
            self._sender.on_connected(self._clock.mono_ms())
            self._status_due_ms = 0
            self._changed.notify()

    def _on_connect_fail(self, _client: mqtt.Client, _data: Any) -> None:
        # Called from within the library's except clause: the cause is the exception being handled.
        self._fail(explain_failure(sys.exc_info()[1], self._broker.host, self._broker.port))

    def _on_disconnect(
        self, _client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        with self._changed:
            was_connected = self._sender.connected
            self._sender.on_disconnected()
        if was_connected:
            self._fail(f"mất liên lạc với hub (link lost): {reason}")
        elif not self._turned_away:
            # TLS 1.3 tells a client only after its handshake that its certificate was refused.
            self._fail(
                f"{self._broker.host}:{self._broker.port}: máy chủ ngắt trước khi nhận thiết bị; chứng thư "
                "có bị thu hồi không? (refused before sign-in, is the certificate revoked?)"
            )
        self._turned_away = False

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        try:
            self._take_or_refuse(message.topic, bytes(message.payload))
        except Exception:
            # Whatever a message brings about must not end the network's thread.
            log.exception("lỗi khi nhận thông điệp (error while taking a message)")

    def _take_or_refuse(self, topic: str, payload: bytes) -> None:
        try:
            self._take(topic, payload)
        except WireError as error:
            log.warning("từ chối thông điệp (refused) %s: %s: %s", topic[:120], error.reason, error)
            self._refused(topic, error)

    def _take(self, topic_text: str, payload: bytes) -> None:
        if len(payload) > MAX_MESSAGE_BYTES:
            raise WireError("too_large", f"{len(payload)} bytes, at most {MAX_MESSAGE_BYTES} are allowed")
        topic = parse_topic(topic_text)
        if topic.address != self._address:
            if self._neighbours is None or topic.channel != "facts":
                raise WireError("foreign_topic", f"{topic_text} is for another node")
            self._neighbours.hear(topic.address, payload)
            return
        if topic.channel == "ack":
            self._take_ack(decode(payload, Ack))
        elif topic.intent_name is not None:
            self._take_intent(topic.intent_name, payload)

    def _take_ack(self, ack: Ack) -> None:
        with self._changed:
            self._carrier.take_ack(ack, self._clock.mono_ms())
            self._changed.notify()
