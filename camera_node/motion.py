"""Tell whether something moves: the difference to a background that is learnt, with the light evened out.

The background is a running average with a short memory, so a person who sat still long leaves no ghost of
many seconds behind. A change of light changes all pixels by the same factor: the median of the factors is
taken out before pixels are compared.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from camera_node.frames import Picture
from camera_node.settings import MotionSettings

PICTURES_NEEDED = 2
"""Changed pictures in a row that make a motion: one alone is a glitch on the camera's cable."""

GAIN_LEAST, GAIN_MOST = 0.2, 5.0
"""Changes of light beyond these are no lamp: somebody covered the lens, which is a motion."""


class MotionDetector:
    """Looks at one picture after the other.

    detector = MotionDetector(MotionSettings())
    moving = detector.see(frame.luma, frame.at_s)
    """

    def __init__(self, settings: MotionSettings) -> None:
        self._settings = settings
        self._background: NDArray[np.float32] | None = None
        self._seen_at_s = 0.0
        self._changed_in_row = 0
        self.share = 0.0
        """Share of pixels that differed from the background in the last picture."""

    def see(self, luma: Picture, at_s: float) -> bool:
        """Look at the next picture (grey, taken at `at_s`); tell whether something moves in it."""
        reduced = self._reduce(luma)
        if self._background is None or self._background.shape != reduced.shape:
            self.forget()
            self._background, self._seen_at_s = reduced, at_s
            return False
        self.share = self._changed_share(reduced, self._background)
        self._learn(reduced, self._background, at_s)
        self._changed_in_row = self._changed_in_row + 1 if self.share >= self._settings.share else 0
        return self._changed_in_row >= PICTURES_NEEDED

    def forget(self) -> None:
        """Begin anew, as after a pause in which the room may have changed."""
        self._background = None
        self._changed_in_row = 0
        self.share = 0.0

    def _reduce(self, luma: Picture) -> NDArray[np.float32]:
        width = min(self._settings.reduced_width, luma.shape[1])
        height = max(1, round(luma.shape[0] * width / luma.shape[1]))
        # Averaging over areas takes most of the sensor's noise out.
        reduced = cv2.resize(luma, (width, height), interpolation=cv2.INTER_AREA)
        return reduced.astype(np.float32)

    def _changed_share(self, reduced: NDArray[np.float32], background: NDArray[np.float32]) -> float:
        # One pixel of four is enough for the median, which is the costly part.
        factors = (reduced[::2, ::2] + 1.0) / (background[::2, ::2] + 1.0)
        gain = min(max(float(np.median(factors)), GAIN_LEAST), GAIN_MOST)
        difference = cv2.absdiff(reduced, background * np.float32(gain))
        # In dim light differences shrink with everything else.
        step = self._settings.grey_step * min(1.0, gain)
        return float(np.count_nonzero(difference > step)) / difference.size

    def _learn(self, reduced: NDArray[np.float32], background: NDArray[np.float32], at_s: float) -> None:
        passed_s = max(0.0, at_s - self._seen_at_s)
        cv2.accumulateWeighted(reduced, background, 1.0 - math.exp(-passed_s / self._settings.learn_s))
        self._seen_at_s = at_s
