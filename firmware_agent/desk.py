"""A node's desk: its outbox, its shelf of documents, its link, put together, for any kind of node."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from firmware_agent.clock import Clock, moment
from firmware_agent.config import DeviceConfig
from firmware_agent.delivery.base_link import BaseLink
from firmware_agent.delivery.https_link import HttpsLink
from firmware_agent.delivery.link import Link
from firmware_agent.delivery.neighbours import Neighbours
from firmware_agent.delivery.outbox import Outbox
from firmware_agent.delivery.reserve import Reserve, free_bytes
from firmware_agent.identity import Identity
from firmware_agent.node import Problems, Sight
from firmware_agent.shelf import Shelf
from wire.codec import WireError
from wire.facts import Body, IntentApplied, MessageRefused, make_fact
from wire.status import Status
from wire.topics import Address

REFUSAL_FACTS_MAX = 50
"""Refused messages that are told to the hub one by one, per run; beyond it they are only counted."""

TELEMETRY_LEAVES_BYTES = 32 * 1024 * 1024
"""Room on the disk that telemetry leaves to what people did: some 100,000 presses. Clips leave far more."""

log = logging.getLogger(__name__)


class Desk:
    """What a node writes and reads, and the link that keeps it level with the hub."""

    def __init__(
        self,
        config: DeviceConfig,
        node: str,
        kind: str,
        identity: Identity,
        clock: Clock,
        problems: Problems,
        hears: frozenset[str] = frozenset(),
    ) -> None:
        self.directory = node_directory(config, node)
        self.changed = threading.Event()
        self._config = config
        self._kind = kind
        self._clock = clock
        self._problems = problems
        self._refusals = 0
        self._reserve = Reserve(self.directory / "reserve")
        self._outbox = Outbox(self.directory / "outbox.db", room=self._reserve)
        self._reserve.keep()
        self._session = int(self._outbox.state("link.session", 0)) + 1
        self._keep_session()
        address = config.address(node)
        self.documents = Shelf(self.directory / "documents", address, identity.hub_seal, clock)
        self.documents.on_change = self.changed.set
        self.neighbours = Neighbours(hears)
        self.neighbours.on_heard = self.changed.set
        self._link = self._choose_link(address, identity)
        problems.on_change = self._link.announce
        if self._outbox.set_aside:
            problems.report(
                "outbox",
                f"Tệp dữ liệu bị hỏng, đã cất riêng: {self._outbox.set_aside.name}; "
                f"cứu được {self._outbox.saved} sự việc chưa gửi",
            )
        for line in self.documents.unreadable:
            problems.report("documents", f"Tài liệu trên thẻ nhớ không dùng được: {line}")

    def _choose_link(self, address: Address, identity: Identity) -> BaseLink:
        config = self._config
        handlers = (self._take_intent, self._refused, self._status)
        if config.carrier == "https":
            pause_max_s = config.broker.reconnect_max_s
            return HttpsLink(
                address, config.hub_url, pause_max_s, identity, self._outbox, self._clock, *handlers
            )
        return Link(
            address, config.broker, identity, self._outbox, self._clock, *handlers, neighbours=self.neighbours
        )

    def start(self) -> None:
        """Begin to connect; returns at once, link or no link."""
        self._link.start()

    def stop(self) -> None:
        """Say good-bye to the hub and close the files."""
        self._link.stop()
        self._outbox.close()

    def sight(self) -> Sight:
        """Return what is to be seen of the hub from here."""
        return self._link.sight()

    def record(self, body: Body, state: Mapping[str, Any] | None = None) -> int:
        """Commit a fact, with `state` in the same transaction; it is on disk when this returns."""
        seq = self._outbox.append(make_fact(body, moment(self._clock)), state)
        self._link.appended()
        return seq

    def note(self, body: Body) -> None:
        """Record how the device does its work; on a disk with little room left let it go, and say so."""
        try:
            if free_bytes(self.directory) >= TELEMETRY_LEAVES_BYTES:
                self.record(body)
                self._problems.clear("disk room")
                return
        except (sqlite3.Error, OSError) as error:
            log.warning("không ghi được (cannot be recorded) %s: %s", body.KIND, error)
        self._problems.report(
            "disk room", "Thẻ nhớ sắp đầy: chỉ còn ghi việc của người dân, không ghi tình trạng thiết bị."
        )

    def remember(self, state: Mapping[str, Any]) -> None:
        """Commit state that no fact comes with."""
        self._outbox.remember(state)

    def state(self, key: str, default: Any = None) -> Any:
        """Return the state under `key`."""
        return self._outbox.state(key, default)

    def _keep_session(self) -> None:
        """Count this life; on a full disk the next one has the same number, which does no harm."""
        try:
            self._outbox.remember({"link.session": self._session})
        except sqlite3.Error as error:
            log.warning("không ghi được số phiên (the session's number is not kept): %s", error)

    def _take_intent(self, name: str, payload: bytes) -> None:
        intent = self.documents.offer(name, payload)
        if intent is not None:
            self.note(IntentApplied(name=name, number=intent.number))

    def _refused(self, topic: str, error: WireError) -> None:
        self._refusals += 1
        if self._refusals <= REFUSAL_FACTS_MAX:
            self.note(MessageRefused(topic=topic[:200], reason=error.reason, detail=str(error)[:200]))
        self._link.announce()

    def _status(self, online: bool) -> Status:
        return Status(
            session=self._session,
            boot=self._clock.boot,
            online=online,
            kind=self._kind,
            lease_s=self._config.lease_s,
            backlog=self._link.backlog,
            problems=self._problems.texts(),
            refused=self._refusals,
        )


def node_directory(config: DeviceConfig, node: str) -> Path:
    """Return where `node` keeps its files."""
    return config.state_dir / node
