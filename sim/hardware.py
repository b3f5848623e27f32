"""The simulated side of the hardware seam: pins, screen, printer, sound card and camera of one node.

Each part is a whole stand-in (`sim.parts`) that speaks the protocol of the real one. The first part that a
node asks for also opens the node's control socket, through which a person's hands reach it.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field

from firmware_agent.clock import Clock
from firmware_agent.hardware import Capture, Keypad, Printer, Screen, SoundCard
from firmware_agent.settings import Settings
from sim.clock import SimClock, read_start
from sim.control import (
    Answer,
    Arrive,
    Command,
    ControlError,
    ControlServer,
    Ear,
    Hold,
    Keys,
    Leave,
    Look,
    Paper,
    Plug,
    Press,
    Sound,
    Touch,
    socket_path,
)
from sim.parts.crystal import STEADY, Crystal

if TYPE_CHECKING:
    from sim.parts.keypad import SimKeypad
    from sim.parts.microphone import SimMicrophone
    from sim.parts.pins import SimPins
    from sim.parts.printer import SimPrinter
    from sim.parts.scene import Scene
    from sim.parts.screen import SimScreen
    from sim.parts.sound import SimSoundCard
    from sim.parts.view import WatchedCapture

HEARD = "heard.wav"
"""What a loudspeaker sounded, in its node's directory."""

CLAMPS = "clamps.wav"
"""The voltage at the clamps of its horn, where a sense line listens."""

CONTROL_PATH_MAX = 24
"""Leaves room for the longest names of a device and a node in the path of a Unix socket."""


def _short(path: Path) -> Path:
    if len(str(path).encode()) > CONTROL_PATH_MAX:
        raise ValueError(f"a path of at most {CONTROL_PATH_MAX} bytes, since sockets stand in it")
    return path


class SimOptions(Settings):
    """What `[hardware.options]` may say for a simulated device."""

    run: Path
    """The run's directory, which says when time began."""
    control: Annotated[Path, AfterValidator(_short)]
    """Where the nodes' control sockets stand."""
    seed: int = Field(default=0, ge=0)
    """Bounces, noise and people differ with it."""
    clock_ahead_s: float = Field(default=0.0, ge=-1e9, le=1e9)
    clock_synced: bool = True
    sound_skew_ppm: float = Field(default=0.0, ge=-300, le=300)
    """How much longer than it should a frame of the sound card takes: its crystal's error."""
    sound_latency_ms: float = Field(default=STEADY.latency_ms, ge=5, le=2_000)
    sound_jitter_ms: float = Field(default=0.0, ge=0, le=100)
    """The card is off by at most this in what it says of the time of a block."""
    sound_late_ms: float = Field(default=0.0, ge=0, le=1_000)
    """One call in a hundred comes late, by this on average."""

    microphone_m: float = Field(default=0.0, ge=0, le=1_000)
    """How far from its horn a loudspeaker's own microphone hangs; 0: it has none."""
    microphone_hears: dict[str, float] = Field(default={}, max_length=16)
    """Devices whose loudspeakers that microphone hears, too, and how far away each is, in metres."""
    microphone_wind: float = Field(default=0.0, ge=0, le=1)
    """How loud the wind blows into it, in full scale."""
    sense: bool = False
    """Whether it listens to the voltage at its horn."""
    sound_plugged: bool = True
    """Whether the sound card is there at the start."""

    def crystal(self) -> Crystal:
        """Return how the sound card runs."""
        return Crystal(
            self.sound_skew_ppm, self.sound_latency_ms, self.sound_jitter_ms, self.sound_late_ms, clock_ms=0.0
        )


