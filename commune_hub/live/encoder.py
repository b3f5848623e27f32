"""Make Opus packets of what a microphone brings, whatever its rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wire.live import OPUS_HZ, PIECE_MS

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from numpy.typing import NDArray

BITS_PER_S = 32_000
"""Speech over Opus is clear from 24 kbit/s on (RFC 6716, section 2.1.1), and a weak line carries it."""

FRAMES = OPUS_HZ * PIECE_MS // 1000
"""Frames of one piece."""


class Encoder:
    """Takes sound piece by piece, gives Opus packets of 20 ms.

    encoder = Encoder()
    encoder.packets(samples, rate_hz=44_100)    # mono int16
    """

    def __init__(self) -> None:
        from av.audio.codeccontext import AudioCodecContext

        options = {"application": "voip", "frame_duration": str(PIECE_MS)}
        self._codec = AudioCodecContext.create("libopus", "w")
        self._codec.sample_rate = OPUS_HZ
        self._codec.layout = "mono"
        self._codec.format = "s16"
        self._codec.bit_rate = BITS_PER_S
        self._codec.options = options
        self._rate_hz = 0
        self._made = 0
        """Frames that were encoded."""

    def packets(self, samples: NDArray[np.int16], rate_hz: int) -> list[bytes]:
        """Return the packets that are whole by now; the rest waits for more."""
        from av.audio.frame import AudioFrame
        from av.audio.resampler import AudioResampler

        if rate_hz != self._rate_hz:
            self._resampler = AudioResampler(format="s16", layout="mono", rate=OPUS_HZ, frame_size=FRAMES)
            self._rate_hz = rate_hz
        frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = rate_hz
        return [packet for whole in self._resampler.resample(frame) for packet in self._encode(whole)]

    def silence(self, pieces: int) -> list[bytes]:
        """Return so many packets of silence."""
        return self.packets(np.zeros(pieces * FRAMES, np.int16), OPUS_HZ)

    def _encode(self, frame: AudioFrame) -> list[bytes]:
        frame.pts = self._made
        self._made += FRAMES
        return [bytes(packet) for packet in self._codec.encode(frame)]
