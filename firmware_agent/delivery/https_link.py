"""A node's link over HTTPS, where a network lets nothing else through: the same protocol, asked for in turns.

Batches, signs of life and documents are the same as over MQTT, and so is what counts: the hub's ack.
"""

from __future__ import annotations

import logging
import random
import sqlite3
from collections.abc import Callable

import httpx
import msgspec

from firmware_agent.clock import Clock
from firmware_agent.delivery.base_link import BaseLink
from firmware_agent.delivery.outbox import Outbox
from firmware_agent.identity import Identity
from wire.batches import Ack, Batch
from wire.codec import MAX_MESSAGE_BYTES, WireError, decode, encode
from wire.mail import Post
from wire.status import Status
from wire.topics import Address

ASK_EVERY_MS = 3_000
"""How often documents are asked for: an officer's call is on the display within this time."""

PAUSE_FIRST_S = 1.0
TIMEOUT_S = 15.0

log = logging.getLogger(__name__)


class HttpsLink(BaseLink):
    """The link through the hub's door; `pause_max_s` is the longest pause between two attempts."""

    GOODBYE_S = TIMEOUT_S

    def __init__(
        self,
        address: Address,
        door_url: str,
        pause_max_s: float,
        identity: Identity,
        outbox: Outbox,
        clock: Clock,
        take_intent: Callable[[str, bytes], None],
        refused: Callable[[str, WireError], None],
        status: Callable[[bool], Status],
    ) -> None:
        super().__init__(address, identity, outbox, clock, take_intent, refused, status)
        self._root = f"{door_url}/v1/nodes/{address.node}"
        self._pause_max_s = pause_max_s
        self._ask_due_ms = 0

    def _run(self) -> None:
        pause_s = PAUSE_FIRST_S
        with httpx.Client(verify=self._identity.tls(), timeout=TIMEOUT_S) as client:
            while not self._stopping:
                try:
                    self._exchange(client)
                except (httpx.HTTPError, OSError, WireError, sqlite3.Error) as error:
                    # Whatever an exchange ends in must not end the link.
                    self._lose(error)
                    # Spread, so that after a village's power cut not every device asks in the same second.
                    self._rest(pause_s * random.uniform(0.7, 1.3))
                    pause_s = min(2 * pause_s, self._pause_max_s)
                else:
                    pause_s = PAUSE_FIRST_S
                    self._wait_for_something()
            self._say_good_bye(client)

    def _exchange(self, client: httpx.Client) -> None:
        """Send what there is to send, then ask for documents when it is time."""
        now_ms = self._clock.mono_ms()
        if now_ms >= self._status_due_ms or not self._sender.connected:
            status = self._status(True)
            self._status_due_ms = now_ms + status.lease_s * 1_000 // 3
            self._send(client, "PUT", "status", encode(status))
        if not self._sender.connected:
            self._failure = ""
            with self._changed:
                self._sender.on_connected(now_ms)
        while not self._stopping and (batch := self._next_batch()) is not None:
            self._send_batch(client, batch)
        if self._clock.mono_ms() >= self._ask_due_ms:
            self._ask_due_ms = self._clock.mono_ms() + ASK_EVERY_MS
            self._take_post(self._send(client, "GET", "documents", b""))

    def _next_batch(self) -> Batch | None:
        with self._changed:
            return self._carrier.next_batch(self._clock.mono_ms())

    def _send_batch(self, client: httpx.Client, batch: Batch) -> None:
        ack = decode(self._send(client, "POST", "facts", encode(batch)), Ack)
        with self._changed:
            self._carrier.take_ack(ack, self._clock.mono_ms())

    def _send(self, client: httpx.Client, method: str, channel: str, content: bytes) -> bytes:
        answer = client.request(method, f"{self._root}/{channel}", content=content)
        answer.raise_for_status()
        if len(answer.content) > MAX_MESSAGE_BYTES * 4:
            raise httpx.RequestError(f"{channel}: the answer is too large")
        return answer.content

    def _take_post(self, content: bytes) -> None:
        try:
            post = decode(content, Post, MAX_MESSAGE_BYTES * 4)
        except WireError as error:
            self._refused("documents", error)
            return
        for posted in post.documents:
            try:
                self._take_intent(posted.name, bytes(posted.sealed))
            except WireError as error:
                log.warning("từ chối tài liệu (refused a document) %s: %s", posted.name, error)
                self._refused(self._address.intent(posted.name), error)

    def _lose(self, error: Exception) -> None:
        self._fail(f"{self._root}: không tới được hub qua HTTPS (cannot reach the hub): {error}")
        with self._changed:
            self._sender.on_disconnected()

    def _rest(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping, timeout=seconds)

    def _wait_for_something(self) -> None:
        """Wait for a fact, an announcement, the next asking, or the next sign of life."""
        with self._changed:
            now_ms = self._clock.mono_ms()
            wait_ms = min(self._ask_due_ms, self._status_due_ms) - now_ms
            if wait_ms > 0 and not self._stopping and self._sender.next_batch(now_ms) is None:
                self._changed.wait(wait_ms / 1_000)

    def _say_good_bye(self, client: httpx.Client) -> None:
        try:
            self._send(client, "PUT", "status", encode(self._status(False)))
        except (httpx.HTTPError, OSError, msgspec.MsgspecError):
            log.info("hub không nghe lời tạm biệt (the hub did not hear the good-bye)")
