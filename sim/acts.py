"""What people, weather and bad luck do to a commune, each at a second since the opening."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sim.flow import Quality
from sim.network import CutMode
from wire.facts import ORDINARY


@dataclass(frozen=True, kw_only=True)
class Act:
    """Something that happens once."""

    at_s: float
    """Seconds since the opening."""

    @property
    def actor(self) -> str:
        """Who does it: acts of one actor happen one after the other, those of different ones side by side."""
        return "office"


@dataclass(frozen=True, kw_only=True)
class Press(Act):
    """A citizen presses a rating button; level 1 is the best."""

    device: str
    level: int

    @property
    def actor(self) -> str:
        """The citizen in front of that device."""
        return self.device


@dataclass(frozen=True, kw_only=True)
class Take(Act):
    """A citizen takes a ticket for a field of work."""

    device: str
    field: str
    lane: str = ORDINARY
    """Id of the priority class that the citizen chooses, where the kiosk asks."""
    reads_s: float = 0.8
    """How long the number is read before it is tapped away; the kiosk lets it stand for 0.6 s at least."""

    @property
    def actor(self) -> str:
        """The citizen in front of that kiosk."""
        return self.device


@dataclass(frozen=True, kw_only=True)
class Call(Act):
    """The officer at a counter calls the next number."""

    counter: str

    @property
    def actor(self) -> str:
        """The officer."""
        return self.counter


@dataclass(frozen=True, kw_only=True)
class End(Act):
    """The officer at a counter ends the visit."""

    counter: str

    @property
    def actor(self) -> str:
        """The officer."""
        return self.counter


@dataclass(frozen=True, kw_only=True)
class Handle(Act):
    """The officer at a counter does something else with a visit; "return": with who was put aside first."""

    counter: str
    doing: Literal["recall", "missed", "park", "return", "transfer"]
    reason: str = ""
    to_field: str | None = None
    to_counter: str | None = None

    @property
    def actor(self) -> str:
        """The officer."""
        return self.counter


@dataclass(frozen=True, kw_only=True)
class Keys(Act):
    """The officer at a counter presses keys of its number pad, one after the other."""

    device: str
    names: tuple[str, ...]

    @property
    def actor(self) -> str:
        """The officer's hand."""
        return self.device


@dataclass(frozen=True, kw_only=True)
class Hold(Act):
    """Something comes to lie on a key of a number pad, or is lifted off it."""

    device: str
    name: str
    down: bool

    @property
    def actor(self) -> str:
        """Luck."""
        return "luck"


@dataclass(frozen=True, kw_only=True)
class Announce(Act):
    """Staff write a bulletin, and another person approves it."""

    title: str
    text: str
    places: tuple[str, ...]
    """Hamlets or devices."""
    sounds_at_s: float | None
    """Seconds since the opening; None: as soon as it is approved."""
    emergency: bool = False


@dataclass(frozen=True, kw_only=True)
class Cut(Act):
    """The lines of a device break."""

    device: str
    mode: CutMode

    @property
    def actor(self) -> str:
        """Luck."""
        return "luck"


@dataclass(frozen=True, kw_only=True)
class Slow(Act):
    """The lines of a device carry badly."""

    device: str
    quality: Quality

    @property
    def actor(self) -> str:
        """Luck."""
        return "luck"


@dataclass(frozen=True, kw_only=True)
class Mend(Act):
    """The lines of a device are whole again, and fast."""

    device: str

    @property
    def actor(self) -> str:
        """Luck."""
        return "luck"


@dataclass(frozen=True, kw_only=True)
class Kill(Act):
    """The power of `hub` or of a device goes; `quay-1-pi/camera` ends only that node's process."""

    who: str

    @property
    def actor(self) -> str:
        """Luck."""
        return "luck"


@dataclass(frozen=True, kw_only=True)
class Start(Act):
    """The power of the hub or a device comes back."""

    who: str

    @property
    def actor(self) -> str:
        """Luck."""
        return "luck"


@dataclass(frozen=True, kw_only=True)
class Arrive(Act):
    """A person comes to the counter that a camera watches."""

    device: str

    @property
    def actor(self) -> str:
        """The visitor."""
        return f"{self.device} visitor"


@dataclass(frozen=True, kw_only=True)
class Leave(Act):
    """A person goes away from the counter that a camera watches."""

    device: str

    @property
    def actor(self) -> str:
        """The visitor."""
        return f"{self.device} visitor"


@dataclass(frozen=True, kw_only=True)
class Sound(Act):
    """Something befalls a loudspeaker's sound card, amplifier or horn; None: that stays as it is."""

    device: str
    plugged: bool | None = None
    gain: float | None = None
    lose_s: float = 0.0
    horn: bool | None = None

    @property
    def actor(self) -> str:
        """Luck."""
        return "luck"


@dataclass(frozen=True, kw_only=True)
class Ear(Act):
    """Something befalls what a loudspeaker hears itself with; None: that stays as it is."""

    device: str
    name: Literal["microphone", "sense"] = "microphone"
    deaf: bool | None = None
    gain: float | None = None

    @property
    def actor(self) -> str:
        """Luck."""
        return "luck"


@dataclass(frozen=True, kw_only=True)
class Paper(Act):
    """The printer's paper runs out, or is put in."""

    device: str
    out: bool

    @property
    def actor(self) -> str:
        """Luck."""
        return "luck"
