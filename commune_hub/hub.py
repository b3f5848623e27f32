"""The hub, put together: store, ledger, capabilities, broker, link, orders, door."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from commune_hub import ledger as ledger_module
from commune_hub import orders as orders_module
from commune_hub.broker import Broker
from commune_hub.capabilities import accounts, audit, bulletins, clips, fleet, queue, ratings, staff
from commune_hub.documents import Documents
from commune_hub.door import Door, holder
from commune_hub.keeper import Keeper
from commune_hub.keys import Keys
from commune_hub.ledger import Capability, Ledger
from commune_hub.link import HubLink
from commune_hub.mail import LetterBox
from commune_hub.orders import Orders
from commune_hub.statements import Statements
from commune_hub.store import Store
from commune_hub.timekeeping import time_book
from commune_hub.times import now_ms
from firmware_agent.settings import SettingsError
from provisioning.broker import write_broker_config
from provisioning.plan import HubConfig
from wire.batches import Ack, Batch
from wire.codec import WireError
from wire.status import Status
from wire.topics import Address

DATABASE = "hub.db"
LOOK_EVERY_S = 2.0
"""How often documents are composed anew when nothing has told of a change: voids, new devices, a new day."""

CALM_S = 0.05
"""Shortest time between two looks, so that a burst of facts does not compose every document each time."""

CALM_PER_LOOK = 9
"""And after a look that took long, since there are many nodes, so many times as long: a tenth of a core."""

MIGRATIONS = [
    module.migrations
    for module in (
        ledger_module,
        time_book,
        orders_module,
        audit,
        ratings,
        queue,
        bulletins,
        clips,
        fleet,
        staff,
        accounts,
    )
]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Capabilities:
    """What the hub can do, for the API and the console to ask."""

    config: HubConfig
    store: Store
    ledger: Ledger
    audit: audit.Audit
    ratings: ratings.Ratings
    queue: queue.Queue
    bulletins: bulletins.Bulletins
    clips: clips.Clips
    fleet: fleet.Fleet
    staff: staff.Staff
    accounts: accounts.Accounts

    def speaker_places(self) -> dict[str, str]:
        """Return where a bulletin can sound, with names: hamlets with a loudspeaker, and each loudspeaker."""
        hamlets = {hamlet.id: hamlet.name for hamlet in self.config.hamlets}
        places: dict[str, str] = {}
        for entry in self.fleet.entries():
            if any(node.kind == "speaker" for node in entry.nodes):
                if entry.place in hamlets:
                    places.setdefault(entry.place, hamlets[entry.place])
                places[entry.device] = f"Cụm loa {entry.device}"
        return places


def open_capabilities(config: HubConfig) -> Capabilities:
    """Open the store and what stands on it.

    Raises firmware_agent.database.DatabaseUnusableError and firmware_agent.settings.SettingsError.
    """
    store = Store(config.root / DATABASE, MIGRATIONS)
    log_book = audit.Audit(store, now_ms)
    ratings_ = ratings.Ratings(store, now_ms)
    queue_ = queue.Queue(store, now_ms, log_book)
    bulletins_ = bulletins.Bulletins(store, now_ms, log_book)
    clips_ = clips.Clips(store, log_book, config.root / "clips")
    fleet_ = fleet.Fleet(store, now_ms, config.root / "roster")
    accounts_ = accounts.Accounts(store, now_ms)
    fleet_.on_refused = accounts_.refused
    followers: list[Capability] = [ratings_, queue_, bulletins_, clips_, fleet_]
    return Capabilities(
        config=config,
        store=store,
        ledger=Ledger(store, now_ms, followers, accounts_.repeated),
        audit=log_book,
        ratings=ratings_,
        queue=queue_,
        bulletins=bulletins_,
        clips=clips_,
        fleet=fleet_,
        staff=staff.Staff(store, now_ms, log_book),
        accounts=accounts_,
    )


class Hub:
    """The running hub; `changed` wakes what keeps the documents level."""

    def __init__(self, capabilities: Capabilities, keys: Keys) -> None:
        self.capabilities = capabilities
        config = capabilities.config
        self._changed = threading.Event()
        self._repeat = threading.Event()
        self._stopping = threading.Event()
        self._started = contextlib.ExitStack()
        conf = write_broker_config(config)
        self.broker = Broker(conf, config.broker.host, config.broker.port)
        self._link = HubLink(
            config.commune,
            config.broker.host,
            config.broker.port,
            keys.client_tls(),
            self,
            self._on_connected,
        )
        capabilities.fleet.link_up = lambda: self._link.connected
        documents = Documents(config, capabilities.queue, capabilities.bulletins)
        self._orders = Orders(
            config.commune, capabilities.store, now_ms, keys.seal, documents, self._link.publish_intent
        )
        letter_box = LetterBox(config.commune, self, self._orders.standing, holder)
        self._door = Door(
            capabilities.clips,
            capabilities.fleet,
            letter_box,
            config.door.host,
            config.door.port,
            keys.door_tls(),
        )
        statements = Statements(
            config.commune, config.root, capabilities.store, capabilities.accounts, keys.seal, now_ms
        )
        self._keeper = Keeper(capabilities.store, config.root, capabilities.accounts, statements, now_ms)
        self._leveller = threading.Thread(target=self._keep_level, name="orders", daemon=True)

    def start(self) -> None:
        """Start everything; raises BrokerError or DoorError, and then nothing is left running."""
        with contextlib.ExitStack() as started:
            for start, stop in (
                (self.broker.start, self.broker.stop),
                (self._door.start, self._door.stop),
                (self._link.start, self._link.stop),
                (self._leveller.start, self._stop_levelling),
                (self._keeper.start, self._keeper.stop),
            ):
                started.callback(stop)
                start()
            self._started = started.pop_all()

    def stop(self) -> None:
        """End everything, last started first."""
        self._started.close()
        self.capabilities.store.close()

    def changed(self) -> None:
        """Something that a document may say has changed."""
        self._changed.set()

    def take_batch(self, batch: Batch) -> int:
        """Commit a batch; return how far its stream is committed."""
        committed = self.capabilities.ledger.take(batch)
        self._changed.set()
        return committed

    def take_batches(self, batches: Sequence[Batch]) -> Sequence[int | None]:
        """Commit several batches at once; None for one that was left."""
        committed = self.capabilities.ledger.take_all(batches)
        self._changed.set()
        return committed

    def ack(self, batch: Batch) -> Ack:
        """Return what the sender of a batch that was taken, or left, is told."""
        return self.capabilities.ledger.ack(batch)

    def heard(self, address: Address, status: Status) -> None:
        """Note a sign of life."""
        self.capabilities.fleet.heard(address, status)

    def knows(self, address: Address) -> bool:
        """Tell whether this node belongs to the commune."""
        return address.commune == self.capabilities.config.commune and self.capabilities.fleet.knows(address)

    def refused(self, device: str, topic: str, error: WireError) -> None:
        """Count what was refused."""
        self.capabilities.fleet.refused(device, topic, error)

    def _stop_levelling(self) -> None:
        self._stopping.set()
        self._changed.set()
        if self._leveller.is_alive():
            self._leveller.join(timeout=10)

    def _on_connected(self) -> None:
        self._repeat.set()
        self._changed.set()

    def _keep_level(self) -> None:
        while not self._stopping.is_set():
            self._changed.wait(LOOK_EVERY_S)
            self._changed.clear()
            began_s = time.monotonic()
            try:
                self._look()
            except SettingsError as error:
                log.warning("%s", error.report())
            except Exception:
                log.exception("lỗi khi soạn tài liệu cho các nút (error while levelling the documents)")
            self._stopping.wait(max(CALM_S, CALM_PER_LOOK * (time.monotonic() - began_s)))

    def _look(self) -> None:
        """Documents wait while there is no link: they are composed anew when it is up."""
        self.capabilities.fleet.save_refusals()
        if not self._link.connected:
            return
        if self._repeat.is_set():
            self._repeat.clear()
            self._orders.repeat()
        self._orders.level(self.capabilities.fleet.entries())
