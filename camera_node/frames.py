"""A picture as the camera node handles it: planes of brightness and colour, for detector and encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


class BadFrameError(Exception):
    """What the camera gave is no colour picture; the text says what it is."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture: planes Y, U, V below each other (I420, height x 3/2 rows), and when it was taken.

    The encoder takes these planes as they are, and Y is the grey picture for the detector, so that each
    picture is converted once. Half the size of BGR.
    """

    at_s: float
    """Monotonic seconds."""
    planes: Picture

    @property
    def luma(self) -> Picture:
        """The brightness, height x width."""
        return self.planes[: self.height]

    @property
    def width(self) -> int:
        """Pixels; even."""
        return int(self.planes.shape[1])

    @property
    def height(self) -> int:
        """Pixels; even."""
        return int(self.planes.shape[0]) * 2 // 3

    @property
    def size_bytes(self) -> int:
        """Memory that the picture takes."""
        return self.planes.nbytes


def make_frame(bgr: Any, at_s: float) -> Frame:
    """Convert what `cv2.VideoCapture` gave; an odd last row or column is cut off. Raises BadFrameError."""
    if not isinstance(bgr, np.ndarray) or bgr.ndim != 3 or bgr.shape[2] != 3 or bgr.dtype != np.uint8:
        raise BadFrameError(f"{type(bgr).__name__} {getattr(bgr, 'shape', '')} {getattr(bgr, 'dtype', '')}")
    height, width = bgr.shape[0] & ~1, bgr.shape[1] & ~1
    if not height or not width:
        raise BadFrameError(f"{bgr.shape[1]} x {bgr.shape[0]} pixels")
    planes = cv2.cvtColor(bgr[:height, :width], cv2.COLOR_BGR2YUV_I420)
    return Frame(at_s, np.asarray(planes, dtype=np.uint8))
