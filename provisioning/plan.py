"""What a commune consists of and where its hub listens: the shape of a plan file and of `hub.toml`.

Provisioning writes and checks it, the hub reads it; both go by the models in here.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from firmware_agent.config import NameText
from firmware_agent.lines import Line, LineOrEmpty
from firmware_agent.settings import Settings, SettingsError, check_settings, load_settings, read_toml
from firmware_agent.voices.settings import VoiceSettings
from provisioning.report_settings import AlertSettings, ReportSettings
from wire.facts import ORDINARY
from wire.scales import DEFAULT_SCALE

HALL = "hall"
"""The place of devices that belong to no counter and no hamlet: kiosks and displays of the hall."""

PAPERS_MAX = 12
"""Papers that a slip lists (wire.intents.Field)."""

DEFAULT_PLAN = Path(__file__).with_name("default_plan.toml")
"""A small office to begin with, where no plan is given."""


EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104
"""Every interface: where devices come from is the office's network. Nobody can be called at these."""

PAGE_URL_MAX = 120
"""Longest beginning of a slip's QR code: with the code behind it, 58 mm paper still prints it legibly."""

_PAGE_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]_-]{1,100}(?:/[A-Za-z0-9._~-]{1,40}){0,4}/t/")
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")


def is_host(text: str) -> bool:
    """Tell whether `text` is an IP address or may be a host's name."""
    try:
        return "%" not in str(ip_address(text))
    except ValueError:
        labels = text.split(".")
        # All figures is a mistyped address, never a name.
        return all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()


def _host(text: str) -> str:
    if not is_host(text):
        raise ValueError("a host name or an IP address")
    return text


Host = Annotated[str, Field(max_length=253), AfterValidator(_host)]
Port = Annotated[int, Field(ge=1, le=65_535)]


def is_loopback(host: str) -> bool:
    """Tell whether `host` is reached from this machine only."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Counter(Settings):
    """A counter of the hall."""

    id: NameText
    name: Line
    fields: list[NameText] = Field(default=[], max_length=12)
    """Ids of the fields of work that it serves; none named: all."""


class QueueSettings(Settings):
    """The order of calling (commune_hub.capabilities.queue.order); `weight` of a lane belongs to it."""

    ratio: int = Field(default=0, ge=0, le=20)
    """So many of priority lanes, then one ordinary, while both wait; 0: by waiting time and weight alone."""
    passed_over_max: int = Field(default=8, ge=1, le=200)
    """After so many later comers were called, somebody is next."""
    wait_max_min: int = Field(default=90, ge=5, le=600)
    """Who has waited for so many minutes is passed over by no later comer."""
    return_after: int = Field(default=1, ge=0, le=20)
    """Who is back with a missing paper lets so many others go first."""
    return_gain_min: int = Field(default=30, ge=0, le=600)
    """And counts as having waited so many minutes longer."""


class WorkField(Settings):
    """A field of work that citizens take tickets for."""

    id: NameText
    name: Line
    name_en: LineOrEmpty = ""
    picture: NameText = "folder"
    """Name of one of the kiosk's pictures (kiosk_ui.pictures); a name it does not know is a folder."""
    papers: list[Line] = Field(default=[], max_length=PAPERS_MAX)
    """What to have ready, printed on the slip."""
    greeter: bool = False
    """Where who does not know what he needs is sent; at most one field."""


class WorkLane(Settings):
    """A priority class. Its words, its order and its weight are the office's."""

    id: NameText
    name: Line
    name_en: LineOrEmpty = ""
    picture: NameText = "person"
    weight: float = Field(default=1.0, ge=0.0, le=100.0)
    """How strongly it is preferred; what that means is the queue's to say."""


class Hamlet(Settings):
    """A hamlet with loudspeakers."""

    id: NameText
    name: Line


