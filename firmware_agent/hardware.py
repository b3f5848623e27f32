"""The one seam to hardware: what a node may ask for.

Real drivers and the simulator's speak the same protocols, and each protocol is that of a library: pins are
a gpiozero pin factory, sound is PortAudio's stream with a callback, cameras are `cv2.VideoCapture`. Which
driver it is, is chosen once, at start, from the device's config; no node knows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from firmware_agent.clock import Clock

if TYPE_CHECKING:
    import numpy as np
    import pygame
    from numpy.typing import NDArray
    from PIL import Image


class HardwareError(Exception):
    """Hardware that does not answer; the text says in Vietnamese what to look at."""


@dataclass(frozen=True)
class Touch:
    """A finger or a mouse pressed on the screen, in pixels from the top left."""

    x: int
    y: int


class Screen(Protocol):
    """A screen with touch. Draw on `surface`, then `show()`."""

    @property
    def surface(self) -> pygame.Surface:
        """The surface to draw on; its size is the screen's."""

    def show(self) -> None:
        """Bring what was drawn to the eye."""

    def touches(self) -> list[Touch]:
        """Return the touches since the last call, oldest first."""


class Printer(Protocol):
    """A ticket printer for bitmaps."""

    def print_image(self, image: Image.Image) -> None:
        """Print `image` (mode "1") and cut; raises HardwareError, e.g. when paper is out."""


class Keypad(Protocol):
    """A number pad: keys by name, `0` … `9`, `+`, `-`, `*`, `/`, `.`, `enter`, `backspace`."""

    def keys(self) -> list[str]:
        """Return the keys pressed since the last call, oldest first; HardwareError while there is no pad.

        It may be called again and again: a pad that is plugged in again is taken up by itself.
        """

    def held(self) -> frozenset[str]:
        """Return the keys that are down now; none while there is no pad.

        A key that is held is one press in `keys`, however long: what repeats of itself is none.
        """

    def close(self) -> None:
        """Give the pad back."""


class BlockTime(Protocol):
    """When a block of sound will be heard, on the stream's own clock (seconds), as PortAudio tells it."""

    currentTime: float
    outputBufferDacTime: float


FillBlock = Callable[["NDArray[np.int16]", int, BlockTime, Any], None]
"""Called from the sound thread: fill `out` (frames × 1, int16); `status` is true after an underrun."""


class OutputStream(Protocol):
    """A running output of a sound card, as `sounddevice.OutputStream`."""

    def start(self) -> None:
        """Begin to call for blocks."""

    def close(self) -> None:
        """End the stream."""


class SoundCard(Protocol):
    """A sound card that plays mono 16-bit sound."""

    def open_output(self, rate_hz: int, block_frames: int, fill: FillBlock) -> OutputStream:
        """Open the output; raises HardwareError when there is no card."""


class InputTime(Protocol):
    """When a block was recorded, on the stream's own clock (seconds), as PortAudio tells it."""

    currentTime: float
    inputBufferAdcTime: float


TakeBlock = Callable[["NDArray[np.int16]", int, InputTime, Any], None]
"""Called from the recording's thread with each block (frames × 1, int16); `status` is true after a loss."""


class InputStream(Protocol):
    """A running input of a sound card, as `sounddevice.InputStream`."""

    def start(self) -> None:
        """Begin to hand over blocks."""

    def close(self) -> None:
        """End the stream."""


class Microphone(Protocol):
    """An input that records mono 16-bit sound."""

    def open_input(self, rate_hz: int, block_frames: int, take: TakeBlock) -> InputStream:
        """Open the input; raises HardwareError when it is not there."""


class Capture(Protocol):
    """A camera that is open, as `cv2.VideoCapture`."""

    def read(self) -> tuple[bool, Any]:
        """Wait for the next frame: (whether there was one, height × width × 3 BGR uint8)."""

    def release(self) -> None:
        """Give the camera back."""


class Hardware(Protocol):
    """All that stands behind the seam, for one node. Each part is opened when it is asked for."""

    @property
    def clock(self) -> Clock:
        """The device's clock."""

    def pins(self) -> Any:
        """Return the gpiozero pin factory that buttons and lamps are made with."""

    def screen(self, width: int, height: int) -> Screen:
        """Open the screen."""

    def printer(self) -> Printer:
        """Open the ticket printer."""

    def keypad(self) -> Keypad:
        """Return the number pad, plugged in or not."""

    def sound_card(self) -> SoundCard:
        """Return the sound card."""

    def microphone(self, name: str) -> Microphone | None:
        """Return an ear of a loudspeaker: `microphone` at the pole, `sense` at the clamps of its horn.

        None where the device has no such ear.
        """

    def camera(self, width: int, height: int, frames_per_s: float) -> Capture:
        """Open the camera; raises HardwareError when there is none."""

    def cpu_celsius(self) -> float | None:
        """Return the processor's temperature, or None where it cannot be read."""

    def close(self) -> None:
        """Let go of everything that was opened."""


HardwareDriver = Callable[[dict[str, Any], str, str, Path], Hardware]
"""What a driver's entry point is: (options, device, node, directory of the node) → Hardware.
Raises pydantic's ValidationError for wrong options."""
