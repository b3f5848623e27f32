"""Pictures from a camera that may vanish, hang or come back: opened again and again, with pauses."""

from __future__ import annotations

import logging
import threading
import zlib
from collections.abc import Callable

from camera_node.frames import BadFrameError, Frame, make_frame
from firmware_agent.backoff import Backoff
from firmware_agent.clock import Clock
from firmware_agent.hardware import Capture, HardwareError
from firmware_agent.node import Problems

PROBLEM = "camera"

EARLIEST = 0.7
"""A camera faster than it was asked to be: what comes before this share of a period is left out."""

log = logging.getLogger(__name__)


class Feed:
    """The next picture, or None when there is none just now.

        feed = Feed(open_camera, frames_per_s=8, frozen_s=15, clock=clock, problems=problems, stop=stop)
        frame = feed.next()

    `open_camera` is called for each attempt and may raise HardwareError.
    """

    def __init__(
        self,
        open_camera: Callable[[], Capture],
        frames_per_s: float,
        frozen_s: float,
        clock: Clock,
        problems: Problems,
        stop: threading.Event,
    ) -> None:
        self._open_camera = open_camera
        self._least_pause_s = EARLIEST / frames_per_s
        self._frozen_s = frozen_s
        self._clock = clock
        self._problems = problems
        self._stop = stop
        self._capture: Capture | None = None
        self._backoff = Backoff()
        self._open_at_s = 0.0
        self._last_s = float("-inf")
        self._checksum: int | None = None
        self._changed_at_s = 0.0

    def next(self) -> Frame | None:
        """Wait for the next picture. None: the camera was lost, or could not be opened, or we shall stop."""
        if self._capture is None and not self._open():
            return None
        while self._capture is not None and not self._stop.is_set():
            frame = self._read(self._capture)
            if frame is None or frame.at_s - self._last_s >= self._least_pause_s:
                self._last_s = frame.at_s if frame else self._last_s
                return frame
        return None

    def close(self) -> None:
        """Give the camera back."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _now_s(self) -> float:
        return self._clock.mono_ms() / 1000

    def _open(self) -> bool:
        if self._stop.wait(max(0.0, self._open_at_s - self._now_s())):
            return False
        try:
            self._capture = self._open_camera()
        except HardwareError as error:
            self._lose(f"Không mở được máy ảnh, hãy xem dây cáp: {error}")
            return False
        self._changed_at_s = self._now_s()
        self._backoff.started(self._changed_at_s)
        return True

    def _read(self, capture: Capture) -> Frame | None:
        there, picture = capture.read()
        if not there:
            self._lose("Máy ảnh không đưa hình, hãy xem dây cáp. (The camera gives no picture.)")
            return None
        try:
            frame = make_frame(picture, self._now_s())
        except BadFrameError as error:
            self._lose(f"Máy ảnh đưa hình lạ. (The camera gives no colour pictures: {error})")
            return None
        return frame if self._alive(frame) else None

    def _alive(self, frame: Frame) -> bool:
        """A living sensor has noise: the very same picture again and again means that the camera hangs."""
        checksum = zlib.crc32(frame.planes.data)
        if checksum != self._checksum:
            self._checksum, self._changed_at_s = checksum, frame.at_s
            self._problems.clear(PROBLEM)
        elif frame.at_s - self._changed_at_s >= self._frozen_s:
            self._lose("Máy ảnh bị treo: hình đứng yên. Hãy rút và cắm lại. (The picture is frozen.)")
            return False
        return True

    def _lose(self, text: str) -> None:
        self.close()
        self._problems.report(PROBLEM, text)
        pause_s = self._backoff.died(self._now_s())
        self._open_at_s = self._now_s() + pause_s
        log.warning("%s Mở lại sau (again in) %.1f s", text, pause_s)
