"""A commune's hall for one test: an authority, a broker, the hub's identity, a device at its desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from firmware_agent.clock import Clock
from firmware_agent.config import BrokerSettings, DeviceConfig, IdentitySettings, NodeSettings
from firmware_agent.desk import Desk
from firmware_agent.identity import Identity, load_identity
from firmware_agent.node import Problems
from tests.support.broker import Broker
from tests.support.clocks import RunningClock
from tests.support.commune import COMMUNE, DEVICE, TestCommune
from tests.support.hub_peer import HubPeer, Ledger
from wire.names import HUB
from wire.topics import Address

NODE = "rating"
KIOSK = Address(COMMUNE, DEVICE, NODE)


class Site:
    """Everything around one node, in a directory.

    with site.broker, site.hub() as hub, site.desk() as desk:
        desk.record(…)
        hub.await_facts(KIOSK, RatingPressed, 1)
    """

    def __init__(self, directory: Path, broker_extra: str = "") -> None:
        self.directory = directory
        self.commune = TestCommune(directory / "authority")
        self.broker = Broker(self.commune, directory / "broker", broker_extra)
        self._hub_identity = load_identity(self.commune.issue(HUB), HUB, None)
        self.files = self.commune.issue(DEVICE)
        self.identity = load_identity(self.files, DEVICE, None)
        self.problems = Problems()
        self.lease_s = 4

    def config(self, files: IdentitySettings | None = None, broker_port: int | None = None) -> DeviceConfig:
        """Return the device's config as its card has it; `broker_port` where a line of its own begins."""
        return DeviceConfig(
            commune=COMMUNE,
            device=DEVICE,
            state_dir=self.directory / "state",
            lease_s=self.lease_s,
            broker=BrokerSettings(host="127.0.0.1", port=broker_port or self.broker.port, reconnect_max_s=1),
            identity=files or self.files,
            nodes=[NodeSettings(kind="rating", name=NODE)],
        )

    def hub(self, ledger: Ledger | None = None) -> HubPeer:
        """Return a hub, to be entered."""
        return HubPeer(COMMUNE, self.broker.port, self._hub_identity, ledger)

    @contextmanager
    def desk(
        self, clock: Clock | None = None, identity: Identity | None = None, broker_port: int | None = None
    ) -> Iterator[Desk]:
        """Start the node's desk, with its link, and stop it afterwards."""
        clock = clock or RunningClock()
        desk = Desk(
            self.config(broker_port=broker_port),
            NODE,
            "rating",
            identity or self.identity,
            clock,
            self.problems,
        )
        desk.start()
        try:
            yield desk
        finally:
            desk.stop()
