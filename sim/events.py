"""The events of a scenario: what people, weather and bad luck do to a commune, and when."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from firmware_agent.settings import Settings
from sim.flow import MOBILE, Quality
from sim.network import CutMode
from sim.parts.keypad import NAMES as KEYS_OF_PAD
from wire.facts import ORDINARY

LONGEST_S = 3_600.0

Second = Annotated[float, Field(ge=0, le=LONGEST_S)]
ShortText = Annotated[str, Field(min_length=1, max_length=200)]
Names = Annotated[list[str], Field(max_length=200)]


def _on_a_pad(name: str) -> str:
    if name not in KEYS_OF_PAD:
        raise ValueError(f"phím của bàn phím số (a key of a number pad): {' '.join(sorted(KEYS_OF_PAD))}")
    return name


Key = Annotated[str, AfterValidator(_on_a_pad)]
"""A key of a number pad, as it is called there."""


class Event(Settings):
    """What all events have in common."""

    at: Second | tuple[Second, Second]
    """Seconds since the opening, or from when to when."""
    count: int = Field(default=1, ge=1, le=1_000)
    """How many times, spread over the time from … to."""

    @property
    def span(self) -> tuple[float, float]:
        """From when to when it happens."""
        return self.at if isinstance(self.at, tuple) else (self.at, self.at)

    @model_validator(mode="after")
    def _ordered(self) -> Event:
        first, last = self.span
        if last < first:
            raise ValueError("at = [from, to] needs from <= to")
        return self


class DeviceEvent(Event):
    """What happens at devices; where none is named, at every one that has the node for it."""

    devices: Names = Field(default=[])


class PressEvent(DeviceEvent):
    """Citizens press rating buttons, in turn at `devices` (all that can, when none is named)."""

    do: Literal["press"]
    level: int | None = Field(default=None, ge=1, le=5)
    """None: by chance, most are content."""


class TicketEvent(DeviceEvent):
    """Citizens take tickets."""

    do: Literal["ticket"]
    field: str | None = None
    """None: by chance."""
    lane: str = ORDINARY
    """Id of the priority class that they choose."""


class CallEvent(Event):
    """Officers call the next number, in turn at `counters` (all, when none is named)."""

    do: Literal["call"]
    counters: Names = Field(default=[])


class EndEvent(Event):
    """Officers end the visit."""

    do: Literal["end"]
    counters: Names = Field(default=[])


class HandleEvent(Event):
    """Officers do something else with a visit: call out again, put aside, let come back, transfer."""

    do: Literal["recall", "missed", "park", "return", "transfer"]
    counters: Names = Field(default=[])
    reason: str = Field(default="", max_length=120)
    to_field: str | None = None
    to_counter: str | None = None

    @model_validator(mode="after")
    def _transfer_leads_somewhere(self) -> HandleEvent:
        leads = self.to_field is not None or self.to_counter is not None
        if leads != (self.do == "transfer"):
            raise ValueError("to_field, to_counter: for a transfer, and only for it")
        return self


class KeysEvent(DeviceEvent):
    """Officers press keys of number pads: `0` … `9`, `+`, `-`, `*`, `/`, `.`, `enter`, `backspace`."""

    do: Literal["keys"]
    names: Annotated[list[Key], Field(min_length=1, max_length=20)]


class HoldEvent(DeviceEvent):
    """Something comes to lie on a key of number pads, and stays until it is lifted off (`down = false`)."""

    do: Literal["hold"]
    name: Key
    down: bool = True


class BulletinEvent(Event):
    """Staff write a bulletin and a leader approves it."""

    do: Literal["bulletin"]
    title: ShortText
    text: str = Field(min_length=1, max_length=8_000)
    places: Names = Field(default=[])
    """Hamlets or devices; all loudspeakers when none is named."""
    sounds_at: Second | None = None
    """When it sounds; None: as soon as it is approved."""
    emergency: bool = False


class CutEvent(Event):
    """The lines of devices break."""

    do: Literal["cut"]
    places: Names
    mode: CutMode = "reset"


class SlowEvent(Event):
    """The lines of devices become slow, each way; as a hamlet's mobile link, where nothing is said."""

    do: Literal["slow"]
    places: Names
    latency_ms: int = Field(default=int(MOBILE.latency_s * 1_000), ge=0, le=10_000)
    jitter_ms: int = Field(default=int(MOBILE.jitter_s * 1_000), ge=0, le=10_000)
    bytes_per_s: int | None = Field(default=16_000, ge=500, le=100_000_000)

    @property
    def quality(self) -> Quality:
        """How the lines carry from then on."""
        return Quality(self.latency_ms / 1_000, self.jitter_ms / 1_000, self.bytes_per_s)


class MendEvent(Event):
    """The lines of devices are whole again, and fast."""

    do: Literal["mend"]
    places: Names


class KillEvent(Event):
    """The power of `hub` or of a device goes; `device/node` ends only that node's process."""

    do: Literal["kill"]
    who: str


class StartEvent(Event):
    """The power of `hub` or of a device comes back."""

    do: Literal["start"]
    who: str


class ArriveEvent(DeviceEvent):
    """People come to the counters that cameras watch."""

    do: Literal["arrive"]


class LeaveEvent(DeviceEvent):
    """People go away from the counters that cameras watch."""

    do: Literal["leave"]


class PaperEvent(DeviceEvent):
    """A kiosk's paper runs out or is put in."""

    do: Literal["paper"]
    out: bool


class SoundEvent(DeviceEvent):
    """Something befalls the sound cards or amplifiers of loudspeakers; what is not named stays as it is."""

    do: Literal["sound"]
    plugged: bool | None = None
    gain: float | None = Field(default=None, ge=0, le=100)
    """1: as it should be; 0: the amplifier is dead; more: it is turned up, and clips."""
    horn: bool | None = None
    """False: the horn is cut off its wire, or stolen."""
    lose_s: float = Field(default=0.0, ge=0, le=10)
    """The card underruns once, for so long."""


class EarEvent(DeviceEvent):
    """Something befalls what loudspeakers hear themselves with; what is not named stays as it is."""

    do: Literal["ear"]
    name: Literal["microphone", "sense"] = "microphone"
    deaf: bool | None = None
    """True: its wire breaks."""
    gain: float | None = Field(default=None, ge=0, le=1_000)
    """How loud it is set: 1 is right, with much more it clips."""


AnyEvent = Annotated[
    PressEvent
    | TicketEvent
    | CallEvent
    | EndEvent
    | HandleEvent
    | KeysEvent
    | HoldEvent
    | BulletinEvent
    | CutEvent
    | SlowEvent
    | MendEvent
    | KillEvent
    | StartEvent
    | ArriveEvent
    | LeaveEvent
    | PaperEvent
    | SoundEvent
    | EarEvent,
    Field(discriminator="do"),
]

NODE_FOR: dict[type[Event], str] = {
    PressEvent: "rating",
    TicketEvent: "ticket",
    ArriveEvent: "camera",
    LeaveEvent: "camera",
    PaperEvent: "ticket",
    KeysEvent: "keys",
    HoldEvent: "keys",
    SoundEvent: "speaker",
    EarEvent: "speaker",
}
"""Which node a device must have for an event to happen at it."""
