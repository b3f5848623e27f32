"""Play one bulletin so that each of its samples sounds at its instant, whatever the card's crystal does.

Times here are milliseconds of the device's clock since boot. PortAudio tells for each block when its first
sample will be heard; `CardClock` makes a steady time of that, and the bulletin is read from its samples by
that time: begun to a fraction of a sample, and from then on held to the clock by reading a little faster or
slower than the card runs. Loudspeakers whose clocks agree stay together so, however long they sound.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from math import ceil, floor, inf
from typing import TYPE_CHECKING, Any

import numpy as np

from firmware_agent.hardware import BlockTime, SoundCard
from speaker_node.chime import RATE_HZ
from speaker_node.sounding.card_clock import CardClock
from speaker_node.sounding.over import Over
from speaker_node.sounding.reel import Source, Whole
from speaker_node.sounding.resampler import TAPS, read_between

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK_FRAMES = 512
"""Frames a call: 23 ms."""

STALLED_AFTER_MS = 2_000
"""A card that has asked for nothing this long is gone (its plug was pulled)."""

PULL_MAX = 0.002
"""Most that the sound is sped up or slowed down: 3.5 cents of pitch, below what listeners notice in speech
(some 5 cents: Zwicker and Fastl, Psychoacoustics)."""

LEAP_MS = 10.0
"""What lies further off its time than this, after a gap, is leapt over instead of being caught up with."""

STEP_MS = 200.0
"""The wall clock is slewed while a bulletin sounds, never followed over a step: somebody set it."""

_PER_MS = RATE_HZ / 1000
_FADE = np.linspace(0.0, 1.0, 128, dtype=np.float32)
"""6 ms: what is taken up in the middle begins without a click."""


class Playback:
    """One bulletin at the sound card, from opening the output to its last sample.

        playback = Playback(card, source, volume=0.8, mono_ms=clock.exact_mono_ms)
        playback.aim(due_mono_ms)     # again whenever the wall clock was set, also while it sounds
        playback.arm()                # nothing sounds before this
        playback.began_mono_ms        # None until the first sample has its time
        playback.ended_mono_ms
        playback.close()              # silence at once

    Raises HardwareError when there is no card. Until it is armed the stream plays silence.
    `source` may be samples in memory. `on_sound`, if given, is handed what was sent to the card, on its
    thread.
    """

    def __init__(
        self,
        card: SoundCard,
        source: Source | NDArray[np.int16],
        volume: float,
        mono_ms: Callable[[], float],
        on_sound: Callable[[NDArray[np.int16]], None] | None = None,
    ) -> None:
        self._source = Whole(source) if isinstance(source, np.ndarray) else source
        self._on_sound = on_sound
        self._closing = threading.Lock()
        self._closed = False
        self._volume = volume
        self._mono_ms = mono_ms
        self._aimed_mono_ms = 0.0
        self._due_mono_ms = 0.0
        """When the first sample is, or was, heard."""
        self._armed = False
        self._over: Over | None = None
        self._place = 0.0
        """The sample that sounds next, in fractions."""
        self.card_clock = CardClock(RATE_HZ)
        """How the card runs, and how sure that is."""
        self.began_mono_ms: float | None = None
        """When the first sample is heard."""
        self.ended_mono_ms: float | None = None
        """When the last sample has been heard."""
        self.closed_mono_ms: float | None = None
        """When it was silenced."""
        self.underruns = 0
        """Gaps since the first sample."""
        self.swallowed_ms = 0.0
        """What such gaps swallowed."""
        self._asked_mono_ms = mono_ms()
        self._stream = card.open_output(RATE_HZ, BLOCK_FRAMES, self._fill)
        try:
            self._stream.start()
        except BaseException:
            self._stream.close()
            raise

    def aim(self, due_mono_ms: float) -> None:
        """Set when the first sample shall be, or should have been, heard; in the past means at once.

        While it sounds a small change moves what is still to be heard; a step of the clock does not.
        """
        moved_ms = due_mono_ms - self._aimed_mono_ms
        self._aimed_mono_ms = due_mono_ms
        if self.began_mono_ms is None:
            self._due_mono_ms = due_mono_ms
        elif abs(moved_ms) < STEP_MS:
            self._due_mono_ms += moved_ms

    def arm(self) -> None:
        """Let it sound when its time has come."""
        self._armed = True

    def lay_over(self, over: Over) -> None:
        """Mix a short sound into this one from the next block on."""
        self._over = over

    def left_ms(self) -> float:
        """Return how much is still to be heard; infinite for what has no known end."""
        length = self._source.frames
        return inf if length is None else max(0.0, length - self._place) / _PER_MS

    def heard_out(self) -> bool:
        """Tell whether the last sample has been heard."""
        return self.ended_mono_ms is not None and self._mono_ms() >= self.ended_mono_ms

    def stalled(self) -> bool:
        """Tell whether the sound card has stopped asking for sound."""
        return self._mono_ms() - self._asked_mono_ms > STALLED_AFTER_MS

    def close(self) -> None:
        """End the stream; what has not been heard yet is dropped. After this nothing can begin.

        From any thread, and again: whoever stops a loudspeaker waits for nobody.
        """
        self._armed = False
        with self._closing:
            if not self._closed:
                self._closed = True
                self.closed_mono_ms = self._mono_ms()
                self._stream.close()

    def _fill(self, out: NDArray[np.int16], frames: int, time: BlockTime, status: Any) -> None:
        """Fill one block. On the sound card's thread: nothing that waits."""
        out.fill(0)
        self._asked_mono_ms = self._mono_ms()
        if status:
            self._note_gap()
        latency_ms = max(0.0, time.outputBufferDacTime - time.currentTime) * 1000
        heard_ms = self.card_clock.read(self._asked_mono_ms + latency_ms, frames)
        if not self._armed or self.ended_mono_ms is not None:
            return
        first = 0 if self.began_mono_ms is not None else self._begin(heard_ms, frames)
        if first is not None:
            self._sound(out[first:, 0], heard_ms + first * self.card_clock.frame_ms)

    def _note_gap(self) -> None:
        self.card_clock.gap()
        if self.began_mono_ms is not None and self.ended_mono_ms is None:
            self.underruns += 1

    def _begin(self, heard_ms: float, frames: int) -> int | None:
        """Return the frame of this block that the bulletin begins at; None: not in this block."""
        frame_ms = self.card_clock.frame_ms
        first = max(0, ceil((self._due_mono_ms - heard_ms) / frame_ms))
        if first >= frames:
            return None
        # Too late for its instant: then it begins here, whole.
        self._due_mono_ms = max(self._due_mono_ms, heard_ms)
        self.began_mono_ms = self._due_mono_ms
        self._place = (heard_ms + first * frame_ms - self._due_mono_ms) * _PER_MS
        return first

    def _sound(self, out: NDArray[np.int16], heard_ms: float) -> None:
        """Fill `out`, whose first frame is heard at `heard_ms`, with what belongs there."""
        frames = len(out)
        place = (heard_ms - self._due_mono_ms) * _PER_MS
        leaps = abs(place - self._place) > LEAP_MS * _PER_MS
        if leaps:
            self.swallowed_ms += max(0.0, place - self._place) / _PER_MS
            self._place = place
        until = place + frames * self.card_clock.frame_ms * _PER_MS
        step = min(max((until - self._place) / frames, 1 - PULL_MAX), 1 + PULL_MAX)
        positions = self._place + step * np.arange(frames, dtype=np.float64)
        first = floor(positions[0]) - TAPS // 2
        near = self._source.window(first, floor(positions[-1]) + TAPS // 2 + 2)
        sound = read_between(near, positions - first) * self._volume
        if leaps:
            sound[: len(_FADE)] *= _FADE[:frames]
        sound = self._laid_over(sound, heard_ms)
        out[:] = np.clip(np.rint(sound), -32_768, 32_767)
        if self._on_sound is not None:
            self._on_sound(out)
        length = self._source.frames
        left = inf if length is None else (length - self._place) / step
        if left <= frames:
            self.ended_mono_ms = heard_ms + max(0.0, left) * self.card_clock.frame_ms
        self._place += step * frames

    def _laid_over(self, sound: NDArray[Any], heard_ms: float) -> NDArray[Any]:
        over = self._over
        if over is None:
            return sound
        self._over = None if over.done else over
        return over.mix(sound, heard_ms, self.card_clock.frame_ms)
