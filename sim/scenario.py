"""A scenario: the plan of a commune, its devices, what happens to it, and what must hold at the end.

A TOML file, checked whole: every mistake is named at once. `sim.expand` makes acts of its events.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from firmware_agent.config import NameText
from firmware_agent.settings import Settings, SettingsError, check_settings, read_toml
from provisioning.plan import HALL, Plan
from sim.events import (
    LONGEST_S,
    NODE_FOR,
    AnyEvent,
    BulletinEvent,
    CallEvent,
    CutEvent,
    DeviceEvent,
    EndEvent,
    Event,
    HandleEvent,
    KillEvent,
    MendEvent,
    ShortText,
    SlowEvent,
    StartEvent,
    TicketEvent,
)
from wire.facts import ORDINARY
from wire.names import HUB
from wire.scales import DEFAULT_SCALE, SCALES

ACTS_MAX = 5_000

ExpectationName = Literal[
    "presses", "tickets", "calls", "bulletins", "silence", "clips", "streams", "outboxes", "processes"
]
EXPECTATIONS: tuple[ExpectationName, ...] = (
    "presses", "tickets", "calls", "bulletins", "silence", "clips", "streams", "outboxes", "processes"
)  # fmt: skip

NodeKind = Literal["rating", "ticket", "display", "camera", "speaker", "keys"]


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
    hardware: dict[str, Any] = Field(default={}, max_length=16)
    """Options of its simulated hardware (sim.hardware.SimOptions): `{ microphone_m = 3.0, sense = true }`."""


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
    """Return the scenarios that come with the simulator and run in real time, by name."""
    return {path.stem: path for path in _shipped() if not is_accelerated(path)}


def shipped_weeks() -> dict[str, Path]:
    """Return those that run in virtual time (`sim.week`), by name."""
    return {path.stem: path for path in _shipped() if is_accelerated(path)}


def is_accelerated(path: Path) -> bool:
    """Tell whether a scenario runs in virtual time; raises SettingsError for a file that cannot be read."""
    return read_toml(path).get("accelerated") is True


def _shipped() -> list[Path]:
    return sorted(Path(str(resources.files("sim") / "scenarios")).glob("*.toml"))


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
        if isinstance(event, TicketEvent):
            lanes = [ORDINARY, *(each.id for each in scenario.plan.lanes)]
            yield from _not_among([event.lane], lanes, f"{key}.lane")
        if isinstance(event, BulletinEvent):
            yield from _bulletin_mistakes(scenario, event, key)


def _who_mistakes(scenario: Scenario, event: Event, key: str) -> Iterator[str]:
    names = [device.name for device in scenario.devices]
    nodes = [f"{device.name}/{node}" for device in scenario.devices for node in device.nodes]
    places = {each.place for each in scenario.devices}
    match event:
        case DeviceEvent():
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
