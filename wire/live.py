"""Live speech on its way from the hub's door to the loudspeakers: small numbered pieces of sound.

A speech is cut into Opus packets of `PIECE_MS` each, numbered from its beginning, so that every loudspeaker
knows when each is to sound. A stream is one piece after the other; an empty one says that the speech is over.
A stream that stops without it was cut off, and is asked for again from the next number on.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wire.codec import WireError

PIECE_MS = 20
OPUS_HZ = 48_000
PIECE_MAX_BYTES = 1_275
"""Longest Opus packet of this length (RFC 6716, section 3.2.1)."""

KNOCK_S = 20.0
"""So long the door lets a loudspeaker wait for the first word before it has to ask again."""

_HEAD = struct.Struct(">IH")


@dataclass(frozen=True)
class Piece:
    """20 ms of a speech as an Opus packet (mono, 48 kHz); an empty packet is the end of the speech."""

    number: int
    packet: bytes

    @property
    def is_end(self) -> bool:
        """Whether the speech is over before this piece."""
        return not self.packet


def pack(piece: Piece) -> bytes:
    """Return a piece as it stands in a stream."""
    return _HEAD.pack(piece.number, len(piece.packet)) + piece.packet


def unpack(blocks: Iterable[bytes]) -> Iterator[Piece]:
    """Yield the pieces of a stream that comes in blocks of any size; raises WireError `wrong_shape`."""
    held = bytearray()
    for block in blocks:
        held += block
        while len(held) >= _HEAD.size:
            number, size = _HEAD.unpack_from(held)
            if size > PIECE_MAX_BYTES:
                raise WireError("wrong_shape", f"a piece of {size} bytes is no Opus packet")
            if len(held) < _HEAD.size + size:
                break
            yield Piece(number, bytes(held[_HEAD.size : _HEAD.size + size]))
            del held[: _HEAD.size + size]
