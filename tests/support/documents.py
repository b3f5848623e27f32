"""Sealed documents as a hub makes them."""

from __future__ import annotations

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.clocks import TEN_O_CLOCK_MS
from wire.codec import encode
from wire.intents import Intent, IntentBody, Serving
from wire.seal import seal
from wire.topics import Address

HOUR_MS = 3_600_000
SERVING = Serving(counter="quay-1", counter_name="Quầy 1", officer="hoa", number="A007")


def sealed(
    key: Ed25519PrivateKey,
    address: Address,
    number: int = 1,
    body: IntentBody = SERVING,
    issued_at_ms: int = TEN_O_CLOCK_MS,
    expires_at_ms: int = TEN_O_CLOCK_MS + HOUR_MS,
) -> bytes:
    """Return a document for the node at `address`, sealed and ready to publish."""
    intent = Intent(
        device=address.device,
        node=address.node,
        name=body.NAME,
        number=number,
        issued_at_ms=issued_at_ms,
        expires_at_ms=expires_at_ms,
        body=msgspec.Raw(encode(body)),
    )
    return seal(intent, address, key)
