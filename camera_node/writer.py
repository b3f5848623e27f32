"""Write a clip: H.264 (libx264) in fragmented MP4, which browsers play and a crash leaves readable.

A fragment goes to the file at each key picture, once a second: so much is lost when the process is killed.
"""

from __future__ import annotations

import contextlib
import os
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer
from av.video.stream import VideoStream

from camera_node.frames import Frame

FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"}
"""Options of the container for a file that is readable up to its last whole fragment."""

_MS = Fraction(1, 1000)
_QUALITY = "27"
"""x264's constant rate factor: faces and papers stay readable, calm seconds cost little."""


class ClipWriter:
    """One clip on its way to the disk; all pictures must be of one size.

        writer = ClipWriter(path, frames_per_s=8, bit_rate_max_kbps=800)
        writer.put(frame)
        duration_ms = writer.close()

    Raises OSError when the disk is full or gone.
    """

    def __init__(self, path: Path, frames_per_s: float, bit_rate_max_kbps: int) -> None:
        # Made first, since the encoder's library would make it readable by everybody.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        self._path = path
        self._frames_per_s = frames_per_s
        self._bit_rate_max_kbps = bit_rate_max_kbps
        self._container: OutputContainer = av.open(str(path), "w", format="mp4", options=FRAGMENTED)
        self._stream: VideoStream | None = None
        self._began_s = 0.0
        self._last_ms = -1

    def put(self, frame: Frame) -> None:
        """Add the next picture."""
        if self._stream is None:
            self._stream = self._open_stream(frame)
            self._began_s = frame.at_s
        picture = av.VideoFrame.from_ndarray(frame.planes, format="yuv420p")
        # Strictly growing, as the container demands, also for two pictures of one millisecond.
        self._last_ms = max(self._last_ms + 1, round((frame.at_s - self._began_s) * 1000))
        picture.pts, picture.time_base = self._last_ms, _MS
        self._container.mux(self._stream.encode(picture))

    def close(self) -> int:
        """End the clip; return its duration in milliseconds, the last picture's time included."""
        try:
            if self._stream is not None:
                self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()
        return self._last_ms + round(1000 / self._frames_per_s) if self._last_ms >= 0 else 0

    def sync(self) -> None:
        """Bring what was written so far to the disk for good; may be called from another thread."""
        with contextlib.suppress(FileNotFoundError):  # finished and renamed meanwhile
            descriptor = os.open(self._path, os.O_RDONLY)
            try:
                os.fdatasync(descriptor)
            finally:
                os.close(descriptor)

    def abandon(self) -> None:
        """Let go of a file that takes no more."""
        with contextlib.suppress(OSError, av.FFmpegError):
            self._container.close()

    def _open_stream(self, frame: Frame) -> VideoStream:
        rate = Fraction(self._frames_per_s).limit_denominator(1000)
        stream = self._container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
        stream.codec_context.time_base = _MS
        stream.codec_context.thread_count = 1
        stream.codec_context.gop_size = max(1, round(self._frames_per_s))
        kbps = self._bit_rate_max_kbps
        stream.codec_context.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "crf": _QUALITY,
            "maxrate": f"{kbps}k",
            "bufsize": f"{2 * kbps}k",
        }
        return stream
