"""One live speech: what its microphone brought, laid on a time line that begins with its first word."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from commune_hub.errors import InvalidError
from commune_hub.live.encoder import Encoder
from commune_hub.live.record import Kept, Record
from wire.live import PIECE_MS, Piece

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RING_S = 40
"""What is held for loudspeakers whose line was away: more than the longest delay (wire.intents.Live)."""

AHEAD_MS = 2_000
"""Sound that is so far ahead of the clock was not spoken: no microphone is faster than time."""


@dataclass(frozen=True)
class Sample:
    """Sound of a microphone: mono int16, and how long after the speech's beginning it was said."""

    samples: NDArray[np.int16]
    rate_hz: int
    at_ms: float

    @property
    def lasts_ms(self) -> float:
        """How long it is."""
        return len(self.samples) * 1000 / self.rate_hz


class Speech:
    """Pieces in order, without holes: what never came is silence as long. One thread at a time brings sound.

    speech = Speech("20260131-abc", "lan", began_at_ms, record)
    speech.hear(sample, now_ms)     # InvalidError for more than was spoken by now
    speech.since(number)            # the pieces from this one on that are still held
    speech.end()
    """

    def __init__(self, sounding: str, account: str, began_at_ms: int, record: Record) -> None:
        self.sounding = sounding
        self.account = account
        self.began_at_ms = began_at_ms
        self.heard_at_ms = began_at_ms
        """When sound came in last; what was there before is none, so that no hole outlasts the patience."""
        self.ended = False
        self._record = record
        self._encoder = Encoder()
        self._ring: deque[Piece] = deque(maxlen=RING_S * 1000 // PIECE_MS)
        self._count = 0
        self._upto_ms = 0.0

    @property
    def lasts_ms(self) -> float:
        """How long it is by now."""
        return self._upto_ms

    def hear(self, sample: Sample, now_ms: int) -> None:
        """Take sound in. What was there before is left out; a hole before it becomes silence."""
        if sample.at_ms + sample.lasts_ms > now_ms - self.began_at_ms + AHEAD_MS:
            raise InvalidError("âm thanh đến nhanh hơn thời gian (more sound than time has passed)")
        hole_ms = sample.at_ms - self._upto_ms
        if hole_ms >= PIECE_MS:
            pieces = int(hole_ms // PIECE_MS)
            self._lay(self._encoder.silence(pieces))
            self._upto_ms += pieces * PIECE_MS
        known = max(0, round(-hole_ms * sample.rate_hz / 1000))
        new = sample.samples[known:]
        if len(new):
            self.heard_at_ms = now_ms
            self._lay(self._encoder.packets(new, sample.rate_hz))
            self._upto_ms += len(new) * 1000 / sample.rate_hz

    def since(self, number: int) -> list[Piece]:
        """Return what is held from `number` on, oldest first; what was before it is gone."""
        held = self._ring.copy()  # in one step: another thread adds to it
        if not held or number > held[-1].number:
            return []
        return list(islice(held, max(0, number - held[0].number), None))

    def end(self) -> Kept:
        """End it, and keep its record."""
        self.ended = True
        return self._record.finish()

    @property
    def end_piece(self) -> Piece:
        """What closes a stream of this speech."""
        return Piece(self._count, b"")

    def _lay(self, packets: list[bytes]) -> None:
        for packet in packets:
            piece = Piece(self._count, packet)
            self._count += 1
            self._record.add(piece)
            self._ring.append(piece)
