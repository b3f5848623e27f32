"""A screen that nobody sees, on SDL's dummy driver, whose pictures go to disk."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from firmware_agent.pi.hardware import PygameScreen

FRAMES_PER_S_MAX = 4
FRAMES_KEPT = 2_000
"""So many pictures are kept, the newest: an hour of a busy screen, some 100 MB."""


class SimScreen(PygameScreen):
    """A `PygameScreen` that keeps what it shows as `frames/000012345.png`, named by milliseconds of the run.

    At most four pictures a second are kept, but the last state always is, a moment later.
    """

    def __init__(self, width: int, height: int, frames: Path, since_ms: Callable[[], int]) -> None:
        super().__init__(width, height)
        self._size = self.surface.get_size()
        self._frames = frames
        self._since_ms = since_ms
        self._lock = threading.Lock()
        self._shown: bytes = b""
        self._kept: bytes = b""
        self._kept_at_ms = -(10**9)
        self._late: threading.Timer | None = None
        frames.mkdir(parents=True, exist_ok=True)

    def show(self) -> None:
        """Bring what was drawn to the eye, and to the disk."""
        super().show()
        with self._lock:
            self._shown = self._pygame.image.tobytes(self.surface, "RGB")
            self._keep_or_wait()

    def touch(self, x: int, y: int, finger: int = 0) -> None:
        """Tap the screen at that point, as `rest` and `lift`; may be called from any thread."""
        self.rest(x, y, finger)
        self.lift(x, y, finger)

    def rest(self, x: int, y: int, finger: int = 0) -> None:
        """Put a finger down and leave it there; beside the screen nobody feels it."""
        self._post_finger(self._pygame.FINGERDOWN, x, y, finger)

    def lift(self, x: int, y: int, finger: int = 0) -> None:
        """Take that finger away."""
        self._post_finger(self._pygame.FINGERUP, x, y, finger)

    def _post_finger(self, kind: int, x: int, y: int, finger: int) -> None:
        width, height = self._size
        if not (0 <= x < width and 0 <= y < height):
            return
        middle = {"x": (x + 0.5) / width, "y": (y + 0.5) / height}
        whole = {"touch_id": 1, "finger_id": finger, "dx": 0.0, "dy": 0.0, **middle}
        self._pygame.event.post(self._pygame.event.Event(kind, whole))

    def _keep_or_wait(self) -> None:
        if self._late is not None or self._shown == self._kept:
            return
        wait_ms = self._kept_at_ms + 1_000 // FRAMES_PER_S_MAX - self._since_ms()
        if wait_ms <= 0:
            self._keep()
            return
        self._late = threading.Timer(wait_ms / 1_000, self._keep_late)
        self._late.daemon = True
        self._late.start()

    def _keep_late(self) -> None:
        with self._lock:
            self._late = None
            self._keep()

    def _keep(self) -> None:
        if self._shown == self._kept:
            return
        pygame = self._pygame
        self._kept, self._kept_at_ms = self._shown, self._since_ms()
        picture = pygame.image.frombytes(self._kept, self._size, "RGB")
        path = self._frames / f"{self._kept_at_ms:09d}.png"
        new = path.with_suffix(".new")  # whoever looks at the pictures sees whole ones
        with new.open("wb") as file:
            pygame.image.save(picture, file, "frame.png")
        new.replace(path)
        for old in sorted(self._frames.glob("*.png"))[:-FRAMES_KEPT]:
            old.unlink(missing_ok=True)
