"""How facts travel: numbered batches up, cumulative acks down."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from wire.facts import Fact
from wire.names import Name

MAX_FACTS_IN_BATCH = 200

Epoch = Annotated[str, Meta(pattern=r"^[0-9a-f]{16}\Z")]
Sequence = Annotated[int, Meta(ge=0, le=2**53)]


class Batch(Struct, frozen=True, kw_only=True):
    """Consecutive facts of one stream; the first has number `first`, the next `first + 1`, …"""

    device: Name
    node: Name
    epoch: Epoch
    """Random id made when the outbox file was made."""
    first: Annotated[int, Meta(ge=1, le=2**53)]
    oldest: Annotated[int, Meta(ge=1, le=2**53)]
    """Smallest number that the outbox still holds. What lies before it will never come again."""
    facts: Annotated[list[Fact], Meta(min_length=1, max_length=MAX_FACTS_IN_BATCH)]


class Ack(Struct, frozen=True, kw_only=True):
    """The hub has committed every fact of the epoch up to and with `committed`."""

    epoch: Epoch
    committed: Sequence
