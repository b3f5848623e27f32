"""The Raspberry Pi behind the hardware seam: lgpio pins, SDL screen, PortAudio, cv2.VideoCapture, ESC/POS."""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from firmware_agent.clock import Clock, SystemClock
from firmware_agent.hardware import (
    Capture,
    FillBlock,
    HardwareError,
    InputStream,
    Keypad,
    Microphone,
    OutputStream,
    Printer,
    Screen,
    SoundCard,
    TakeBlock,
    Touch,
)
from firmware_agent.pi.escpos_printer import PLACE, EscPosPrinter
from firmware_agent.pi.evdev_keypad import EvdevKeypad
from firmware_agent.settings import Settings

if TYPE_CHECKING:
    import pygame


class PiOptions(Settings):
    """What `[hardware.options]` may say on a Pi."""

    printer: str = Field(default="/dev/usb/lp0", pattern=PLACE)
    """A device file, `usb:VENDOR:PRODUCT` or `tcp:HOST[:PORT]` (escpos_printer)."""
    camera: int | str = 0
    sound_card: str | None = None
    """Part of the PortAudio device's name; None for the system's default."""
    microphone: str | None = None
    """Part of the name of the PortAudio input that listens at a loudspeaker's pole; None: there is none."""
    sense: str | None = None
    """The same of the input that the voltage at the loudspeaker's clamps is led to."""
    keypad: str = Field(default="", max_length=80)
    """Part of the number pad's name, or its vendor:product as `lsusb` shows it; empty: any number pad."""


FINGERS_AS_THEY_ARE = {"SDL_TOUCH_MOUSE_EVENTS": "0", "SDL_MOUSE_TOUCH_EVENTS": "0"}
"""SDL makes a mouse of the first finger only: while that one rests, no other would be heard. Read when the
display starts."""


class PygameScreen:
    """A full screen through SDL (kmsdrm on a Pi without desktop)."""

    def __init__(self, width: int, height: int) -> None:
        import pygame

        self._pygame = pygame
        os.environ.update(FINGERS_AS_THEY_ARE)
        pygame.display.init()
        try:
            self._surface = pygame.display.set_mode((width, height))
        except pygame.error as error:
            raise HardwareError(f"không mở được màn hình (cannot open the screen): {error}") from None
        pygame.mouse.set_visible(False)
        pygame.event.clear()  # what was touched before there was a picture meant nothing

    @property
    def surface(self) -> pygame.Surface:
        """The surface to draw on."""
        return self._surface

    def show(self) -> None:
        """Bring what was drawn to the eye."""
        self._pygame.display.flip()

    def touches(self) -> list[Touch]:
        """Return the touches since the last call, of each finger, and of a mouse's left button."""
        return [touch for event in self._pygame.event.get() if (touch := self._touch_of(event)) is not None]

    def _touch_of(self, event: pygame.event.Event) -> Touch | None:
        """Return what an event touched. A press that SDL made of a finger is not told beside the finger."""
        if event.type == self._pygame.FINGERDOWN:  # from 0 to 1 across the screen, the far edge included
            width, height = self._surface.get_size()
            return Touch(min(int(event.x * width), width - 1), min(int(event.y * height), height - 1))
        if event.type == self._pygame.MOUSEBUTTONDOWN and event.button == 1 and not event.touch:
            return Touch(*event.pos)
        return None


class PortAudioCard:
    """A sound card through PortAudio."""

    def __init__(self, name: str | None) -> None:
        self._name = name

    def open_output(self, rate_hz: int, block_frames: int, fill: FillBlock) -> OutputStream:
        """Open a mono 16-bit output."""
        try:
            import sounddevice
        except OSError as error:
            raise HardwareError(f"thiếu thư viện PortAudio (PortAudio is not installed): {error}") from None
        try:
            stream = sounddevice.OutputStream(
                samplerate=rate_hz,
                blocksize=block_frames,
                device=self._name,
                channels=1,
                dtype="int16",
                callback=fill,
            )
        except (sounddevice.PortAudioError, ValueError) as error:
            _look_for_cards_again()
            raise HardwareError(
                f"không mở được card âm thanh (cannot open the sound card): {error}"
            ) from None
        return PortAudioStream(stream)


