"""The hub of a week: the real capabilities on a real store, with a clock that is virtual."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commune_hub.capabilities.queue import DeskWork
from commune_hub.citizen.slips import Slips
from commune_hub.documents.composed import Documents
from commune_hub.errors import HubError
from commune_hub.hub import Capabilities, open_capabilities
from commune_hub.intake.turns import Turns
from commune_hub.ledger import Ledger
from commune_hub.orders import Orders
from commune_hub.store import Store
from provisioning.plan import HubConfig
from provisioning.roster import RosterEntry
from sim.faults.clock import FaultyClock
from sim.faults.hub import Hub
from sim.week.post import OfficeClock, Surroundings
from wire.batches import Ack, Batch
from wire.codec import decode
from wire.names import HUB
from wire.scales import DEFAULT_SCALE
from wire.status import Status
from wire.topics import Address, parse_topic

LOOK_AFTER_MS = 50
"""Rest between two looks at the documents (commune_hub.hub.CALM_S)."""
EXPIRED_MS = (20_100, 60_100)
"""After the end of a visit its document says something else without anything happening."""
LEVEL_ALL_EVERY_MS = 1_800_000
"""How often the documents of keys are levelled that nobody reads now; the hub itself never rests."""

Told = Callable[[str, dict[str, Any]], None]
"""(kind, body) of what the hub's own stream tells of the queue."""


class OfficeHub(Hub):
    """Takes batches, keeps documents level, does officers' orders; `told` hears what the hall learns."""

    def __init__(self, around: Surroundings, config: HubConfig, key: Ed25519PrivateKey, told: Told) -> None:
        self._around = around
        self._config = config
        self._key = key
        self._told = told
        self._heard_up_to = 0
        self._look_is_due = False
        self.capabilities: Capabilities | None = None
        self._orders: Orders | None = None
        self.at_keys: set[str] = set()
        """Counters whose keys are in use: their documents must be level at once."""
        super().__init__(
            around.schedule,
            around.chance,
            around.broker,
            around.story,
            durable=True,
            commune=around.commune,
        )

    # --- what the simulated hub asks

    def make_clock(self) -> FaultyClock:
        """Return its clock."""
        return OfficeClock(self._around.schedule, self._around.chance, HUB, self._around.start_ms, 0.0)

    def make_turns(self) -> Turns:
        """As the product has them."""
        return Turns()

    def open_ledger(self) -> tuple[Store, Ledger]:
        """Open all capabilities on the store of the run's directory."""
        capabilities = open_capabilities(self._config, self.clock.wall_ms)
        capabilities.reports.key = self._key
        capabilities.queue.on_asked = self.changed
        documents = Documents(
            self._config,
            capabilities.queue,
            capabilities.bulletins,
            capabilities.notices,
            gives_tickets=lambda: capabilities.fleet.has_kind("ticket"),
            now_ms=self.clock.wall_ms,
        )
        self._orders = Orders(
            self._config.commune,
            capabilities.store,
            self.clock.wall_ms,
            self._key,
            documents,
            self._send_document,
        )
        self.capabilities = capabilities
        return capabilities.store, capabilities.ledger

    def begun(self, store: Store) -> None:
        """Level everything once the link is up, and again and again."""
        self._level_all(store)

    def stop(self) -> None:
        """The process ends."""
        super().stop()
        self.capabilities = self._orders = None
        self._look_is_due = False

    def heard(self, topic: str, payload: bytes) -> None:
        """Take a sign of life."""
        if self.capabilities is not None and topic.endswith("/status"):
            self.capabilities.fleet.heard(parse_topic(topic).address, decode(payload, Status))

    def commit(self, batch: Batch) -> Ack | None:
        """Take a batch; what it tells may change documents."""
        ack = super().commit(batch)
        self.changed()
        return ack

    # --- what officers do, and documents

    def order(self, give: Callable[[DeskWork], object]) -> None:
        """Do an officer's order at the console; raises HubError for one that is refused."""
        if self.capabilities is None:
            raise RuntimeError("the hub is away")
        give(self.capabilities.queue.work(self.capabilities.ledger))
        self._tell_hall()
        self.changed()

    def rate_by_slip(self, code: str, level: int) -> bool:
        """Vote on the page behind a slip's code; tell whether the page took it."""
        asked = self.capabilities
        if asked is None:
            return False
        slips = Slips(asked.store, self.clock.wall_ms, asked.queue, asked.ratings, asked.ledger)
        try:
            slips.rate(code, DEFAULT_SCALE, level)
        except HubError as error:
            self.tell(f"phiếu không dùng được (slip refused): {error}")
            return False
        return True

    def changed(self) -> None:
        """Look at the documents soon."""
        if not self._look_is_due:
            self._look_is_due = True
            self._schedule.after(LOOK_AFTER_MS, self._look)

    def level_all(self) -> None:
        """Level the documents of everybody now."""
        self._level(lambda _entry: True)

    def correct_all(self) -> None:
        """Time anew all facts that wait for it."""
        while self.ledger is not None and self.ledger.correct_some():
            self.tell("sửa giờ (times corrected)")

    def _look(self) -> None:
        self._look_is_due = False
        if self.capabilities is None or self.ledger is None:
            return
        if self.capabilities.queue.answer_asked(self.ledger):
            self._tell_hall()
        self._level(self._reads_now)

    def _reads_now(self, entry: RosterEntry) -> bool:
        """Rating panels always; keys where somebody goes by them."""
        kinds = {node.kind for node in entry.nodes}
        return "rating" in kinds or ("keys" in kinds and entry.place in self.at_keys)

    def _level(self, wanted: Callable[[RosterEntry], bool]) -> None:
        if self.capabilities is not None and self._orders is not None and self.client is not None:
            entries: Iterable[RosterEntry] = self.capabilities.fleet.entries()
            self._orders.level([each for each in entries if wanted(each)])

    def _level_all(self, store: Store) -> None:
        if self.store is store:
            self.level_all()
            self._schedule.after(LEVEL_ALL_EVERY_MS, lambda: self._level_all(store))

    def _send_document(self, address: Address, name: str, sealed: bytes) -> None:
        if self.client is not None:
            self.client.publish(address.intent(name), sealed, retain=True)

    def _tell_hall(self) -> None:
        """Tell what was done to visits since: boards and desks show it."""
        if self.store is None:
            return
        rows = self.store.rows(
            "SELECT seq, kind, body FROM facts WHERE device = ? AND node = 'queue' AND seq > ? ORDER BY seq",
            [HUB, self._heard_up_to],
        )
        for row in rows:
            self._heard_up_to = row["seq"]
            self._told(row["kind"], json.loads(row["body"]))
            if row["kind"] == "ticket.ended":
                for after_ms in EXPIRED_MS:
                    self._schedule.after(after_ms, self.changed)
