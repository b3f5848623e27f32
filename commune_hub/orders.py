"""Orders: keep the sealed document of every node level with what it should be.

What should be is composed anew at each look; a document that says the same as the last one is not sent
again, unless it nears the time after which it is void. Numbers are on disk before a document leaves, and
follow the time: a store that was restored from a backup has forgotten the newest documents, and what it says
must still be newer to the nodes that hold them, or they would go by what was withdrawn since.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Raw
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.store import Row, Store
from commune_hub.times import NowMs
from provisioning.roster import RosterEntry, RosterNode
from wire.codec import encode
from wire.intents import Board, Calls, Desk, Intent, IntentBody, Kiosk, Programme, Serving, Watch
from wire.seal import seal
from wire.topics import Address

_HOUR_MS = 3_600_000

VALID_MS: dict[type[IntentBody], int] = {
    Serving: 12 * _HOUR_MS,
    Board: 12 * _HOUR_MS,
    Calls: 12 * _HOUR_MS,
    Desk: 12 * _HOUR_MS,
    Kiosk: 30 * 24 * _HOUR_MS,
    Watch: 7 * 24 * _HOUR_MS,
    Programme: 8 * 24 * _HOUR_MS,
}
"""How long a node may go by a document without hearing from the hub. Who is served is yesterday's news
tomorrow; what was approved to sound outlasts a week without a link; tickets must be given for a month."""

RENEWED_EVERY_MS = 24 * _HOUR_MS
"""A document that says the same for weeks is sent anew each day, or when half of its time has passed: a link
that goes then leaves a loudspeaker seven whole days, not four."""

NODES_TOGETHER = 128
"""Nodes whose documents are kept by one commit: all loudspeakers of a large commune."""

SPEAKER = "speaker"
"""The kind of node whose documents go first."""

migrations = Migrations("orders")


@migrations()
def create(database: Database) -> None:
    """The last document of each node: its number, what it said (as a hash), itself as sealed."""
    database.executescript(
        """
        CREATE TABLE documents (
            device TEXT NOT NULL, node TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL,
            said TEXT NOT NULL, renew_at_ms INTEGER NOT NULL, sealed TEXT NOT NULL,
            PRIMARY KEY (device, node, name)
        ) STRICT, WITHOUT ROWID;
        """
    )


class Composer(Protocol):
    """Knows what a node's documents should say."""

    def compose(self, entry: RosterEntry, node: RosterNode) -> Sequence[IntentBody]:
        """Return them, one of each name; none for a node that goes by no document."""


Publish = Callable[[Address, str, bytes], None]


@dataclass(frozen=True)
class _Made:
    """A document that is to be kept and sent."""

    intent: Intent
    said: str
    renew_at_ms: int
    sealed: bytes

    def row(self) -> list[str | int]:
        intent = self.intent
        sealed = base64.b64encode(self.sealed).decode()
        return [
            intent.device,
            intent.node,
            intent.name,
            intent.number,
            self.said,
            self.renew_at_ms,
            sealed,
        ]


class Orders:
    """`level()` sends what has changed; `repeat()` sends all again, since the broker keeps nothing."""

    def __init__(
        self,
        commune: str,
        store: Store,
        now_ms: NowMs,
        key: Ed25519PrivateKey,
        composer: Composer,
        publish: Publish,
    ) -> None:
        self._commune = commune
        self._store = store
        self._now_ms = now_ms
        self._key = key
        self._composer = composer
        self._publish = publish
        self._issued: set[tuple[Address, str]] = set()
        """Documents that were sealed since the start: of earlier ones nobody knows what came after them."""

    def level(self, roster: Iterable[RosterEntry], hurry: Callable[[], bool] = lambda: False) -> int:
        """Send every document of the roster that should say something else now; return how many.

        Loudspeakers come first. Where `hurry()` turns true between two packs of nodes it ends there: it will
        be called again at once, and an emergency is not held up by what is no emergency.
        """
        nodes = [(entry, node) for entry in roster for node in entry.nodes]
        nodes.sort(key=lambda pair: pair[1].kind != SPEAKER)
        sent = 0
        for first in range(0, len(nodes), NODES_TOGETHER):
            if first and hurry():
                break
            sent += self._level_pack(nodes[first : first + NODES_TOGETHER])
        return sent

    def _level_pack(self, nodes: Sequence[tuple[RosterEntry, RosterNode]]) -> int:
        """Level some nodes with one commit: each costs an SD card some 20 ms."""
        made = [
            new
            for entry, node in nodes
            for body in self._composer.compose(entry, node)
            if (new := self._level_one(Address(self._commune, entry.device, node.name), body)) is not None
        ]
        self._store.execute_many(
            "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)", [each.row() for each in made]
        )
        for each in made:
            address = Address(self._commune, each.intent.device, each.intent.node)
            self._issued.add((address, each.intent.name))
            self._publish(address, each.intent.name, each.sealed)
        return len(made)

    def repeat(self) -> None:
        """Send every document again as it is: the broker was started anew."""
        for row in self._store.rows("SELECT * FROM documents"):
            address = Address(self._commune, row["device"], row["node"])
            self._publish(address, row["name"], base64.b64decode(row["sealed"]))

    def standing(self, address: Address) -> list[tuple[str, bytes]]:
        """Return the documents that stand for a node now: (name, sealed)."""
        rows = self._store.rows(
            "SELECT name, sealed FROM documents WHERE device = ? AND node = ? ORDER BY name",
            [address.device, address.node],
        )
        return [(row["name"], base64.b64decode(row["sealed"])) for row in rows]

    def _level_one(self, address: Address, body: IntentBody) -> _Made | None:
        """Return the document as it must be sent now; None while the last one says the same."""
        encoded = encode(body)
        said = hashlib.sha256(encoded).hexdigest()
        last = self._last(address, body.NAME)
        now_ms = self._now_ms()
        issued = (address, body.NAME) in self._issued
        if issued and last and last["said"] == said and now_ms < last["renew_at_ms"]:
            return None
        valid_ms = VALID_MS[type(body)]
        intent = Intent(
            device=address.device,
            node=address.node,
            name=body.NAME,
            number=max(now_ms, last["number"] + 1 if last else 1),
            issued_at_ms=now_ms,
            expires_at_ms=now_ms + valid_ms,
            body=Raw(encoded),
        )
        renew_at_ms = now_ms + min(valid_ms // 2, RENEWED_EVERY_MS)
        return _Made(intent, said, renew_at_ms, seal(intent, address, self._key))

    def _last(self, address: Address, name: str) -> Row | None:
        return self._store.row(
            "SELECT * FROM documents WHERE device = ? AND node = ? AND name = ?",
            [address.device, address.node, name],
        )