class PortAudioMicrophone:
    """An input through PortAudio."""

    def __init__(self, name: str) -> None:
        self._name = name

    def open_input(self, rate_hz: int, block_frames: int, take: TakeBlock) -> InputStream:
        """Open a mono 16-bit input."""
        try:
            import sounddevice
        except OSError as error:
            raise HardwareError(f"thiếu thư viện PortAudio (PortAudio is not installed): {error}") from None
        try:
            stream = sounddevice.InputStream(
                samplerate=rate_hz,
                blocksize=block_frames,
                device=self._name,
                channels=1,
                dtype="int16",
                callback=take,
            )
        except (sounddevice.PortAudioError, ValueError) as error:
            if not _streams:
                _look_for_cards_again()
            raise HardwareError(f"không mở được micrô (cannot open the microphone): {error}") from None
        return PortAudioStream(stream)


class PortAudioStream:
    """A stream of PortAudio whose errors are HardwareError, like all of this seam."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._closing = threading.Lock()
        _streams.add(self)

    def start(self) -> None:
        """Begin to call for blocks; raises HardwareError."""
        import sounddevice

        try:
            self._stream.start()
        except sounddevice.PortAudioError as error:
            raise HardwareError(f"card âm thanh không chạy (the sound card does not run): {error}") from None

    def close(self) -> None:
        """End the stream, and drop what was not heard yet. From any thread, and again."""
        with self._closing:
            if self in _streams:
                _streams.discard(self)
                self._stream.close()


_streams: weakref.WeakSet[PortAudioStream] = weakref.WeakSet()
"""What is open of PortAudio, which is one for the whole process."""


def _look_for_cards_again() -> None:
    """Have PortAudio list the cards anew: it does so only when it starts, and one may be plugged in later.

    It forgets every stream of the process, so a microphone that was opened for the card that is not there is
    closed before that: closing it afterwards would reach into memory that is no longer its own.
    """
    import sounddevice

    for stream in list(_streams):
        stream.close()
    with contextlib.suppress(sounddevice.PortAudioError):
        sounddevice._terminate()
        sounddevice._initialize()


class PiHardware:
    """The hardware of a Raspberry Pi. Nothing is opened before it is asked for."""

    def __init__(self, options: dict[str, Any], _device: str, _node: str, _directory: Path) -> None:
        self._options = PiOptions.model_validate(options)
        self._clock = SystemClock()
        self._factory: Any = None

    @property
    def clock(self) -> Clock:
        """The kernel's clocks."""
        return self._clock

    def pins(self) -> Any:
        """Return gpiozero's lgpio factory."""
        if self._factory is None:
            from gpiozero.pins.lgpio import LGPIOFactory

            self._factory = LGPIOFactory()
        return self._factory

    def screen(self, width: int, height: int) -> Screen:
        """Open the screen through SDL."""
        return PygameScreen(width, height)

    def printer(self) -> Printer:
        """Return the thermal printer."""
        return EscPosPrinter(self._options.printer)

    def keypad(self) -> Keypad:
        """Return the USB number pad."""
        return EvdevKeypad(self._options.keypad)

    def sound_card(self) -> SoundCard:
        """Return the card that PortAudio knows."""
        return PortAudioCard(self._options.sound_card)

    def microphone(self, name: str) -> Microphone | None:
        """Return an ear that PortAudio knows, if the options name one."""
        device = {"microphone": self._options.microphone, "sense": self._options.sense}[name]
        return PortAudioMicrophone(device) if device else None

    def camera(self, width: int, height: int, frames_per_s: float) -> Capture:
        """Open the camera through OpenCV."""
        import cv2

        capture = cv2.VideoCapture(self._options.camera)
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        capture.set(cv2.CAP_PROP_FPS, frames_per_s)
        if not capture.isOpened():
            raise HardwareError(f"không thấy máy ảnh (no camera): {self._options.camera}")
        return capture

    def cpu_celsius(self) -> float | None:
        """Read the first thermal zone (millidegrees in sysfs)."""
        try:
            text = Path("/sys/class/thermal/thermal_zone0/temp").read_text(encoding="ascii")
            return int(text) / 1000
        except (OSError, ValueError):
            return None

    def close(self) -> None:
        """Give the pins back."""
        if self._factory is not None:
            self._factory.close()