class Notice(Settings):
    """A page of the notice board that the office begins with; later ones are written at the console."""

    title: Line
    lines: list[LineOrEmpty] = Field(default=[], max_length=12)
    kind: NameText = "text"
    """How it is laid out: `text`, `slogan`, `fees`, `phones`, `calendar`, `reminder`."""


class Plan(Settings):
    """What a commune consists of. The bounds are those of the documents that carry it (wire.intents)."""

    counters: list[Counter] = Field(min_length=1, max_length=40)
    fields: list[WorkField] = Field(min_length=1, max_length=12)
    lanes: list[WorkLane] = Field(default=[], max_length=6)
    """Priority classes besides the ordinary one, as the kiosk offers them; none: nobody is asked."""
    queue: QueueSettings = QueueSettings()
    hamlets: list[Hamlet] = Field(default=[], max_length=100)
    notices: list[Notice] = Field(default=[], max_length=40)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Plan:
        places = [HALL, *(each.id for each in self.counters), *(each.id for each in self.hamlets)]
        twice = _twice(places) + _twice([each.id for each in self.fields])
        if twice:
            raise ValueError(
                f"mỗi id chỉ dùng một lần (counters and hamlets share ids, {HALL!r} is taken); "
                f"trùng (used twice): {', '.join(twice)}"
            )
        return self

    @model_validator(mode="after")
    def _every_field_is_served(self) -> Plan:
        known = [each.id for each in self.fields]
        served = [field for counter in self.counters for field in counter.fields or known]
        unknown = sorted(set(served) - set(known))
        if unknown:
            raise ValueError(f"counters.fields: không có lĩnh vực (no such field): {', '.join(unknown)}")
        unserved = sorted(set(known) - set(served))
        if unserved:
            raise ValueError(
                f"counters.fields: không quầy nào nhận (no counter serves): {', '.join(unserved)}"
            )
        return self

    @model_validator(mode="after")
    def _lanes_and_greeter_are_clear(self) -> Plan:
        twice = _twice([ORDINARY, *(each.id for each in self.lanes)])
        if twice:
            raise ValueError(
                f"lanes: mỗi id chỉ dùng một lần ({ORDINARY!r} is taken); "
                f"trùng (used twice): {', '.join(twice)}"
            )
        greeters = [each.id for each in self.fields if each.greeter]
        if len(greeters) > 1:
            raise ValueError(f"fields: chỉ một greeter = true (at most one), not {', '.join(greeters)}")
        return self

    def places(self) -> dict[str, str]:
        """Return every place where a device may stand, with its name: counters, hamlets, the hall."""
        counters = {counter.id: counter.name for counter in self.counters}
        hamlets = {hamlet.id: hamlet.name for hamlet in self.hamlets}
        return {**counters, **hamlets, HALL: "Sảnh"}


class BrokerSettings(Settings):
    """Where the hub's own client reaches the broker, and where the broker's files are."""

    host: Host = "127.0.0.1"
    port: Port = 8883
    directory: Path = Path("broker")
    """Relative to hub.toml; holds mosquitto.conf."""
    listen: Host | None = None
    """Address that the broker listens on; absent: `host`."""


class ConsoleSettings(Settings):
    """Where the staff console and the API listen."""

    host: Host = "127.0.0.1"
    port: Port = 8080
    tls: bool = True

    @model_validator(mode="after")
    def _safe(self) -> ConsoleSettings:
        if not self.tls and not is_loopback(self.host):
            raise ValueError(f"tls = false chỉ khi host là 127.0.0.1 (only on loopback), not {self.host!r}")
        return self


class ClipSettings(Settings):
    """How long the recordings of counters are kept."""

    keep_days: int = Field(default=7, ge=1, le=365)
    """Days, at the cameras and at the hub: no longer than a complaint about a visit takes to come
    (Law 91/2025/QH15, article 32, names no number; the office states its own reason)."""


