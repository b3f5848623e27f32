"""A model of an MQTT client on a bad line: it reconnects, sends again what was not PUBACKed, and may be
dead inside while it calls itself connected.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Literal

from sim.faults.broker import INFLIGHT_MAX, Broker, BrokerDownError, Message, TooLargeError
from sim.faults.schedule import Action, Schedule

QUEUE_LIMIT = 64
"""Messages that the client holds in memory (firmware_agent.delivery.link.QUEUE_LIMIT)."""
KEEPALIVE_MS = 30_000
"""One and a half times the keepalive: after this silence both ends give the connection up."""
RETRY_MS = (1_000, 15_000)

LineState = Literal["up", "cut", "silent"]


class Line:
    """The way between a client and the broker. Messages on it take their time, come twice, or overtake."""

    def __init__(self, schedule: Schedule, chance: random.Random) -> None:
        self._schedule = schedule
        self._chance = chance
        self.state: LineState = "up"
        self.slow_ms = 0
        """Added to every delay."""
        self._held: list[Action] = []
        self._last_ms = 0
        self.on_change: Action = lambda: None

    def carry(self, arrive: Action) -> None:
        """Bring something over; what the line swallows comes never, or when it is mended."""
        for _ in range(2 if self._chance.random() < 0.02 else 1):
            delay_ms = self.slow_ms + int(self._chance.expovariate(1 / 80))
            if self._chance.random() < 0.97:
                # As TCP: nothing overtakes. The rest is what is sent again over a new connection.
                delay_ms = max(delay_ms, self._last_ms - self._schedule.now_ms)
                self._last_ms = self._schedule.now_ms + delay_ms
            self._schedule.after(delay_ms, lambda: self._arrive(arrive))

    def set(self, state: LineState) -> None:
        """Cut the line, let it fall silent, or mend it."""
        self.state = state
        if state == "up":
            held, self._held = self._held, []
            for arrive in held:
                self._schedule.after(0, lambda arrive=arrive: self._arrive(arrive))  # type: ignore[misc]
        elif state == "cut":
            self._held.clear()
        self.on_change()

    def _arrive(self, arrive: Action) -> None:
        if self.state == "up":
            arrive()
        elif self.state == "silent":
            self._held.append(arrive)


class Client:
    """Connects, subscribes, publishes, and tells its owner."""

    def __init__(
        self,
        schedule: Schedule,
        chance: random.Random,
        broker: Broker,
        line: Line,
        name: str,
        *,
        durable: bool = False,
        will: Message | None = None,
    ) -> None:
        self._schedule = schedule
        self._chance = chance
        self._broker = broker
        self._line = line
        self.name = name
        self._durable = durable
        self._will = will
        self.connected = False
        self.dead_inside = False
        """The network thread has died and nobody is told: nothing comes in any more, and nothing goes out
        beyond the messages that may be under way without a PUBACK."""
        self._unheard = 0
        self.on_connect: Action = lambda: None
        self.on_disconnect: Action = lambda: None
        self.on_message: Callable[[str, bytes], None] = lambda _topic, _payload: None
        self.on_puback: Callable[[str, bytes], None] = lambda _topic, _payload: None
        self._outgoing: dict[int, tuple[str, bytes, bool]] = {}
        self._number = 0
        self._connection = 0
        self._broker_life = 0
        self._closed = False
        line.on_change = self._line_changed

    def start(self) -> None:
        """Begin to connect."""
        self._retry_soon()

    def close(self) -> None:
        """End without a good-bye, as when the process dies."""
        self._closed = True
        if self.connected:
            self._broker.disconnect(self.name, clean=False)
        self.connected = False
        self._connection += 1

    def subscribe(self, pattern: str) -> None:
        """Hear of topics; call it from `on_connect`."""
        self._broker.subscribe(self.name, pattern)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send with QoS 1; beyond QUEUE_LIMIT the message is dropped, as paho does."""
        if len(self._outgoing) >= QUEUE_LIMIT or self._closed:
            return
        self._number += 1
        self._outgoing[self._number] = (topic, payload, retain)
        if self.connected:
            self._send(self._number)

    def drop(self) -> None:
        """The connection broke, and this end knows it."""
        if not self.connected or self.dead_inside:
            return
        self.connected = False
        self._connection += 1
        self._broker.disconnect(self.name, clean=False)
        self.on_disconnect()
        self._retry_soon()

    def _retry_soon(self) -> None:
        self._schedule.after(self._chance.randint(*RETRY_MS), self._try)

    def _try(self) -> None:
        if self._closed or self.connected:
            return
        if self._line.state != "up" or not self._broker.running:
            self._retry_soon()
            return
        self._connection += 1
        self._broker_life = self._broker.lives
        self.connected = True
        self.on_connect_at_broker()
        for number in list(self._outgoing):
            self._send(number)

    def on_connect_at_broker(self) -> None:
        """Sign in and tell the owner."""
        connection = self._connection

        def deliver(topic: str, payload: bytes) -> None:
            self._line.carry(lambda: self._take(connection, topic, payload))

        # First the owner, so that it has subscribed when what waited for it comes.
        self._broker.connect(self.name, deliver, durable=self._durable, will=self._will)
        self.on_connect()

    def _send(self, number: int) -> None:
        if self.dead_inside:
            self._unheard += 1
            if self._unheard > INFLIGHT_MAX:
                return
        connection = self._connection
        topic, payload, retain = self._outgoing[number]

        def arrive() -> None:
            if connection != self._connection:
                return
            try:
                self._broker.publish(self.name, topic, payload, retain=retain)
            except BrokerDownError:
                return
            except TooLargeError:
                # Not confirmed, so it is sent again on the next connection, before all that is behind it.
                self.drop()
                return
            self._line.carry(lambda: self._pubacked(connection, number))

        self._line.carry(arrive)

    def _pubacked(self, connection: int, number: int) -> None:
        if connection == self._connection and not self.dead_inside and number in self._outgoing:
            topic, payload, _ = self._outgoing.pop(number)
            self.on_puback(topic, payload)

    def _take(self, connection: int, topic: str, payload: bytes) -> None:
        if connection != self._connection or self.dead_inside:
            return
        self.on_message(topic, payload)
        self._line.carry(lambda: self._confirm(connection))

    def _confirm(self, connection: int) -> None:
        if connection == self._connection:
            self._broker.confirm(self.name)

    def _line_changed(self) -> None:
        if self._line.state == "cut":
            self.drop()
        elif self._line.state == "silent":
            connection = self._connection
            self._schedule.after(KEEPALIVE_MS, lambda: self._give_up(connection))
        elif not self._broker.running or self._broker.lives != self._broker_life:
            self.drop()  # the first packet on the mended line is answered by a reset

    def _give_up(self, connection: int) -> None:
        if connection == self._connection and self._line.state == "silent":
            self.drop()
