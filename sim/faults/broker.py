"""A model of the broker, with the traps of the real one.

    broker = Broker(queue_limit=1000)
    broker.connect("hub", deliver, durable=True); broker.subscribe("hub", "commune/v1/+/+/+/facts")
    reason = broker.publish("quay-1-pi.rating", topic, payload)     # SUCCESS is no receipt
    broker.confirm("hub")                                           # the hub took one that was delivered
    broker.kill(); broker.restart()

What it does as Mosquitto 2.0 was measured to do: beyond `queue_limit` waiting messages a subscriber's are
dropped, and the publisher is told success; a kill forgets all since the last `save`, sessions included; a
publication that the access list denies is told success (MQTT 3.1.1); a retained sign of life outlives the
device that it speaks of; the last will comes when the connection breaks, and not after a kill; on whoever
sends a packet over the limit it hangs up.
It runs in one thread and has no clock: `deliver` is called at once, and whoever hands it in makes delays.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from paho.mqtt.client import topic_matches_sub

from wire.codec import MAX_MESSAGE_BYTES

SUCCESS = 0
PACKET_BYTES_MAX = MAX_MESSAGE_BYTES + 1_024
"""Largest packet (max_packet_size as provisioning.broker writes it)."""
INFLIGHT_MAX = 20
"""Messages under way to one subscriber at a time (Mosquitto's max_inflight_messages)."""

Deliver = Callable[[str, bytes], None]
Message = tuple[str, bytes]


class BrokerDownError(Exception):
    """Nobody listens."""


class TooLargeError(Exception):
    """The broker hangs up on who sent this."""


@lru_cache(maxsize=4096)
def _matches(pattern: str, topic: str) -> bool:
    return bool(topic_matches_sub(pattern, topic))


@dataclass
class Session:
    """What the broker keeps of one client."""

    durable: bool
    deliver: Deliver | None = None
    """None while the client is away."""
    filters: set[str] = field(default_factory=set)
    inflight: deque[Message] = field(default_factory=deque)
    waiting: deque[Message] = field(default_factory=deque)
    will: Message | None = None


class Broker:
    """See the module. `dropped` and `denied_count` count what publishers were told nothing of."""

    def __init__(self, queue_limit: int = 1000) -> None:
        self.queue_limit = queue_limit
        self.running = True
        self.lives = 1
        """Counts up with each restart: connections do not outlive a kill."""
        self.denied: set[str] = set()
        """Clients whose publications the access list denies at present."""
        self.retained: dict[str, bytes] = {}
        self.dropped = 0
        self.denied_count = 0
        self._sessions: dict[str, Session] = {}
        self._saved: tuple[dict[str, Session], dict[str, bytes]] = ({}, {})

    def connect(
        self, client: str, deliver: Deliver, *, durable: bool = False, will: Message | None = None
    ) -> None:
        """Take a client on; a durable session goes on where it stopped. Raises BrokerDownError."""
        self._must_run()
        session = self._sessions.get(client)
        if session is None or not (durable and session.durable):
            session = self._sessions[client] = Session(durable)
        session.deliver, session.will = deliver, will
        # What was under way when the connection broke is sent again, and first.
        session.waiting.extendleft(reversed(session.inflight))
        session.inflight.clear()
        self._push(session)

    def subscribe(self, client: str, pattern: str) -> None:
        """Let a connected client hear of topics; what is retained under them comes at once."""
        self._must_run()
        session = self._sessions[client]
        session.filters.add(pattern)
        for topic, payload in self.retained.items():
            if _matches(pattern, topic):
                self._hand(session, (topic, payload))

    def publish(self, client: str, topic: str, payload: bytes, *, retain: bool = False) -> int:
        """Take a message; returns the reason code of its PUBACK. Raises BrokerDownError, TooLargeError."""
        self._must_run()
        if len(payload) > PACKET_BYTES_MAX:
            raise TooLargeError
        if client in self.denied:
            self.denied_count += 1
            return SUCCESS
        if retain:
            self.retained[topic] = payload
        for session in list(self._sessions.values()):
            if any(_matches(pattern, topic) for pattern in session.filters):
                self._hand(session, (topic, payload))
        return SUCCESS

    def confirm(self, client: str) -> None:
        """A client acknowledges the oldest message that was delivered to it."""
        session = self._sessions.get(client)
        if session is not None and session.inflight:
            session.inflight.popleft()
            self._push(session)

    def disconnect(self, client: str, *, clean: bool) -> None:
        """A connection ended; unless by a good-bye, the last will is published."""
        session = self._sessions.get(client)
        if session is None or not self.running:
            return
        will, session.deliver, session.will = session.will, None, None
        if not session.durable:
            del self._sessions[client]
        if will is not None and not clean:
            self.publish(client, *will, retain=True)

    def save(self) -> None:
        """Write the snapshot, as every half hour by default."""
        sessions = {
            name: Session(True, None, set(each.filters), copy.copy(each.inflight), copy.copy(each.waiting))
            for name, each in self._sessions.items()
            if each.durable
        }
        self._saved = (sessions, dict(self.retained))

    def kill(self) -> None:
        """Lose everything since the last snapshot."""
        self.running = False
        sessions, retained = self._saved
        self._sessions, self.retained = copy.deepcopy(sessions), dict(retained)

    def restart(self) -> None:
        """Listen again."""
        self.running = True
        self.lives += 1

    def waiting(self, client: str) -> int:
        """Return how many messages wait for a client."""
        session = self._sessions.get(client)
        return len(session.waiting) + len(session.inflight) if session else 0

    def _must_run(self) -> None:
        if not self.running:
            raise BrokerDownError

    def _hand(self, session: Session, message: Message) -> None:
        if session.deliver is None and not session.durable:
            return
        if len(session.waiting) >= self.queue_limit:
            self.dropped += 1
            return
        session.waiting.append(message)
        self._push(session)

    @staticmethod
    def _push(session: Session) -> None:
        while session.deliver is not None and session.waiting and len(session.inflight) < INFLIGHT_MAX:
            message = session.waiting.popleft()
            session.inflight.append(message)
            session.deliver(*message)