class SpeechSettings(VoiceSettings):
    """How texts are read aloud: in the voice that staff hear before they approve.

    Loudspeakers are enrolled with it. A voice file lies beside hub.toml.
    """

    abbreviations: Path | None = None
    """The commune's own abbreviations: a TOML file, relative to hub.toml, with a table [words]."""


class DoorSettings(Settings):
    """Where the HTTPS door for devices' files listens."""

    host: Host = "127.0.0.1"
    port: Port = 8444


class PageSettings(Settings):
    """Where the citizens' page listens: place in the queue, and the one-time rating."""

    host: Host = "127.0.0.1"
    port: Port = 8081
    scale: Literal["vi3", "vi4", "vi5"] = DEFAULT_SCALE
    """What is asked on after a visit to a counter whose panel has told of no scale; else on the panel's."""
    url: LineOrEmpty = ""
    """What citizens' phones reach it by, up to the code: `http://10.0.0.5:8081/t/`. Empty: made of host and
    port."""

    @model_validator(mode="after")
    def _reachable(self) -> PageSettings:
        if self.url and not (_PAGE_URL.fullmatch(self.url) and len(self.url) <= PAGE_URL_MAX):
            raise ValueError(f"url: http(s)://…/t/, tối đa {PAGE_URL_MAX} chữ (must end with /t/)")
        if not self.url and self.host in EVERY_ADDRESS:
            raise ValueError("url: thiếu (missing); máy của người dân gọi trang này bằng địa chỉ nào?")
        return self

    @property
    def begins(self) -> str:
        """What the slip's QR code begins with."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.url or f"http://{host}:{self.port}/t/"


class HubConfig(Plan):
    """All of `hub.toml`: config = load_hub_config(path); config.counters[0].name."""

    commune: NameText
    office: Line
    address: Host = "127.0.0.1"
    """Where devices find the hub; enrolment writes it into their config."""
    broker: BrokerSettings = BrokerSettings()
    console: ConsoleSettings = ConsoleSettings()
    door: DoorSettings = DoorSettings()
    speech: SpeechSettings = SpeechSettings()
    clips: ClipSettings = ClipSettings()
    reports: ReportSettings = ReportSettings()
    alerts: AlertSettings = AlertSettings()
    page: PageSettings | None = None
    """The citizens' page; absent: there is none, and no slip has a QR code."""
    root: Path = Path()
    """Directory of hub.toml; not a key of the file."""

    @model_validator(mode="after")
    def _ports_are_distinct(self) -> HubConfig:
        ports = {"broker": self.broker.port, "console": self.console.port, "door": self.door.port}
        if self.page is not None:
            ports["page"] = self.page.port
        if len(set(ports.values())) < len(ports):
            told = ", ".join(f"{name}.port = {port}" for name, port in ports.items())
            raise ValueError(f"các cổng phải khác nhau (the ports must differ): {told}")
        return self

    @property
    def broker_directory(self) -> Path:
        """Where the broker's files are, absolute if `root` is."""
        return self.root / self.broker.directory


def load_plan(path: Path) -> Plan:
    """Read a plan file; raises SettingsError naming every mistake."""
    return load_settings(path, Plan)


def load_hub_config(path: Path) -> HubConfig:
    """Read `hub.toml`; raises SettingsError naming every mistake."""
    return check_hub_config(read_toml(path), str(path), path.resolve().parent)


def check_hub_config(values: dict[str, Any], source: str, root: Path) -> HubConfig:
    """Check what `hub.toml` under `root` says, or shall say; raises SettingsError naming every mistake."""
    if "root" in values:
        # Let the model name it like any other key that it does not know.
        values = {"root.": values["root"], **{key: each for key, each in values.items() if key != "root"}}
    return check_settings({**values, "root": root}, HubConfig, source)


def mistakes_of(error: SettingsError) -> list[str]:
    """Return the mistakes of a file with its name before each, to stand among those of others."""
    return [f"{error.source}: {mistake}" for mistake in error.mistakes]


def _twice(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
