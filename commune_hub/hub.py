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
from commune_hub import whereabouts
from commune_hub.broker import Broker
from commune_hub.capabilities import (
    accounts,
    alerts,
    audit,
    bulletins,
    clips,
    fleet,
    live,
    loudspeakers,
    notices,
    playbacks,
    queue,
    ratings,
    staff,
    uptime,
)
from commune_hub.capabilities.bulletins import Bulletin
from commune_hub.documents.composed import Documents
from commune_hub.door import Door, holder
from commune_hub.figures.source import RowSource
from commune_hub.in_place import Follower, InPlace
from commune_hub.keeper import Keeper
from commune_hub.keys import Keys
from commune_hub.ledger import Ledger
from commune_hub.link import HubLink
from commune_hub.mail import LetterBox
from commune_hub.orders import Orders
from commune_hub.reports import closing
from commune_hub.reports.evidence import first_data_ms
from commune_hub.reports.opening import open_reports
from commune_hub.reports.service import Reports
from commune_hub.sounds.library import Sounds
from commune_hub.statements import Statements
from commune_hub.store import Store
from commune_hub.templates import Template, load_templates
from commune_hub.timekeeping import time_book
from commune_hub.timekeeping.corrector import Corrector
from commune_hub.times import DAY_MS, NowMs, now_ms
from commune_hub.timetable.coming import Plan, make_plan, speakers_of
from commune_hub.upkeep import Upkeep
from commune_hub.writing.speaking import open_speech, open_vietnamese, programme_words, voice_notes
from firmware_agent.settings import SettingsError
from firmware_agent.voices.voice import Voice
from provisioning.broker import write_access_list, write_broker_config
from provisioning.plan import HubConfig
from provisioning.roster import RosterEntry
from speaker_node.vietnamese import Vietnamese
from wire.batches import Ack, Batch
from wire.codec import MAX_MESSAGE_BYTES, WireError
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
        playbacks,
        loudspeakers,
        clips,
        fleet,
        whereabouts,
        staff,
        accounts,
        uptime,
        alerts,
        closing,
        notices,
        live,
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
    playbacks: playbacks.Playbacks
    live: live.Live
    loudspeakers: loudspeakers.Loudspeakers
    sounds: Sounds
    templates: dict[str, Template]
    notices: notices.Notices
    clips: clips.Clips
    fleet: fleet.Fleet
    staff: staff.Staff
    accounts: accounts.Accounts
    rows: RowSource
    alerts: alerts.Alerts
    reports: Reports
    vietnamese: Vietnamese
    voice: Voice
    upkeep: Upkeep

    def plan(self, days: int, also: Sequence[Bulletin] = ()) -> Plan:
        """Return what will sound in the next `days`: what is approved, what waits for it, and `also`."""
        from_ms = now_ms()
        standing = [*self.bulletins.to_sound(), *self.bulletins.waiting_for_approval()]
        known = {each.id: each for each in [*standing, *also]}
        speakers = speakers_of(self.fleet.entries())
        habits = self.loudspeakers.habits()
        return make_plan(known.values(), speakers, from_ms, from_ms + days * DAY_MS, habits)

    def voice_notes(self) -> list[str]:
        """Return what staff should know of the voice that they hear: see commune_hub.writing.speaking."""
        enrolled = {entry.device for entry in self.fleet.entries()}
        told = self.loudspeakers.settings().items()
        return voice_notes(self.voice, {device: each.voice for device, each in told if device in enrolled})

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


def open_capabilities(config: HubConfig, now_ms: NowMs = now_ms) -> Capabilities:
    """Open the store and what stands on it; `now_ms` is the hub's wall clock.

    Raises firmware_agent.database.DatabaseUnusableError and firmware_agent.settings.SettingsError.
    """
    vietnamese, voice = open_vietnamese(config), open_speech(config)
    store = Store(config.root / DATABASE, MIGRATIONS)
    log_book = audit.Audit(store, now_ms)
    ratings_ = ratings.Ratings(store, now_ms)
    queue_ = queue.Queue(store, now_ms, log_book, queue.rules_of(config), queue.fields_of(config))
    bulletins_ = bulletins.Bulletins(store, now_ms, log_book, vietnamese.spoken)
    playbacks_ = playbacks.Playbacks(store)
    loudspeakers_ = loudspeakers.Loudspeakers(store)
    notices_ = notices.Notices(store, now_ms, log_book, config.root / "pictures")
    notices_.seed(config.notices)
    clips_ = clips.Clips(store, log_book, config.root / "clips")
    fleet_ = fleet.Fleet(store, now_ms, config.root / "roster")
    accounts_ = accounts.Accounts(store, now_ms)
    fleet_.on_refused = accounts_.refused
    queue_.follow_keys(fleet_.keys_of, fleet_.with_keys, fleet_.absent_keys)
    staff_ = staff.Staff(store, now_ms, log_book)
    uptime_ = uptime.Uptime(store)
    rows = RowSource(ratings_, queue_, lambda: first_data_ms(store))
    counters = {each.id: each.name for each in config.counters}
    followers: list[Follower] = [ratings_, queue_, playbacks_, loudspeakers_, clips_, fleet_, uptime_]
    in_place = InPlace(followers, fleet_.kind_of, fleet_.refused)
    return Capabilities(
        config=config,
        store=store,
        ledger=Ledger(store, now_ms, [in_place], accounts_.repeated, fleet_.refused),
        audit=log_book,
        ratings=ratings_,
        queue=queue_,
        bulletins=bulletins_,
        playbacks=playbacks_,
        live=live.Live(store, now_ms, log_book, bulletins_, config.root / "live"),
        loudspeakers=loudspeakers_,
        sounds=Sounds(config.root / "sounds"),
        templates=load_templates(config.root / "templates.toml"),
        notices=notices_,
        clips=clips_,
        fleet=fleet_,
        staff=staff_,
        accounts=accounts_,
        rows=rows,
        alerts=alerts.Alerts(store, now_ms, log_book, rows.rows, config.alerts, counters),
        reports=open_reports(config, store, now_ms, log_book, rows, uptime_, staff_, fleet_),
        vietnamese=vietnamese,
        voice=voice,
        upkeep=Upkeep(),
    )


