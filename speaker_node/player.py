"""Play one bulletin so that its first sample sounds at a set instant.

Times here are milliseconds of the device's monotonic clock. PortAudio tells for each block when its first
sample will be heard; the bulletin is laid into the stream by that, to the sample.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from firmware_agent.hardware import BlockTime, SoundCard
from speaker_node.chime import RATE_HZ

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK_FRAMES = 512
"""Frames a call: 23 ms."""

STALLED_AFTER_MS = 2_000
"""A card that has asked for nothing this long is gone (its plug was pulled)."""


class Playback:
    """One bulletin at the sound card, from opening the output to its last sample.

        playback = Playback(card, samples, volume=0.8, mono_ms=clock.mono_ms)
        playback.aim(due_mono_ms)     # again whenever the wall clock was set
        playback.arm()                # nothing sounds before this
        playback.began_mono_ms        # None until the first sample has its time
        playback.ended_mono_ms
        playback.close()              # silence at once

    Raises HardwareError when there is no card. Until it is armed the stream plays silence.
    """

    def __init__(
        self, card: SoundCard, samples: NDArray[np.int16], volume: float, mono_ms: Callable[[], int]
    ) -> None:
        self._samples = (samples * volume).astype(samples.dtype)
        self._mono_ms = mono_ms
        self._due_mono_ms: float = 0.0
        self._armed = False
        self._next = 0
        self.began_mono_ms: float | None = None
        """When the first sample is heard."""
        self.ended_mono_ms: float | None = None
        """When the last sample has been heard."""
        self.underruns = 0
        """Gaps since the first sample."""
        self._asked_mono_ms = mono_ms()
        self._stream = card.open_output(RATE_HZ, BLOCK_FRAMES, self._fill)
        try:
            self._stream.start()
        except BaseException:
            self._stream.close()
            raise

    def aim(self, due_mono_ms: float) -> None:
        """Set when the first sample shall be heard; in the past means at once."""
        self._due_mono_ms = due_mono_ms

    def arm(self) -> None:
        """Let it sound when its time has come."""
        self._armed = True

    def heard_out(self) -> bool:
        """Tell whether the last sample has been heard."""
        return self.ended_mono_ms is not None and self._mono_ms() >= self.ended_mono_ms

    def stalled(self) -> bool:
        """Tell whether the sound card has stopped asking for sound."""
        return self._mono_ms() - self._asked_mono_ms > STALLED_AFTER_MS

    def close(self) -> None:
        """End the stream; what has not been heard yet is dropped. After this nothing can begin."""
        self._armed = False
        self._stream.close()

    def _fill(self, out: NDArray[np.int16], frames: int, time: BlockTime, status: Any) -> None:
        """Fill one block. On the sound card's thread: copies and sums, nothing that waits."""
        out.fill(0)
        now_ms = self._mono_ms()
        self._asked_mono_ms = now_ms
        heard_ms = now_ms + max(0.0, time.outputBufferDacTime - time.currentTime) * 1000
        offset = 0
        if self.began_mono_ms is None:
            offset = max(0, round((self._due_mono_ms - heard_ms) * RATE_HZ / 1000))
            if not self._armed or offset >= frames:
                return
            self.began_mono_ms = heard_ms + offset * 1000 / RATE_HZ
        elif status and self.ended_mono_ms is None:
            self.underruns += 1
        self._copy(out, offset, heard_ms)

    def _copy(self, out: NDArray[np.int16], offset: int, heard_ms: float) -> None:
        count = min(len(out) - offset, len(self._samples) - self._next)
        out[offset : offset + count, 0] = self._samples[self._next : self._next + count]
        self._next += count
        if self._next == len(self._samples) and self.ended_mono_ms is None:
            self.ended_mono_ms = heard_ms + (offset + count) * 1000 / RATE_HZ
