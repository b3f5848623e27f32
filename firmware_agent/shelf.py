"""The documents that a node goes by: checked, kept on disk, used while the hub is away."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from firmware_agent.clock import Clock
from firmware_agent.files import write_durably
from wire.codec import WireError
from wire.intents import INTENT_BODIES, Intent, IntentBody, read_intent_body
from wire.seal import unseal
from wire.topics import Address

B = TypeVar("B", bound=IntentBody)


class Shelf:
    """The newest good document of each name for one node.

    shelf.offer("serving", payload)     # from the network; raises WireError when it is refused
    shelf.current(Serving)              # the document, or None: never had one, or it is void
    """

    def __init__(self, directory: Path, address: Address, hub_seal: Ed25519PublicKey, clock: Clock) -> None:
        self._directory = directory
        self._address = address
        self._hub_seal = hub_seal
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[Intent, IntentBody]] = {}
        self.unreadable: list[str] = []
        """Documents on disk that could not be used again, each as a line; the files are set aside."""
        self.on_change: Callable[[], None] = lambda: None
        """Called, from the network's thread, after a new document was taken."""
        for name in INTENT_BODIES:
            self._load(name)

    def offer(self, name: str, payload: bytes) -> Intent | None:
        """Take a sealed document if it is good and newer than what is kept, and keep it on disk.

        Returns None for the one that is kept already: the broker repeats it at each connection.
        Raises WireError with the reason: `bad_seal`, `stale` (an older number), `expired`, ….
        """
        intent, body = self._open(name, payload)
        with self._lock:
            kept = self._kept.get(name)
            if kept and intent.number == kept[0].number:
                return None
            if kept and intent.number < kept[0].number:
                raise WireError(
                    "stale", f"document {name!r} number {intent.number} is not newer than the kept one"
                )
            if self._void(intent):
                raise WireError("expired", f"document {name!r} number {intent.number} has expired")
            write_durably(self._path(name), payload)
            self._kept[name] = (intent, body)
        self.on_change()
        return intent

    def current(self, body_type: type[B]) -> B | None:
        """Return the kept document of this type, or None when there is none or it is void."""
        with self._lock:
            kept = self._kept.get(body_type.NAME)
        if kept is None or self._void(kept[0]):
            return None
        body = kept[1]
        return body if isinstance(body, body_type) else None

    def _void(self, intent: Intent) -> bool:
        """A clock that is not synchronised cannot say that a document has expired."""
        return self._clock.synced() and self._clock.wall_ms() > intent.expires_at_ms

    def _open(self, name: str, payload: bytes) -> tuple[Intent, IntentBody]:
        intent = unseal(payload, self._address, name, self._hub_seal)
        return intent, read_intent_body(intent)

    def _path(self, name: str) -> Path:
        return self._directory / f"{name}.sealed.json"

    def _load(self, name: str) -> None:
        path = self._path(name)
        if not path.exists():
            return
        try:
            self._kept[name] = self._open(name, path.read_bytes())
        except WireError as error:
            path.replace(path.with_name(f"{path.name}.refused"))
            self.unreadable.append(f"{path.name}: {error}")
        except OSError as error:
            self.unreadable.append(f"{path.name}: {error}")
