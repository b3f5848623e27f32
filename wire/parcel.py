"""A parcel: a device's facts in a file, for a USB stick where no network goes.

Lines of JSON: a heading, then one batch a line, each signed by the device. A parcel that was cut off anywhere
still gives every whole line before the cut, and its heading says how much there should have been.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Meta, Struct

from wire.batches import Batch, Epoch, Sequence
from wire.codec import MAX_MESSAGE_BYTES, WireError, decode, encode
from wire.names import Name

LINE_MAX_BYTES = MAX_MESSAGE_BYTES
"""Largest line that any part accepts; a batch is far smaller."""

BATCHES_MAX = 1_000_000

_DOMAIN = b"commune parcel v1\n"


class Packed(Struct, frozen=True, kw_only=True):
    """What a parcel holds of one stream: the facts from number `first` to `last`."""

    node: Name
    epoch: Epoch
    first: Sequence
    last: Sequence


class Heading(Struct, frozen=True, kw_only=True):
    """The first line: whose parcel it is, and how much is in it."""

    parcel: Literal[1] = 1
    commune: Name
    device: Name
    made_at_ms: int
    certificate: Annotated[str, Meta(max_length=16_384)]
    """The device's certificate, PEM."""
    batches: Annotated[int, Meta(ge=0, le=BATCHES_MAX)]
    streams: Annotated[list[Packed], Meta(max_length=64)]
    facts: Annotated[int, Meta(ge=0)] | None = None
    """How many facts the batches hold. None: a parcel of an earlier version."""


class Line(Struct, frozen=True, kw_only=True):
    """One batch, signed."""

    number: Annotated[int, Meta(ge=1, le=BATCHES_MAX)]
    batch: msgspec.Raw
    signature: Annotated[bytes, Meta(min_length=8, max_length=128)]


def _signed(device: str, number: int, batch: bytes) -> bytes:
    return _DOMAIN + f"{device}\n{number}\n".encode() + batch


def pack_line(number: int, batch: Batch, key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return line `number` (from 1) of a parcel, with its line end."""
    raw = encode(batch)
    signature = key.sign(_signed(batch.device, number, raw), ec.ECDSA(hashes.SHA256()))
    return encode(Line(number=number, batch=msgspec.Raw(raw), signature=signature)) + b"\n"


def unpack_line(line: bytes, device: str, key: ec.EllipticCurvePublicKey) -> Batch:
    """Read a line of the parcel of `device`.

    Raises WireError: `too_large`, `not_json`, `wrong_shape`, or `bad_seal` for a line that this device did
    not sign, or that speaks for another one.
    """
    read = decode(line, Line, LINE_MAX_BYTES)
    raw = bytes(read.batch)
    try:
        key.verify(read.signature, _signed(device, read.number, raw), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise WireError("bad_seal", f"line {read.number} is not signed by {device!r}") from None
    batch = decode(raw, Batch)
    if batch.device != device:
        raise WireError("bad_seal", f"line {read.number} of {device!r} speaks for {batch.device!r}")
    return batch