class SimHardware:
    """The hardware of one simulated node. Nothing is opened before it is asked for."""

    def __init__(self, options: dict[str, Any], device: str, node: str, directory: Path) -> None:
        self._options = SimOptions.model_validate(options)
        self._directory = directory
        self._names = (device, node)
        self._seed = zlib.crc32(f"{self._options.seed}/{device}/{node}".encode())
        self._clock = SimClock(self._options.clock_ahead_s, self._options.clock_synced)
        self._closing = contextlib.ExitStack()
        self._control: ControlServer | None = None
        self._pins: SimPins | None = None
        self._screen: SimScreen | None = None
        self._printer: SimPrinter | None = None
        self._keypad: SimKeypad | None = None
        self._card: SimSoundCard | None = None
        self._ears: dict[str, SimMicrophone] = {}
        self._scene: Scene | None = None
        self._capture: WatchedCapture | None = None

    @property
    def clock(self) -> Clock:
        """The device's clock, right or wrong as its options say."""
        return self._clock

    def pins(self) -> Any:
        """Return a pin factory whose buttons bounce like real ones."""
        if self._pins is None:
            from sim.parts.pins import SimPins

            self._pins = SimPins(self._seed)
            self._closing.callback(self._pins.close)
            self._listen()
        return self._pins.factory

    def screen(self, width: int, height: int) -> Screen:
        """Open a screen whose pictures go to `frames/`."""
        from sim.parts.screen import SimScreen

        since_ms = read_start(self._options.run).now_ms
        self._screen = SimScreen(width, height, self._directory / "frames", since_ms)
        self._listen()
        return self._screen

    def printer(self) -> Printer:
        """Return a printer whose tickets go to `printed/`."""
        if self._printer is None:
            from sim.parts.printer import SimPrinter

            self._printer = SimPrinter(self._directory / "printed")
            self._listen()
        return self._printer

    def keypad(self) -> Keypad:
        """Return a number pad that a person's hands press."""
        if self._keypad is None:
            from sim.parts.keypad import SimKeypad

            self._keypad = SimKeypad()
            self._listen()
        return self._keypad

    def sound_card(self) -> SoundCard:
        """Return a sound card that writes down all that it sounds, in `heard.wav`."""
        if self._card is None:
            from sim.parts.sound import SimSoundCard

            since_s = read_start(self._options.run).now_s
            crystal = self._options.crystal()
            clamps = self._directory / CLAMPS if self._options.sense else None
            self._card = SimSoundCard(self._directory / HEARD, since_s, crystal, self._seed, clamps)
            self._card.unplugged = not self._options.sound_plugged
            self._listen()
        return self._card

    def microphone(self, name: str) -> SimMicrophone | None:
        """Return an ear at this loudspeaker, if the options put one there.

        The microphone hears the air, the sense line what the amplifier puts out.
        """
        from sim.parts.microphone import Loudspeaker, SimMicrophone

        distance_m = {"microphone": self._options.microphone_m, "sense": 1.0 if self._options.sense else 0.0}
        if not distance_m[name]:
            return None
        if name not in self._ears:
            loudspeakers = [Loudspeaker(self._directory / CLAMPS, 1.0)]
            wind = 0.0
            if name == "microphone":
                audible = {self._names[0]: distance_m[name], **self._options.microphone_hears}
                loudspeakers = [Loudspeaker(self._heard_of(device), far) for device, far in audible.items()]
                wind = self._options.microphone_wind
            since_s = read_start(self._options.run).now_s
            self._ears[name] = SimMicrophone(loudspeakers, since_s, wind, self._seed)
            self._listen()
        return self._ears[name]

    def _heard_of(self, device: str) -> Path:
        """Where the same node of another device writes what it sounded: devices stand side by side."""
        return self._directory.parent.parent / device / self._directory.name / HEARD

    def camera(self, width: int, height: int, frames_per_s: float) -> Capture:
        """Open a camera in front of a counter at which people come and go."""
        from sim.parts.scene import Scene, SimCapture
        from sim.parts.view import WatchedCapture

        if self._scene is None:
            self._scene = Scene(self._seed)
        self._capture = WatchedCapture(SimCapture(self._scene, width, height, frames_per_s))
        self._listen()
        return self._capture

    def cpu_celsius(self) -> float | None:
        """Return a warm processor's temperature, a little different on each device."""
        return 45.0 + self._seed % 100 / 10

    def close(self) -> None:
        """Let go of everything that was opened."""
        if self._control is not None:
            self._control.close()
            self._control = None
        self._closing.close()

    def _listen(self) -> None:
        if self._control is None:
            self._control = ControlServer(socket_path(self._options.control, *self._names), self._do)

    def _do(self, command: Command) -> Answer:
        acts: dict[type, Callable[[Any], Answer | None]] = {
            Press: lambda press: _part(self._pins, "nút (buttons)").press(press.pin, press.hold_s),
            Touch: lambda touch: _part(self._screen, "màn hình (screen)").touch(touch.x, touch.y),
            Arrive: lambda _: _part(self._scene, "máy ảnh (camera)").arrive(),
            Leave: lambda _: _part(self._scene, "máy ảnh (camera)").leave(),
            Paper: lambda paper: setattr(_part(self._printer, "máy in (printer)"), "paper_out", paper.out),
            Keys: lambda keys: _part(self._keypad, "bàn phím số (number pad)").press(keys.names),
            Hold: self._hold,
            Plug: lambda plug: _part(self._keypad, "bàn phím số (number pad)").plug(plug.plugged),
            Sound: self._sound,
            Ear: self._ear,
            Look: self._look,
        }
        return acts[type(command)](command) or Answer(ok=True)

    def _hold(self, hold: Hold) -> None:
        pad: SimKeypad = _part(self._keypad, "bàn phím số (number pad)")
        (pad.hold if hold.down else pad.free)(hold.name)

    def _sound(self, sound: Sound) -> None:
        card: SimSoundCard = _part(self._card, "card âm thanh (sound card)")
        if sound.plugged is not None:
            card.unplugged = not sound.plugged
        if sound.gain is not None:
            card.gain = sound.gain
        if sound.horn is not None:
            card.horn = sound.horn
        card.lose(sound.lose_s)

    def _ear(self, ear: Ear) -> None:
        microphone: SimMicrophone = _part(self._ears.get(ear.name), "micrô (microphone)")
        if ear.deaf is not None:
            microphone.deaf = ear.deaf
        if ear.gain is not None:
            microphone.gain = ear.gain

    def _look(self, look: Look) -> Answer:
        lamps = {pin: self._pins.lamp(pin) for pin in look.pins} if self._pins is not None else {}
        return Answer(ok=True, lamps=lamps, frame=self._frame())

    def _frame(self) -> str | None:
        if self._capture is not None:
            return self._capture.save(self._directory / "view.jpg")
        frames = sorted((self._directory / "frames").glob("*.png"))
        return str(frames[-1]) if frames else None


def _part(part: Any, name: str) -> Any:
    if part is None:
        raise ControlError(f"thiết bị này không có (this node has no) {name}")
    return part
