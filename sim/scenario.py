"""A scenario: the plan of a commune, its devices, what happens to it, and what must hold at the end.

A TOML file, checked whole: every mistake is named at once. `sim.expand` makes acts of its events.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from firmware_agent.config import NameText
from firmware_agent.settings import Settings, SettingsError, check_settings, read_toml
from provisioning.plan import HALL, Plan
from sim.flow import MOBILE, Quality
from sim.network import CutMode
from wire.names import HUB
from wire.scales import DEFAULT_SCALE, SCALES

LONGEST_S = 3_600.0
ACTS_MAX = 5_000

ExpectationName = Literal[
    "presses", "tickets", "calls", "bulletins", "silence", "clips", "streams", "outboxes", "processes"
]
EXPECTATIONS: tuple[ExpectationName, ...] = (
    "presses", "tickets", "calls", "bulletins", "silence", "clips", "streams", "outboxes", "processes"
)  # fmt: skip

NodeKind = Literal["rating", "ticket", "display", "camera", "speaker", "keys"]

Second = Annotated[float, Field(ge=0, le=LONGEST_S)]
ShortText = Annotated[str, Field(min_length=1, max_length=200)]
Names = Annotated[list[str], Field(max_length=200)]


class CommunePlan(Plan):
    """What the commune consists of, as the hub is told."""

    commune: NameText
    office: ShortText


class Device(Settings):
    """A device, where it stands, and its nodes."""

    name: NameText
    place: NameText
    """Id of a counter or a hamlet, or `hall`."""
    nodes: Annotated[list[NodeKind], Field(min_length=1)]
    series: str | None = Field(default=None, pattern=r"^[A-Z]$")
    """Letter of a ticket kiosk's numbers."""
    lease_s: int | None = Field(default=None, ge=2, le=3_600)
    settings: dict[str, dict[str, Any]] = Field(default={})
    """Each node's own settings; the device checks them at its start."""


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


class PressEvent(Event):
    """Citizens press rating buttons, in turn at `devices` (all that can, when none is named)."""

    do: Literal["press"]
    devices: Names = Field(default=[])
    level: int | None = Field(default=None, ge=1, le=5)
    """None: by chance, most are content."""


class TicketEvent(Event):
    """Citizens take tickets."""

    do: Literal["ticket"]
    devices: Names = Field(default=[])
    field: str | None = None
    """None: by chance."""


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


class KeysEvent(Event):
    """Officers press keys of number pads: `0` … `9`, `+`, `-`, `*`, `/`, `.`, `enter`, `backspace`."""

    do: Literal["keys"]
    devices: Names = Field(default=[])
    names: Annotated[list[str], Field(min_length=1, max_length=20)]


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


class ArriveEvent(Event):
    """People come to the counters that cameras watch."""

    do: Literal["arrive"]
    devices: Names = Field(default=[])


class LeaveEvent(Event):
    """People go away from the counters that cameras watch."""

    do: Literal["leave"]
    devices: Names = Field(default=[])


class PaperEvent(Event):
    """A kiosk's paper runs out or is put in."""

    do: Literal["paper"]
    devices: Names = Field(default=[])
    out: bool


AnyEvent = Annotated[
    PressEvent
    | TicketEvent
    | CallEvent
    | EndEvent
    | HandleEvent
    | KeysEvent
    | BulletinEvent
    | CutEvent
    | SlowEvent
    | MendEvent
    | KillEvent
    | StartEvent
    | ArriveEvent
    | LeaveEvent
    | PaperEvent,
    Field(discriminator="do"),
]

NODE_FOR: dict[type[Event], str] = {
    PressEvent: "rating",
    TicketEvent: "ticket",
    ArriveEvent: "camera",
    LeaveEvent: "camera",
    PaperEvent: "ticket",
    KeysEvent: "keys",
}
"""Which node a device must have for an event to happen at it."""


class Scenario(Settings):
    """A day, or a bad minute, of a commune."""

    title: ShortText
    lasts_s: float = Field(gt=0, le=LONGEST_S)
    """Seconds from the opening to the closing."""
    plan: CommunePlan
    devices: Annotated[list[Device], Field(min_length=1, max_length=200)]
    events: Annotated[list[AnyEvent], Field(max_length=500)]
    expect: list[ExpectationName] = Field(default=list(EXPECTATIONS))

    def with_node(self, kind: str) -> list[str]:
        """Return the devices that have a node of this kind."""
        return [device.name for device in self.devices if kind in device.nodes]

    def device(self, name: str) -> Device:
        """Return the device called `name`; raises KeyError."""
        for device in self.devices:
            if device.name == name:
                return device
        raise KeyError(name)

    def levels(self, device: str) -> int:
        """Return how many levels the scale has that a device asks on."""
        return SCALES[self.scale(device)].levels

    def scale(self, device: str) -> str:
        """Return the id of the scale that a device asks on; a wrong one is for the device itself to find."""
        scale = self.device(device).settings.get("rating", {}).get("scale", DEFAULT_SCALE)
        return scale if scale in SCALES else DEFAULT_SCALE

    def at_places(self, places: Iterable[str]) -> list[str]:
        """Return the devices at these hamlets, counters or `hall`, or so called; `all` means every one."""
        wanted = set(places)
        return [each.name for each in self.devices if wanted & {each.name, each.place, "all"}]

    def speakers_at(self, places: Iterable[str]) -> list[str]:
        """Return the loudspeakers at these places; every one where no place is named."""
        speakers = self.with_node("speaker")
        chosen = set(self.at_places(places)) if places else set(speakers)
        return [name for name in speakers if name in chosen]


