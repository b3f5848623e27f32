"""A short sound laid over a long one: music grows soft, a call is heard, music grows loud again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from speaker_node.chime import RATE_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

SOFT = 0.12
"""What is left of the music under a call: 18 dB less, which leaves speech at its full intelligibility."""

FADE_S = 0.25
_FADE_FRAMES = round(FADE_S * RATE_HZ)

LOST_AFTER_MS = 2_000.0
"""A sound that nobody has asked for so long lies over nothing: what it lay over has ended."""


class Over:
    """One sound that is mixed into what a `Playback` sounds; asked like a playback of its own.

        over = Over(samples, volume=0.9, mono_ms=clock.exact_mono_ms)
        mixed = over.mix(music, heard_ms, frame_ms)     # block by block, by the playback beneath
        over.began_mono_ms, over.ended_mono_ms          # the sound's own first and last sample
        over.done                                       # and the music is as loud as before

    `close` lets the music grow loud again at once.
    """

    def __init__(self, samples: NDArray[np.int16], volume: float, mono_ms: Callable[[], float]) -> None:
        self._samples = samples * np.float64(volume)
        self._mono_ms = mono_ms
        self._asked_mono_ms = mono_ms()
        self._frame = -_FADE_FRAMES
        """Of the sound, the one that is mixed next; below 0 the music grows soft."""
        self.began_mono_ms: float | None = None
        self.ended_mono_ms: float | None = None
        self.done = False

    def mix(self, music: NDArray[Any], heard_ms: float, frame_ms: float) -> NDArray[Any]:
        """Return the block `music`, whose first frame is heard at `heard_ms`, with this over it."""
        self._asked_mono_ms = self._mono_ms()
        samples = self._samples  # once: another thread may close this
        frames = np.arange(self._frame, self._frame + len(music))
        length = len(samples)
        if self.began_mono_ms is None and frames[-1] >= 0:
            self.began_mono_ms = heard_ms - self._frame * frame_ms
        if self.ended_mono_ms is None and frames[-1] >= length:
            self.ended_mono_ms = heard_ms + (length - self._frame) * frame_ms
        loud = np.interp(frames, [-_FADE_FRAMES, 0, length, length + _FADE_FRAMES], [1.0, SOFT, SOFT, 1.0])
        mixed = music * loud
        sounding = (frames >= 0) & (frames < length)
        mixed[sounding] += samples[frames[sounding]]
        self._frame += len(music)
        self.done = self._frame > length + _FADE_FRAMES
        return mixed

    def heard_out(self) -> bool:
        """Tell whether its last sample has been heard."""
        return self.ended_mono_ms is not None and self._mono_ms() >= self.ended_mono_ms

    def stalled(self) -> bool:
        """Tell whether what it lies over has ended before it did."""
        return self.ended_mono_ms is None and self._mono_ms() - self._asked_mono_ms > LOST_AFTER_MS

    def close(self) -> None:
        """Sound no more of it; the music grows loud again."""
        self._samples = self._samples[: max(0, self._frame)]
