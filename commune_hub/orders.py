"""Orders: keep the sealed document of every node level with what it should be.

What should be is composed anew at each look; a document that says the same as the last one is not sent
again, unless it nears the time after which it is void. Numbers are on disk before a document leaves, and
follow the time: a store that was restored from a backup has forgotten the newest documents, and what it says
must still be newer to the nodes that hold them, or they would go by what was withdrawn since.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Raw
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.store import Row, Store
from commune_hub.times import NowMs
from provisioning.roster import RosterEntry, RosterNode
from wire.codec import encode
from wire.intents import Board, Intent, IntentBody, Kiosk, Programme, Serving, Watch
from wire.seal import seal
from wire.topics import Address

_HOUR_MS = 3_600_000

VALID_MS: dict[type[IntentBody], int] = {
    Serving: 12 * _HOUR_MS,
    Board: 12 * _HOUR_MS,
    Kiosk: 30 * 24 * _HOUR_MS,
    Watch: 7 * 24 * _HOUR_MS,
    Programme: 8 * 24 * _HOUR_MS,
}
"""How long a node may go by a document without hearing from the hub. Who is served is yesterday's news
tomorrow; what was approved to sound outlasts a week without a link; tickets must be given for a month."""

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
    """Knows what a node's document should say."""

    def compose(self, entry: RosterEntry, node: RosterNode) -> IntentBody | None:
        """Return it, or None for a node that goes by no document."""


Publish = Callable[[Address, str, bytes], None]


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

    def level(self, roster: list[RosterEntry]) -> int:
        """Send every document of the roster that should say something else now; return how many."""
        sent = 0
        for entry in roster:
            for node in entry.nodes:
                body = self._composer.compose(entry, node)
                if body is not None:
                    address = Address(self._commune, entry.device, node.name)
                    sent += self._level_one(address, body)
        return sent

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

    def _level_one(self, address: Address, body: IntentBody) -> bool:
        encoded = encode(body)
        said = hashlib.sha256(encoded).hexdigest()
        last = self._last(address, body.NAME)
        now_ms = self._now_ms()
        issued = (address, body.NAME) in self._issued
        if issued and last and last["said"] == said and now_ms < last["renew_at_ms"]:
            return False
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
        sealed = seal(intent, address, self._key)
        self._keep(intent, said, now_ms + valid_ms // 2, sealed)
        self._issued.add((address, body.NAME))
        self._publish(address, body.NAME, sealed)
        return True

    def _last(self, address: Address, name: str) -> Row | None:
        return self._store.row(
            "SELECT * FROM documents WHERE device = ? AND node = ? AND name = ?",
            [address.device, address.node, name],
        )

    def _keep(self, intent: Intent, said: str, renew_at_ms: int, sealed: bytes) -> None:
        self._store.execute(
            "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                intent.device,
                intent.node,
                intent.name,
                intent.number,
                said,
                renew_at_ms,
                base64.b64encode(sealed).decode(),
            ],
        )
