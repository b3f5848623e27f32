"""A kiosk's own loudspeaker: the newest sound wins, and nothing waits for it."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from firmware_agent.hardware import BlockTime, HardwareError, OutputStream, SoundCard
from kiosk_ui.tones import RATE_HZ

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK_FRAMES = 512
"""Frames a call: 23 ms, the longest that a tone waits for its turn."""

CLOSED_AFTER_S = 120.0
"""A stream that has been silent for so long is closed: it costs some 20 calls a second."""

log = logging.getLogger(__name__)


class Sounder:
    """Plays short sounds one after the other.

        sounder = Sounder(card, volume=0.6)
        sounder.play(tone("taken"), spoken)     # instead of what sounds now
        sounder.look(now_s)                     # now and then: closes a stream that is not needed
        sounder.problem                         # why nothing is heard; empty while all is well

    Sounds are mono int16 at `tones.RATE_HZ`. A card that does not answer costs sounds, never an answer.
    """

    def __init__(self, card: SoundCard, volume: float) -> None:
        self.problem = ""
        self._card = card
        self._volume = volume
        self._lock = threading.Lock()
        self._left: list[NDArray[np.int16]] = []
        self._stream: OutputStream | None = None
        self._silent_since_s: float | None = None

    @property
    def sounds(self) -> bool:
        """Whether something is still to be heard."""
        with self._lock:
            return bool(self._left)

    def play(self, *sounds: NDArray[np.int16]) -> None:
        """Play these, one after the other, instead of what sounds now."""
        with self._lock:
            self._left = [sound for sound in sounds if len(sound)]
        self._silent_since_s = None
        if self._stream is None:
            self._open()

    def look(self, now_s: float) -> None:
        """Close the stream once it has been silent for a while; `now_s` is monotonic."""
        if self._stream is None or self.sounds:
            self._silent_since_s = None
        elif self._silent_since_s is None:
            self._silent_since_s = now_s
        elif now_s - self._silent_since_s >= CLOSED_AFTER_S:
            self.close()

    def close(self) -> None:
        """Be silent at once."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def _open(self) -> None:
        try:
            stream = self._card.open_output(RATE_HZ, BLOCK_FRAMES, self._fill)
            stream.start()
        except (HardwareError, ImportError) as error:
            self.problem = str(error)
            log.warning("không phát được âm thanh (no sound): %s", error)
            return
        self._stream, self.problem = stream, ""

    def _fill(self, out: NDArray[np.int16], frames: int, _time: BlockTime, _status: Any) -> None:
        """Fill a block; called from the sound's own thread."""
        out.fill(0)
        filled = 0
        with self._lock:
            while self._left and filled < frames:
                part = self._left[0][: frames - filled]
                out[filled : filled + len(part), 0] = part * self._volume
                filled += len(part)
                self._left[0] = self._left[0][len(part) :]
                if not len(self._left[0]):
                    self._left.pop(0)
