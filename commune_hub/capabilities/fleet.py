"""The fleet: which devices there are, which of their nodes live, and what is wrong with them.

Presence is a lease judged by the hub's own clock: a retained "online" may be a lie left behind by a device
that lost power together with the broker.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.ledger import Taken
from commune_hub.presence import Outage, Presence, outages
from commune_hub.roster_in_use import RosterInUse
from commune_hub.store import Row, Store
from commune_hub.times import NowMs
from commune_hub.whereabouts import Whereabouts
from firmware_agent.config import AGENT
from provisioning.roster import KEYS, RosterEntry
from wire.codec import WireError
from wire.facts import Body, HealthSampled, MessageRefused, NodeDied
from wire.status import Status
from wire.topics import Address

SAVE_EVERY_MS = 10 * 60_000
"""A sign of life that says nothing new is written to disk this often: cards wear out by writing."""

REFUSED_KINDS_MAX = 1_000
"""Most pairs of device and reason counted between two writes: a flood of invented names ends here."""

DEATHS_SHOWN_MS = 24 * 3_600_000

ABSENT_MS = 600_000
"""So long the tickets of a counter that went on alone are left to it; after that it may well be dead."""

log = logging.getLogger(__name__)

migrations = Migrations("fleet")


@migrations()
def create(database: Database) -> None:
    """The last sign of life of each node, the last health of each device, deaths and refusals."""
    database.executescript(
        """
        CREATE TABLE signs (
            device TEXT NOT NULL, node TEXT NOT NULL, session INTEGER NOT NULL, seen_at_ms INTEGER NOT NULL,
            PRIMARY KEY (device, node)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE health (
            device TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, cpu_celsius REAL, disk_free_mb INTEGER NOT NULL,
            memory_free_mb INTEGER NOT NULL, uptime_s INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE deaths (
            device TEXT NOT NULL, node TEXT NOT NULL, at_ms INTEGER NOT NULL, error TEXT NOT NULL
        ) STRICT;
        CREATE INDEX deaths_by_time ON deaths (at_ms);
        CREATE TABLE refusals (
            refused_by TEXT NOT NULL, device TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL,
            last_at_ms INTEGER NOT NULL, last_topic TEXT NOT NULL, last_detail TEXT NOT NULL,
            PRIMARY KEY (refused_by, device, reason)
        ) STRICT, WITHOUT ROWID;
        """
    )


@dataclass(frozen=True)
class NodeState:
    """A node as the hub knows it now."""

    name: str
    kind: str
    online: bool
    seen_at_ms: int | None
    backlog: int
    problems: list[str]
    refused: int


@dataclass(frozen=True)
class DeviceState:
    """A device and its nodes; its agent is the node `agent`."""

    device: str
    place: str
    nodes: list[NodeState]
    health: Row | None
    deaths_today: int

    @property
    def online(self) -> bool:
        """Whether every node is."""
        return all(node.online for node in self.nodes)


@dataclass
class _Sign:
    status: Status
    heard_at_ms: int
    saved_at_ms: int

    def online(self, now_ms: int) -> bool:
        """The lease is judged by the hub's clock; the last will only shortens it."""
        return self.status.online and now_ms - self.heard_at_ms <= self.status.lease_s * 1_000


@dataclass(frozen=True)
class _Refused:
    """Messages refused since they were last written to disk, and the latest of them."""

    count: int
    at_ms: int
    topic: str
    detail: str


class Fleet:
    """Know the devices. Times are the hub's own; `lease` ends when nothing was heard for so long."""

    FOLLOWS: ClassVar[frozenset[type[Body]]] = frozenset({HealthSampled, NodeDied, MessageRefused})

    def __init__(self, store: Store, now_ms: NowMs, roster: Path) -> None:
        """Read the roster; raises firmware_agent.settings.SettingsError naming its mistakes."""
        self._store = store
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._signs: dict[tuple[str, str], _Sign] = {}
        self._refused: dict[tuple[str, str], _Refused] = {}
        self._roster = RosterInUse(roster)
        self._roster.refresh()
        self.whereabouts = Whereabouts(store, now_ms, self.entries, self.enrolled_ms)
        """Where the devices of the roster stood."""
        self.on_refused: Callable[[str, int], None] = lambda _device, _count: None
        """Called with each device and how many of its messages were refused, when they are written down."""
        self.on_change: Callable[[], None] = lambda: None
        """Called after a node came, went, or said something new."""
        self.link_up: Callable[[], bool] = lambda: True
        """Tells whether the hub hears anybody at all."""

    def apply(self, taken: Sequence[Taken]) -> None:
        """Follow facts, in order."""
        for each in taken:
            self._follow(each)

    def _follow(self, taken: Taken) -> None:
        """Keep what devices say about themselves."""
        match taken.body:
            case HealthSampled() as body:
                self._store.execute(
                    "INSERT OR REPLACE INTO health VALUES (?, ?, ?, ?, ?, ?)",
                    [
                        taken.device,
                        taken.at_ms,
                        body.cpu_celsius,
                        body.disk_free_mb,
                        body.memory_free_mb,
                        body.uptime_s,
                    ],
                )
            case NodeDied() as body:
                self._store.execute(
                    "INSERT INTO deaths VALUES (?, ?, ?, ?)",
                    [taken.device, body.node, taken.at_ms, body.error],
                )
            case MessageRefused() as body:
                by = f"{taken.device}/{taken.node}"
                # A clock that runs ahead must not put its device first among all until that day.
                at_ms = min(taken.at_ms, self._now_ms())
                self._count_refusal(by, "hub", body.reason, 1, at_ms, body.topic, body.detail)

    def retime(self, taken: Taken, was: Taken) -> None:
        """Correct when a device felt so, or a node died."""
        match taken.body:
            case HealthSampled():
                health = "UPDATE health SET at_ms = ? WHERE device = ? AND at_ms = ?"
                self._store.execute(health, [taken.at_ms, taken.device, was.at_ms])
            case NodeDied() as body:
                self._store.execute(
                    "UPDATE deaths SET at_ms = ? WHERE rowid = (SELECT rowid FROM deaths "
                    "WHERE at_ms = ? AND device = ? AND node = ? LIMIT 1)",
                    [taken.at_ms, was.at_ms, taken.device, body.node],
                )

    def entries(self) -> list[RosterEntry]:
        """Return the roster; devices enrolled meanwhile are in it."""
        with self._lock:
            self._roster.refresh_or_keep()
            return list(self._roster.entries.values())

    def enrolled_ms(self) -> dict[str, int]:
        """Return, by device, when its file of the roster was last written."""
        with self._lock:
            return self._roster.written_ms()

    def knows(self, address: Address) -> bool:
        """Tell whether the node at `address` (or the agent of its device) is on the roster."""
        return self._knows(address) or (self._refreshed() and self._knows(address))

    def kind_of(self, device: str, node: str) -> str | None:
        """Return the kind of a node on the roster; None for one that is not."""
        with self._lock:
            entry = self._roster.entries.get(device)
        if entry is None or node == AGENT:
            return None if entry is None else AGENT
        return next((each.kind for each in entry.nodes if each.name == node), None)

    def keys_of(self, device: str, node: str) -> str | None:
        """Return the counter whose keys this node is; None for every other node."""
        with self._lock:
            entry = self._roster.entries.get(device)
        return entry.place if entry is not None and self.kind_of(device, node) == KEYS else None

    def has_kind(self, kind: str) -> bool:
        """Tell whether any device has a node of this kind."""
        with self._lock:
            return kind in self._roster.kinds

    def with_keys(self) -> frozenset[str]:
        """Return the places that have a device with keys."""
        return frozenset(place for place, _, _ in self._keys())

    def absent_keys(self) -> frozenset[str]:
        """Return the counters whose keys fell silent not longer ago than ABSENT_MS: they may go on alone."""
        now_ms = self._now_ms()
        with self._lock:
            signs = dict(self._signs)
        silent = (
            (place, sign)
            for place, device, node in self._keys()
            if (sign := signs.get((device, node))) and not sign.online(now_ms)
        )
        return frozenset(place for place, sign in silent if now_ms - sign.heard_at_ms < ABSENT_MS)

    def _keys(self) -> list[tuple[str, str, str]]:
        """Return (place, device, node) of every keys node."""
        with self._lock:
            entries = list(self._roster.entries.values())
        return [
            (entry.place, entry.device, node.name)
            for entry in entries
            for node in entry.nodes
            if node.kind == KEYS
        ]

    def heard(self, address: Address, status: Status) -> None:
        """Take a sign of life. One of an earlier session is void: a late last will must not end a new one."""
        now_ms = self._now_ms()
        key = (address.device, address.node)
        with self._lock:
            known = self._signs.get(key)
            if known and _of_earlier_session(status, known.status):
                return
            new = known is None or known.status != status
            due = known is None or now_ms - known.saved_at_ms >= SAVE_EVERY_MS
            saved_at_ms = now_ms if due or known is None else known.saved_at_ms
            self._signs[key] = _Sign(status, now_ms, saved_at_ms)
        if due:
            self._store.execute(
                "INSERT OR REPLACE INTO signs VALUES (?, ?, ?, ?)", [*key, status.session, now_ms]
            )
        if new:
            self.on_change()

    def refused(self, device: str, topic: str, error: WireError) -> None:
        """Count a message that the hub refused. Written to disk by `save_refusals`, not one by one."""
        key = (device[:40], error.reason)
        with self._lock:
            counted = self._refused.get(key)
            if counted is None and len(self._refused) >= REFUSED_KINDS_MAX:
                return
            count = counted.count if counted else 0
            self._refused[key] = _Refused(count + 1, self._now_ms(), topic[:200], str(error)[:200])
        if count == 0:
            log.warning("từ chối thông điệp (refused) %s: %s: %s", topic[:120], error.reason, error)

    def save_refusals(self) -> bool:
        """Write counted refusals to disk; return whether there were any."""
        with self._lock:
            pending, self._refused = self._refused, {}
        with self._store.transaction():
            for (device, reason), last in pending.items():
                self._count_refusal("hub", device, reason, last.count, last.at_ms, last.topic, last.detail)
                self.on_refused(device, last.count)
        return bool(pending)

    def refusals(self) -> list[Row]:
        """Return refused messages by who refused, from whom and why, with their count, latest first."""
        return self._store.rows("SELECT * FROM refusals ORDER BY last_at_ms DESC LIMIT 500")

    def deaths(self, count: int = 50) -> list[Row]:
        """Return the last deaths of nodes, latest first."""
        return self._store.rows("SELECT * FROM deaths ORDER BY at_ms DESC LIMIT ?", [count])

    def states(self) -> list[DeviceState]:
        """Return every device of the roster with its nodes, as known now."""
        now_ms = self._now_ms()
        health = {row["device"]: row for row in self._store.rows("SELECT * FROM health")}
        since_ms = now_ms - DEATHS_SHOWN_MS
        deaths = {
            row["device"]: row["count"]
            for row in self._store.rows(
                "SELECT device, count(*) AS count FROM deaths WHERE at_ms >= ? GROUP BY device", [since_ms]
            )
        }
        seen = {
            (row["device"], row["node"]): row["seen_at_ms"] for row in self._store.rows("SELECT * FROM signs")
        }
        return [
            DeviceState(
                entry.device,
                entry.place,
                [
                    self._node_state(entry.device, name, kind, seen, now_ms)
                    for name, kind in [(AGENT, AGENT), *((node.name, node.kind) for node in entry.nodes)]
                ],
                health.get(entry.device),
                deaths.get(entry.device, 0),
            )
            for entry in sorted(self.entries(), key=lambda each: (each.place, each.device))
        ]

    def outages(self, place_names: Mapping[str, str]) -> list[Outage]:
        """Return what the silences of now say: a dark village, a dead device, our own link; widest first."""
        devices = [
            Presence(
                device=state.device,
                place=state.place,
                alive=any(node.online for node in state.nodes),
                seen_at_ms=max((node.seen_at_ms or 0 for node in state.nodes), default=0) or None,
            )
            for state in self.states()
        ]
        return outages(devices, place_names, link_up=self.link_up())

    def _node_state(
        self, device: str, name: str, kind: str, seen: dict[tuple[str, str], int], now_ms: int
    ) -> NodeState:
        with self._lock:
            sign = self._signs.get((device, name))
        if sign is None:
            return NodeState(name, kind, False, seen.get((device, name)), 0, [], 0)
        status = sign.status
        online = sign.online(now_ms)
        return NodeState(
            name, kind, online, sign.heard_at_ms, status.backlog, list(status.problems), status.refused
        )

    def _refreshed(self) -> bool:
        with self._lock:
            return self._roster.refresh_or_keep()

    def _knows(self, address: Address) -> bool:
        with self._lock:
            entry = self._roster.entries.get(address.device)
        return entry is not None and (
            address.node == AGENT or any(node.name == address.node for node in entry.nodes)
        )

    def _count_refusal(
        self, by: str, device: str, reason: str, count: int, at_ms: int, topic: str, detail: str
    ) -> None:
        self._store.execute(
            "INSERT INTO refusals VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "count = count + excluded.count, last_at_ms = excluded.last_at_ms, "
            "last_topic = excluded.last_topic, last_detail = excluded.last_detail",
            [by, device, reason, count, at_ms, topic, detail],
        )


def _of_earlier_session(status: Status, known: Status) -> bool:
    """A lower session number is an old one's, unless a fresh card (another boot) begins to count anew."""
    fresh_card = status.online and status.boot != known.boot
    return status.session < known.session and not fresh_card