class Hub:
    """The running hub; `changed` wakes what keeps the documents level."""

    def __init__(self, capabilities: Capabilities, keys: Keys) -> None:
        self.capabilities = capabilities
        config = capabilities.config
        self._changed = threading.Event()
        self._urgent = threading.Event()
        """Ends the rest between two looks, for what people do; facts of devices wait for its end."""
        self._pressing = threading.Event()
        """Ends even the calm, and a look that is under way: loudspeakers must hear of something at once."""
        self._repeat = threading.Event()
        self._stopping = threading.Event()
        self._let_in_before: Sequence[RosterEntry] = ()
        self._started = contextlib.ExitStack()
        conf = write_broker_config(config)
        self.broker = Broker(conf, config.broker.host, config.broker.port, self._too_large)
        self._link = HubLink(
            config.commune,
            config.broker.host,
            config.broker.port,
            keys.client_tls(),
            self,
            self._on_connected,
        )
        capabilities.reports.key = keys.seal
        capabilities.fleet.link_up = lambda: self._link.connected
        documents = Documents(
            config,
            capabilities.queue,
            capabilities.bulletins,
            capabilities.notices,
            gives_tickets=lambda: capabilities.fleet.has_kind("ticket"),
            say=programme_words(capabilities.vietnamese),
        )
        self._orders = Orders(
            config.commune, capabilities.store, now_ms, keys.seal, documents, self._link.publish_intent
        )
        letter_box = LetterBox(config.commune, self, self._orders.standing, holder)
        self._door = Door(
            capabilities.clips,
            capabilities.notices.pictures,
            capabilities.sounds,
            capabilities.live,
            capabilities.fleet,
            letter_box,
            config.door.host,
            config.door.port,
            keys.door_tls(),
        )
        statements = Statements(
            config.commune, config.root, capabilities.store, capabilities.accounts, keys.seal, now_ms
        )
        self._keeper = Keeper(
            capabilities.store,
            config.root,
            capabilities.accounts,
            statements,
            now_ms,
            capabilities.upkeep,
            also=[
                capabilities.alerts.look,
                capabilities.reports.close_due,
                self._forget_clips,
                capabilities.live.forget_old,
            ],
        )
        self._corrector = Corrector(capabilities.ledger.correct_some)
        capabilities.queue.on_asked = self.changed
        capabilities.bulletins.on_pressing = self.pressing
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
                (self._corrector.start, self._corrector.stop),
            ):
                started.callback(stop)
                start()
            self._started = started.pop_all()

    def stop(self) -> None:
        """End everything, last started first."""
        self._started.close()
        self.capabilities.store.close()

    def changed(self) -> None:
        """Somebody did something that a document shall say; he waits, or a hall looks at its board."""
        self._changed.set()
        self._urgent.set()

    def pressing(self) -> None:
        """Loudspeakers must hear of something before anything else is done: an emergency, a withdrawal."""
        self._pressing.set()
        self.changed()

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

    def _too_large(self, device: str) -> None:
        text = f"the broker lets no packet in beyond {MAX_MESSAGE_BYTES} bytes"
        self.refused(device, "MQTT", WireError("too_large", text))

    def _forget_clips(self) -> None:
        self.capabilities.clips.forget_old(now_ms(), self.capabilities.config.clips.keep_days)

    def _stop_levelling(self) -> None:
        self._stopping.set()
        self.pressing()
        if self._leveller.is_alive():
            self._leveller.join(timeout=10)

    def _on_connected(self) -> None:
        self._repeat.set()
        self._changed.set()

    def _keep_level(self) -> None:
        while not self._stopping.is_set():
            self._changed.wait(LOOK_EVERY_S)
            self._changed.clear()
            self._urgent.clear()
            self._pressing.clear()
            began_s = time.monotonic()
            try:
                self._look()
            except SettingsError as error:
                log.warning("%s", error.report())
            except Exception:
                log.exception("lỗi khi soạn tài liệu cho các nút (error while levelling the documents)")
            took_s = time.monotonic() - began_s
            if not self._pressing.wait(CALM_S):
                self._urgent.wait(max(0.0, CALM_PER_LOOK * took_s - CALM_S))

    def _let_in(self, roster: Sequence[RosterEntry]) -> None:
        """The broker knows who was enrolled, or taken off the roster, since it started."""
        if roster == self._let_in_before:
            return
        try:
            if write_access_list(self.capabilities.config, roster):
                self.broker.reload()
            self._let_in_before = roster
        except OSError as error:
            log.warning("chưa ghi được quyền của thiết bị mới (new devices must wait): %s", error)

    def _look(self) -> None:
        """Documents wait while there is no link: they are composed anew when it is up."""
        self.capabilities.fleet.save_refusals()
        self.capabilities.fleet.whereabouts.note()
        self._let_in(self.capabilities.fleet.entries())
        self.capabilities.queue.answer_asked(self.capabilities.ledger)
        if not self._link.connected:
            return
        if self._repeat.is_set():
            self._repeat.clear()
            self._orders.repeat()
        self._orders.level(self.capabilities.fleet.entries(), self._pressing.is_set)
