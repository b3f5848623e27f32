"""What a node hears of its neighbours: their facts, as they go by on the commune's broker.

While the hub is away and the broker is not, a counter still learns which numbers a kiosk gives out, and a
display which ones a counter calls. Hearing promises nothing: what counts is what the hub commits.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from wire.batches import Batch
from wire.codec import WireError, decode
from wire.facts import Body, Moment, read_body
from wire.intents import call_id
from wire.topics import Address

WAITING_MAX = 1_000
"""Facts that may wait for the node; beyond it the oldest are dropped."""

SEEN_MAX = 8_000
"""Facts remembered as heard: several times what all kiosks of a hall give out in a day."""


@dataclass(frozen=True)
class Heard:
    """A fact of another node."""

    address: Address
    epoch: str
    seq: int
    moment: Moment
    """As the other device's clock had it."""
    body: Body

    @property
    def id(self) -> str:
        """Its place in its stream, as `wire.intents.call_id` spells it."""
        return call_id(self.address.device, self.address.node, self.epoch, self.seq)


class Neighbours:
    """Facts of these kinds, each handed out once, oldest first.

        class DisplayNode:
            HEARS = frozenset({"ticket.called", "ticket.recalled"})

        for heard in context.neighbours.take():     # context.changed is set when there is something
            match heard.body: …

    Which nodes are heard at all is the broker's access list (`provisioning.hearing`).
    """

    def __init__(self, kinds: frozenset[str] = frozenset()) -> None:
        self.kinds = kinds
        self.on_heard: Callable[[], None] = lambda: None
        """Called, from the network's thread, when there is something to take."""
        self._lock = threading.Lock()
        self._waiting: deque[Heard] = deque(maxlen=WAITING_MAX)
        self._seen: OrderedDict[tuple[Address, str, int], None] = OrderedDict()

    def hear(self, address: Address, payload: bytes) -> None:
        """Take a batch that went by; raises WireError for one that is misshapen or not of its topic."""
        batch = decode(payload, Batch)
        if (batch.device, batch.node) != (address.device, address.node):
            raise WireError("foreign_topic", f"{address} tells facts of {batch.device}/{batch.node}")
        new = False
        for seq, fact in enumerate(batch.facts, batch.first):
            if fact.kind in self.kinds:
                body = read_body(fact.kind, bytes(fact.body))
                if body is not None:
                    new |= self._keep(Heard(address, batch.epoch, seq, fact.moment, body))
        if new:
            self.on_heard()

    def take(self) -> list[Heard]:
        """Return what was heard since the last call."""
        with self._lock:
            taken = list(self._waiting)
            self._waiting.clear()
        return taken

    def _keep(self, heard: Heard) -> bool:
        key = (heard.address, heard.epoch, heard.seq)
        with self._lock:
            if key in self._seen:
                return False
            self._seen[key] = None
            if len(self._seen) > SEEN_MAX:
                self._seen.popitem(last=False)
            self._waiting.append(heard)
        return True
