"""The whole sound of a bulletin: a chime, what it says, as often as it is said, with pauses between.

Villages hear it from their loudspeakers and staff hear it before they approve it: both by `arranged`. It is
brought piece by piece, so that half an hour of sound costs no memory.

    whole = arranged(FileSound(path), chimes=True, repeats=2)
    whole.duration_ms
    for block in whole.blocks(from_frame=0): …
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from speaker_node.chime import RATE_HZ, chime

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK_FRAMES = 8_192
"""Frames that are brought at a time: 0.37 s."""

PAUSE_S = 0.3
"""Between the chime and the first word."""

REPEAT_PAUSE_S = 1.0
"""Between one time and the next."""

TAIL_S = 0.2


class BrokenSoundError(Exception):
    """A sound file that cannot be played."""


class Piece(Protocol):
    """Sound, mono int16 at `RATE_HZ`, that can be brought from any place on."""

    @property
    def frames(self) -> int:
        """How long it is."""

    def blocks(self, from_frame: int) -> Iterator[NDArray[np.int16]]:
        """Yield it from a place on; raises BrokenSoundError."""


@dataclass(frozen=True)
class Samples:
    """Sound in memory."""

    samples: NDArray[np.int16]

    @property
    def frames(self) -> int:
        """How long it is."""
        return len(self.samples)

    def blocks(self, from_frame: int) -> Iterator[NDArray[np.int16]]:
        """Yield it from a place on."""
        for begin in range(from_frame, len(self.samples), BLOCK_FRAMES):
            yield self.samples[begin : begin + BLOCK_FRAMES]


@dataclass(frozen=True)
class FileSound:
    """Sound in a file, WAV or Ogg Vorbis; raises BrokenSoundError for one that is not mono at `RATE_HZ`."""

    path: Path

    @cached_property
    def frames(self) -> int:
        """How long it is."""
        import soundfile

        try:
            info = soundfile.info(self.path)
        except (OSError, soundfile.SoundFileError) as error:
            raise BrokenSoundError(f"{self.path.name[:12]}: {error}") from None
        if (info.samplerate, info.channels) != (RATE_HZ, 1) or not info.frames:
            told = f"{info.samplerate} Hz, {info.channels} channels, {info.frames} frames"
            raise BrokenSoundError(f"{self.path.name[:12]}: {told}")
        return int(info.frames)

    def blocks(self, from_frame: int) -> Iterator[NDArray[np.int16]]:
        """Yield it from a place on, as it is read."""
        import soundfile

        try:
            with soundfile.SoundFile(self.path) as file:
                file.seek(min(from_frame, self.frames))
                while len(block := file.read(BLOCK_FRAMES, dtype="int16")):
                    yield block
        except (OSError, soundfile.SoundFileError) as error:
            raise BrokenSoundError(f"{self.path.name[:12]}: {error}") from None


@dataclass(frozen=True)
class Arrangement:
    """Pieces one after the other."""

    pieces: tuple[Piece, ...]

    @property
    def frames(self) -> int:
        """How long it is."""
        return sum(piece.frames for piece in self.pieces)

    @property
    def duration_ms(self) -> int:
        """How long it sounds."""
        return round(self.frames * 1000 / RATE_HZ)

    def blocks(self, from_frame: int) -> Iterator[NDArray[np.int16]]:
        """Yield it from a place on; raises BrokenSoundError."""
        for piece in self.pieces:
            if from_frame < piece.frames:
                yield from piece.blocks(from_frame)
            from_frame = max(0, from_frame - piece.frames)


def arranged(body: Piece, *, chimes: bool, repeats: int) -> Arrangement:
    """Return the whole of a bulletin that says `body`; raises BrokenSoundError."""
    before: tuple[Piece, ...] = (Samples(chime()), _silence(PAUSE_S)) if chimes else ()
    again = (_silence(REPEAT_PAUSE_S), body) * (repeats - 1)
    return Arrangement((*before, body, *again, _silence(TAIL_S)))


def whole_ms(once_ms: float, *, chimes: bool, repeats: int) -> int:
    """Return how long a bulletin sounds that says something `once_ms` long."""
    before_s = len(chime()) / RATE_HZ + PAUSE_S if chimes else 0.0
    rest_s = (repeats - 1) * REPEAT_PAUSE_S + TAIL_S
    return round((before_s + rest_s) * 1000 + repeats * once_ms)


def to_hear(whole: Arrangement, volume: float, most_s: float) -> NDArray[np.int16]:
    """Return the sound as it is heard at `volume`, at most its first `most_s` seconds."""
    most = round(most_s * RATE_HZ)
    blocks = []
    taken = 0
    for block in whole.blocks(0):
        blocks.append(np.rint(block * volume).astype(np.int16))
        taken += len(block)
        if taken >= most:
            break
    return np.concatenate(blocks)[:most] if blocks else np.zeros(0, np.int16)


def _silence(length_s: float) -> Samples:
    return Samples(np.zeros(round(length_s * RATE_HZ), np.int16))