def load_scenario(path: Path) -> Scenario:
    """Read and check a scenario; raises SettingsError that names every mistake."""
    return check_scenario(read_toml(path), str(path))


def check_scenario(values: dict[str, Any], source: str) -> Scenario:
    """Check a scenario's values; raises SettingsError that names every mistake."""
    scenario = check_settings(values, Scenario, source)
    mistakes = [*_device_mistakes(scenario), *_event_mistakes(scenario)]
    if mistakes:
        raise SettingsError(source, mistakes)
    return scenario


def shipped_scenarios() -> dict[str, Path]:
    """Return the scenarios that come with the simulator, by name."""
    folder = Path(str(resources.files("sim") / "scenarios"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def _device_mistakes(scenario: Scenario) -> Iterator[str]:
    places = {
        HALL,
        *(each.id for each in scenario.plan.counters),
        *(each.id for each in scenario.plan.hamlets),
    }
    names = [device.name for device in scenario.devices]
    for index, device in enumerate(scenario.devices):
        key = f"devices.{index}"
        if names.index(device.name) != index or device.name == HUB:
            yield f"{key}.name: tên {device.name!r} đã dùng (this name is taken)"
        if device.place not in places:
            yield _unknown(f"{key}.place", device.place, places)
        if "ticket" in device.nodes and device.series is None:
            yield f"{key}.series: thiếu (missing); máy lấy số cần một chữ cái (a kiosk needs a letter)"
        if len(set(device.nodes)) != len(device.nodes):
            yield f"{key}.nodes: tìm thấy (found) {device.nodes}; mỗi loại một lần (each kind once)"
        for node in set(device.settings) - set(device.nodes):
            yield _unknown(f"{key}.settings", node, device.nodes)


def _event_mistakes(scenario: Scenario) -> Iterator[str]:
    if sum(event.count for event in scenario.events) > ACTS_MAX:
        yield f"events: hơn {ACTS_MAX} việc (more acts than allowed)"
    for index, event in enumerate(scenario.events):
        key = f"events.{index}"
        if event.span[1] > scenario.lasts_s:
            yield f"{key}.at: tìm thấy (found) {event.at}; cho phép (allowed): tối đa {scenario.lasts_s}"
        yield from _who_mistakes(scenario, event, key)
        if isinstance(event, TicketEvent) and event.field is not None:
            yield from _not_among([event.field], [each.id for each in scenario.plan.fields], f"{key}.field")
        if isinstance(event, BulletinEvent):
            yield from _bulletin_mistakes(scenario, event, key)


def _who_mistakes(scenario: Scenario, event: Event, key: str) -> Iterator[str]:
    names = [device.name for device in scenario.devices]
    nodes = [f"{device.name}/{node}" for device in scenario.devices for node in device.nodes]
    places = {each.place for each in scenario.devices}
    match event:
        case PressEvent() | TicketEvent() | ArriveEvent() | LeaveEvent() | PaperEvent() | KeysEvent():
            able = scenario.with_node(NODE_FOR[type(event)])
            yield from _not_among(event.devices, able, f"{key}.devices")
            if not able:
                yield f"{key}.do: không thiết bị nào làm được (no device can do this)"
        case CallEvent() | EndEvent() | HandleEvent():
            counters = [each.id for each in scenario.plan.counters]
            yield from _not_among(event.counters, counters, f"{key}.counters")
            if isinstance(event, HandleEvent):
                fields = [each.id for each in scenario.plan.fields]
                yield from _not_among(filter(None, [event.to_counter]), counters, f"{key}.to_counter")
                yield from _not_among(filter(None, [event.to_field]), fields, f"{key}.to_field")
        case CutEvent() | SlowEvent() | MendEvent():
            yield from _not_among(event.places, [*names, *places, "all"], f"{key}.places")
        case KillEvent():
            yield from _not_among([event.who], [HUB, *names, *nodes], f"{key}.who")
        case StartEvent():
            yield from _not_among([event.who], [HUB, *names], f"{key}.who")


def _bulletin_mistakes(scenario: Scenario, event: BulletinEvent, key: str) -> Iterator[str]:
    speakers = scenario.with_node("speaker")
    hamlets = [each.id for each in scenario.plan.hamlets]
    yield from _not_among(event.places, [*speakers, *hamlets], f"{key}.places")
    if event.sounds_at is not None and not event.span[1] <= event.sounds_at <= scenario.lasts_s:
        allowed = f"từ {event.span[1]} đến {scenario.lasts_s}"
        yield f"{key}.sounds_at: tìm thấy (found) {event.sounds_at}; cho phép (allowed): {allowed}"


def _not_among(found: Iterable[str], allowed: Iterable[str], key: str) -> Iterator[str]:
    for each in found:
        if each not in set(allowed):
            yield _unknown(key, each, allowed)


def _unknown(key: str, found: str, allowed: Iterable[str]) -> str:
    return f"{key}: tìm thấy (found) {found!r}; cho phép (allowed): {', '.join(sorted(allowed)) or '—'}"
