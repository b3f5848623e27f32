"""What a node is, and all that it is given: its settings, its facts, its documents, its clock, its hardware.

A node is a plain object; nothing in it asks where these came from.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from firmware_agent.clock import Clock
from firmware_agent.delivery.neighbours import Neighbours
from firmware_agent.hardware import Hardware
from firmware_agent.identity import Identity
from firmware_agent.lines import printable
from firmware_agent.settings import Settings
from wire.facts import Body
from wire.intents import IntentBody
from wire.topics import Address

B = TypeVar("B", bound=IntentBody)


class Facts(Protocol):
    """Where a node writes what happened, and keeps its own small state."""

    def record(self, body: Body, state: Mapping[str, Any] | None = None) -> int:
        """Commit a fact, with `state` in the same transaction; it is on disk when this returns."""

    def remember(self, state: Mapping[str, Any]) -> None:
        """Commit state (JSON values by key) that no fact comes with."""

    def state(self, key: str, default: Any = None) -> Any:
        """Return the state under `key`."""


class Documents(Protocol):
    """The documents that a node goes by."""

    def current(self, body_type: type[B]) -> B | None:
        """Return the newest document of this type; None when there is none or it is void."""


@dataclass(frozen=True)
class Sight:
    """What a node sees of its hub. The broker may be there while the hub is not."""

    connected: bool = True
    """Whether the link is up: to the broker, or to the hub's door."""
    silent_ms: int = 0
    """How long facts have been under way without a word of the hub; 0 while none is."""
    backlog: int = 0
    """Facts that the hub has not yet said are safe."""


class Problems:
    """What is wrong with a node, in plain Vietnamese, by key; shown to staff while it lasts.

    `problems.report("printer", "Máy in hết giấy")`, and when it is well again `problems.clear("printer")`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._texts: dict[str, str] = {}
        self.on_change: Callable[[], None] = lambda: None
        """Called after the set of problems changed."""

    def report(self, key: str, text: str) -> None:
        """Say that something is wrong, until it is cleared."""
        shown = printable(text)[:200]
        with self._lock:
            changed = self._texts.get(key) != shown
            self._texts[key] = shown
        if changed:
            self.on_change()

    def clear(self, key: str) -> None:
        """Say that it is well again."""
        with self._lock:
            changed = self._texts.pop(key, None) is not None
        if changed:
            self.on_change()

    def texts(self) -> list[str]:
        """Return what is wrong now."""
        with self._lock:
            return list(self._texts.values())[:20]


@dataclass(frozen=True)
class Context:
    """All that a node is given."""

    address: Address
    settings: Any
    """An instance of the node class's own `Settings`."""
    facts: Facts
    documents: Documents
    problems: Problems
    hardware: Hardware
    directory: Path
    """The node's own directory, for files it keeps."""
    changed: threading.Event
    """Set after a new document was taken; the node clears it."""
    stop: threading.Event
    """Set when the node shall end."""
    hub_url: str = ""
    """The hub's door for files, empty when the device was given none."""
    identity: Identity | None = None
    """Proves the device at that door; None where no door is needed."""
    neighbours: Neighbours = field(default_factory=Neighbours)
    """What other nodes tell over the broker, of the kinds that the node class names in `HEARS`."""
    sight: Callable[[], Sight] = Sight
    """Returns what is to be seen of the hub now."""

    @property
    def clock(self) -> Clock:
        """The device's clock."""
        return self.hardware.clock


class Node(Protocol):
    """One node: made from its context, it runs until `context.stop` is set.

    A class that has `HEARS: ClassVar[frozenset[str]]` hears facts of these kinds from its neighbours.
    One that has `check(settings, directory) -> list[str]` (a class method) tells a technician what is not as
    it should be though the node runs with it; `directory` is where the node will keep its files.
    """

    Settings: ClassVar[type[Settings]]
    """What may stand under `[nodes.settings]` for this kind."""

    def __init__(self, context: Context) -> None: ...

    def run(self) -> None:
        """Work until `context.stop` is set. Raising ends the process; the supervisor starts it anew."""
