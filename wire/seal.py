"""The hub's seal on its documents: Ed25519 over the exact bytes, bound to the topic.

The signature covers the topic, so that a document sealed for one node is void on any other.
"""

from __future__ import annotations

from typing import Annotated

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta, Struct

from wire.codec import MAX_MESSAGE_BYTES, WireError, decode, encode
from wire.intents import Intent
from wire.topics import Address

_DOMAIN = b"commune intent v1\n"


class Sealed(Struct, frozen=True, kw_only=True):
    """A sealed document as it stands on the broker and on the node's disk."""

    document: Annotated[bytes, Meta(max_length=MAX_MESSAGE_BYTES)]
    signature: Annotated[bytes, Meta(min_length=64, max_length=64)]


def _signed_bytes(topic: str, document: bytes) -> bytes:
    return _DOMAIN + topic.encode() + b"\n" + document


def seal(intent: Intent, address: Address, key: Ed25519PrivateKey) -> bytes:
    """Return `intent` sealed for the node at `address`, ready to publish."""
    document = encode(intent)
    signature = key.sign(_signed_bytes(address.intent(intent.name), document))
    return encode(Sealed(document=document, signature=signature))


def unseal(payload: bytes, address: Address, name: str, key: Ed25519PublicKey) -> Intent:
    """Open a sealed document that arrived for `address` under `name`.

    Raises WireError: `too_large`, `not_json`, `wrong_shape`, or `bad_seal` when the signature or the
    address inside is not right.
    """
    sealed = decode(payload, Sealed)
    try:
        key.verify(sealed.signature, _signed_bytes(address.intent(name), sealed.document))
    except InvalidSignature:
        raise WireError("bad_seal", f"document {name!r} is not sealed by this commune's hub") from None
    intent = decode(sealed.document, Intent)
    if (intent.device, intent.node, intent.name) != (address.device, address.node, name):
        raise WireError("bad_seal", f"document {name!r} names {intent.device}/{intent.node}/{intent.name}")
    return intent
