"""How facts travel: numbered batches up, cumulative acks down."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

from wire.facts import Fact
from wire.names import Name

MAX_FACTS_IN_BATCH = 200

EPOCH_PATTERN = r"^[0-9a-f]{16}\Z"
Epoch = Annotated[str, Meta(pattern=EPOCH_PATTERN)]
Sequence = Annotated[int, Meta(ge=0, le=2**53)]

Mark = Annotated[int, Meta(ge=0, le=2**32 - 1)]
"""CRC-32 of a fact (`wire.agreement.mark_of`)."""


Credit = Annotated[int, Meta(ge=0, le=100_000)]


class Stream(NamedTuple):
    """Names a stream of facts."""

    device: str
    node: str
    epoch: str


class Batch(Struct, frozen=True, kw_only=True):
    """Consecutive facts of one stream; the first has number `first`, the next `first + 1`, …"""

    device: Name
    node: Name
    epoch: Epoch
    """Random id made when the outbox file was made, or began anew after it came back from an older image."""
    first: Annotated[int, Meta(ge=1, le=2**53)]
    oldest: Annotated[int, Meta(ge=1, le=2**53)]
    """Smallest number that the outbox still holds. What lies before it will never come again."""
    facts: Annotated[list[Fact], Meta(min_length=1, max_length=MAX_FACTS_IN_BATCH)]
    before: Mark | None = None
    """Mark of the fact `first - 1`, while the outbox still holds it: the hub sees whether it has the same."""
    newest: Sequence | None = None
    """Highest number that the outbox has given: the hub sees what waits behind. None: an older node."""

    @property
    def stream(self) -> Stream:
        """Whose facts these are."""
        return Stream(self.device, self.node, self.epoch)

    @property
    def last(self) -> int:
        """The number of the last fact."""
        return self.first + len(self.facts) - 1


class Ack(Struct, frozen=True, kw_only=True):
    """The hub has committed every fact of the epoch up to and with `committed`."""

    epoch: Epoch
    committed: Sequence
    mark: Mark | None = None
    """Mark of the fact `committed` as the hub holds it: a node whose own differs forgets nothing.

    With `forked`, the mark of the node's fact `committed + 1`, the first that the hub holds another one of.
    """
    forked: bool = False
    """Behind `committed` the hub holds other facts of these numbers: the node must begin a new epoch."""
    credit: Credit | None = None
    """How many facts behind `committed` may be under way from now on. None: the sender judges by itself."""
