"""What every link has in common: a carrier under a lock, one thread, and what is to be seen of the hub."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from firmware_agent.clock import Clock
from firmware_agent.delivery.carrier import Carrier
from firmware_agent.delivery.outbox import Outbox
from firmware_agent.identity import Identity
from firmware_agent.node import Sight
from wire.codec import WireError
from wire.delivery import Sender
from wire.status import Status
from wire.topics import Address

log = logging.getLogger(__name__)


class BaseLink(ABC):
    """Carry one node's facts up and its documents down, until stopped; `_run` says how, in its own thread.

    `take_intent(name, payload)` gets each document and raises WireError to refuse it;
    `refused(topic, error)` hears of every message that was refused; `status()` makes the sign of life.
    Whoever touches the carrier holds `_changed`, and notifies it of what the thread should know.
    """

    GOODBYE_S: ClassVar[float] = 5.0
    """How long `stop` waits for the thread."""

    def __init__(
        self,
        address: Address,
        identity: Identity,
        outbox: Outbox,
        clock: Clock,
        take_intent: Callable[[str, bytes], None],
        refused: Callable[[str, WireError], None],
        status: Callable[[bool], Status],
    ) -> None:
        self._address = address
        self._identity = identity
        self._clock = clock
        self._take_intent = take_intent
        self._refused = refused
        self._status = status
        self._carrier = Carrier(address, outbox)
        self._changed = threading.Condition()
        self._stopping = False
        self._status_due_ms = 0
        self._failure = ""
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)

    @property
    def _sender(self) -> Sender:
        return self._carrier.sender

    @property
    def connected(self) -> bool:
        """Whether the other end took this link's sign-in, and nothing was heard of an end since."""
        return self._sender.connected

    @property
    def failure(self) -> str:
        """Why there is no link, in one line; empty while there is one."""
        return self._failure

    @property
    def backlog(self) -> int:
        """Facts that the hub has not yet said are safe."""
        return self._carrier.backlog

    def sight(self) -> Sight:
        """Return what is to be seen of the hub from here."""
        with self._changed:
            return self._carrier.sight(self._clock.mono_ms())

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Say good-bye and end the link."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(timeout=self.GOODBYE_S)

    def appended(self) -> None:
        """The outbox holds a new fact: send it soon."""
        with self._changed:
            self._carrier.appended()
            self._changed.notify()

    def announce(self) -> None:
        """What the status says has changed: send it soon."""
        with self._changed:
            self._status_due_ms = 0
            self._changed.notify()

    @abstractmethod
    def _run(self) -> None:
        """Connect, exchange and come back, until `_stopping`."""

    def _fail(self, text: str) -> None:
        """Keep why there is no link; log it once."""
        if text != self._failure:
            log.warning("%s; thiết bị vẫn ghi và giữ mọi việc (keeps working and keeps all facts)", text)
        self._failure = text
