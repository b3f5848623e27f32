"""What a person sees of a node: the newest picture of its screen, or of its camera."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from firmware_agent.hardware import Capture


class WatchedCapture:
    """A capture that remembers its last frame, so that the panel can show it without reading frames away."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        self._last: Any = None

    def read(self) -> tuple[bool, Any]:
        """Wait for the next frame, as `cv2.VideoCapture.read`."""
        there, frame = self._capture.read()
        if there:
            self._last = frame
        return there, frame

    def release(self) -> None:
        """Give the camera back."""
        self._capture.release()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._capture, name)

    def save(self, path: Path) -> str | None:
        """Write the last frame as a small JPEG and return its path; None before the first frame."""
        import cv2

        last = self._last
        if last is None:
            return None
        written, data = cv2.imencode(".jpg", last, [cv2.IMWRITE_JPEG_QUALITY, 75])
        if not written:
            return None
        temporary = path.with_name(f".{path.name}.new")
        temporary.write_bytes(data.tobytes())
        temporary.replace(path)  # whoever looks sees a whole picture
        return str(path)


def newest_picture(directory: Path) -> Path | None:
    """Return the newest picture of a node: of its camera, or of its screen."""
    view = directory / "view.jpg"
    if view.exists():
        return view
    return max((directory / "frames").glob("*.png"), default=None, key=lambda path: path.name)
