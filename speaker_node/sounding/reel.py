"""A sound that one thread brings while another takes it: between a slow disk, voice or network and the card.

Places are frames from the sound's beginning. The sound card's thread never waits: what is not here when its
time comes is silence, and is counted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import numpy as np

from speaker_node.arrangement import BrokenSoundError
from speaker_node.chime import RATE_HZ
from speaker_node.sounding.resampler import TAPS
from speaker_node.voice import UnspeakableError

if TYPE_CHECKING:
    from numpy.typing import NDArray

AHEAD_S = 8.0
"""What is brought ahead of its time from a disk: longer than an SD card stands still."""


class Source(Protocol):
    """What the player reads."""

    @property
    def frames(self) -> int | None:
        """How long it is; None while nobody knows."""

    def window(self, begin: int, end: int) -> NDArray[np.int16]:
        """Return the frames from `begin` up to `end`, silence where there is nothing. It never waits."""


class Whole:
    """A source that is in memory."""

    def __init__(self, samples: NDArray[np.int16]) -> None:
        self._samples = samples
        self.frames: int | None = len(samples)

    def window(self, begin: int, end: int) -> NDArray[np.int16]:
        """Return a part of it."""
        out = np.zeros(end - begin, np.int16)
        first, last = max(0, begin), min(end, len(self._samples))
        if first < last:
            out[first - begin : last - begin] = self._samples[first:last]
        return out


Put = Callable[["NDArray[np.int16]"], bool]
"""Lays the next frames on the reel, waiting for room; False: nobody wants more."""


class Reel:
    """A bounded buffer on its own thread.

        reel = Reel(bring, ahead_s=8.0)         # bring(put) runs on the reel's thread
        reel.window(begin, end)                 # on the sound card's thread
        reel.gaps, reel.missing_frames          # what was not here in time
        reel.error                              # why `bring` gave up; empty: it did not
        reel.close()

    What comes too late is left out, so that the rest sounds at its instant; or with `cushion_s` all of it
    sounds, later: the next frames are laid so far behind the place that is sounding.
    `frames` is the length where it is known before; otherwise the reel ends where `bring` returns.
    """

    def __init__(
        self,
        bring: Callable[[Put], None],
        *,
        ahead_s: float = AHEAD_S,
        cushion_s: float | None = None,
        frames: int | None = None,
    ) -> None:
        self._bring = bring
        self._ring = np.zeros(round(ahead_s * RATE_HZ) + 4 * TAPS, np.int16)
        self._cushion = None if cushion_s is None else round(cushion_s * RATE_HZ)
        self._wake = threading.Condition()
        self._head = 0
        """The first place that was not brought."""
        self._tail = 0
        """The first place that is still wanted."""
        self._taken = 0
        """The first place that was never asked for."""
        self._starved = False
        self._fixed = frames
        self._over = False
        self._closed = False
        self.gaps = 0
        """How often nothing was there."""
        self.missing_frames = 0
        """Frames that were silent for that."""
        self.brought_frames = 0
        self.error = ""
        self._thread = threading.Thread(target=self._work, name="reel", daemon=True)
        self._thread.start()

    @property
    def frames(self) -> int | None:
        """How long it is; None while nobody knows."""
        if self._fixed is not None:
            return self._fixed
        return self._head if self._over else None

    @property
    def lost_frames(self) -> int:
        """Frames that will never be heard."""
        return self.missing_frames if self._cushion is None else 0

    def window(self, begin: int, end: int) -> NDArray[np.int16]:
        """Return the frames from `begin` up to `end`; what was before is forgotten."""
        out = np.zeros(end - begin, np.int16)
        with self._wake:
            self._tail = max(self._tail, begin)
            self._taken = max(self._taken, end)
            first, last = max(begin, self._tail, 0), min(end, self._head)
            if first < last:
                places = np.arange(first, last) % len(self._ring)
                out[first - begin : last - begin] = self._ring[places]
            self._count_missing(end - TAPS)
            self._wake.notify()
        return out

    def close(self) -> None:
        """Bring no more. Nobody waits for the thread: it may be deep in a voice or a network."""
        with self._wake:
            self._closed = True
            self._wake.notify()

    def _count_missing(self, end: int) -> None:
        due = end if self._fixed is None else min(end, self._fixed)
        missing = 0 if self._over and self._fixed is None else max(0, due - max(self._head, self._tail))
        if missing and not self._starved:
            self.gaps += 1
        self._starved = missing > 0
        self.missing_frames += missing

    def _work(self) -> None:
        try:
            self._bring(self._put)
        except (BrokenSoundError, UnspeakableError, OSError) as error:
            self.error = str(error) or type(error).__name__
        finally:
            with self._wake:
                self._over = True

    def _put(self, block: NDArray[np.int16]) -> bool:
        self.brought_frames += len(block)
        for begin in range(0, len(block), len(self._ring) // 4):
            if not self._lay(block[begin : begin + len(self._ring) // 4]):
                return False
        return True

    def _lay(self, part: NDArray[np.int16]) -> bool:
        with self._wake:
            self._catch_up()
            self._wake.wait_for(
                lambda: self._closed or self._head + len(part) - self._tail <= len(self._ring)
            )
            if self._closed:
                return False
            self._ring[np.arange(self._head, self._head + len(part)) % len(self._ring)] = part
            self._head += len(part)
        return True

    def _catch_up(self) -> None:
        """Leave a gap where the card is already beyond what comes next."""
        if self._cushion is None or self._head >= self._taken:
            return
        until = self._taken + self._cushion
        self.missing_frames += self._cushion
        first = max(self._head, until - len(self._ring))
        self._ring[np.arange(first, until) % len(self._ring)] = 0
        self._head = until
