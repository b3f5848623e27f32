"""Check an order for a device whole, and work out what shall be written, before anything is."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from firmware_agent.config import DeviceConfig
from firmware_agent.settings import SettingsError, check_settings, read_toml
from provisioning.kinds import hardware_mistakes, node_mistakes
from provisioning.plan import HubConfig, mistakes_of
from provisioning.request import read_request
from provisioning.roster import TICKET, RosterEntry, load_roster, series_in_use
from provisioning.toml_text import toml_text
from provisioning.voices import with_voice
from wire.names import is_name

DEVICE_FILE = "device.toml"
DEVICE_DAYS = 825
DAYS_MAX = 3_650
REAL = "pi"
"""The driver of a real device."""

WITH_FILES = frozenset({"camera", "display", "speaker"})
"""Kinds of nodes that bring files to the hub's door or fetch them there: clips, pictures, sounds."""


@dataclass(frozen=True)
class Order:
    """What a device shall be: the options of `commune-provision enrol`."""

    device: str
    commune_dir: Path
    place: str = ""
    """Id of a counter, of a hamlet, or `hall`; empty, as nodes may be: of a renewal, as it was."""
    nodes: Sequence[tuple[str, str]] = ()
    """(kind, name) of each node."""
    series: str | None = None
    out: Path | None = None
    """The device's directory; None: devices/DEVICE of the commune."""
    hardware: str = ""
    """The driver; empty: pi, or as it was."""
    hardware_options: Mapping[str, Any] = field(default_factory=dict)
    node_settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    broker_host: str | None = None
    broker_port: int | None = None
    lease_s: int | None = None
    reconnect_max_s: int | None = None
    carrier: str | None = None
    """mqtt or https; None: mqtt."""
    days: int = DEVICE_DAYS
    csr: Path | None = None
    """A certificate request made on the device, whose key then never leaves it."""
    replace: bool = False

    @property
    def directory(self) -> Path:
        """Where the device's config and identity go."""
        return self.out or self.commune_dir / "devices" / self.device


@dataclass(frozen=True)
class Prepared:
    """What was checked and is to be written."""

    entry: RosterEntry
    values: dict[str, Any]
    """What device.toml shall say."""
    public_key: ec.EllipticCurvePublicKey | None
    """Of the device's own request; None: its key is made here."""
    notes: list[str]


def prepare(order: Order, hub: HubConfig) -> Prepared:
    """Check the whole order against the commune; raises SettingsError naming every mistake.

    To be called while nobody else enrols, since it chooses letters for kiosks.
    """
    roster = load_roster(hub.root / "roster")
    others = [entry for entry in roster if entry.device != order.device]
    known = next((entry for entry in roster if entry.device == order.device), None)
    notes: list[str] = []
    mistakes = _device_mistakes(order, known) + _place_mistakes(order, hub)
    if not order.nodes:
        mistakes.append("--node: thiếu (missing)")
    mistakes += node_mistakes(order.nodes, order.node_settings, notes)
    mistakes += hardware_mistakes(order.hardware or REAL, order.hardware_options, order.device, notes)
    public_key = None
    try:
        public_key = _requested_key(order)
    except SettingsError as error:
        mistakes += mistakes_of(error)
    series = _series(order, others, known, mistakes)
    values = _device_values(order, hub)
    try:
        if order.nodes:
            check_settings(values, DeviceConfig, "")
    except SettingsError as error:
        mistakes += error.mistakes
    try:
        toml_text(values)
    except ValueError as error:
        # Only these options are of free form.
        mistakes.append(f"--node-setting, --hardware-option: {error}")
    if mistakes:
        raise SettingsError(f"enrol {order.device}", mistakes)
    return Prepared(_entry(order, series), values, public_key, notes)


def _requested_key(order: Order) -> ec.EllipticCurvePublicKey | None:
    """Return the public key of the device's own request, None where there is no request."""
    if order.csr is None:
        return None
    requested = read_request(order.csr, order.device)
    key = order.directory / "identity" / "device.key"
    if is_name(order.device) and key.exists():
        try:
            fits = load_pem_private_key(key.read_bytes(), None).public_key() == requested
        except (OSError, ValueError, TypeError):
            fits = False
        if not fits:
            told = (
                f"không thuộc khóa (does not belong to the key) {key}; hãy xóa khóa cũ (remove the old key)"
            )
            raise SettingsError(str(order.csr), [told])
    return requested


def _device_mistakes(order: Order, known: RosterEntry | None) -> list[str]:
    mistakes = []
    if not is_name(order.device):
        return []  # the check of device.toml says it; here it must not become a path
    taken = known is not None or (order.directory / DEVICE_FILE).exists()
    if taken and not order.replace:
        mistakes.append(
            f"{order.device}: đã được cấp (already enrolled); dùng --replace để cấp lại "
            "mà không mất dữ liệu (renews it and keeps its data)"
        )
    holder = _holder(order.directory / DEVICE_FILE)
    if holder not in (None, order.device):
        mistakes.append(f"{order.directory}: là của thiết bị (belongs to the device) {holder!r}")
    if not 1 <= order.days <= DAYS_MAX:
        mistakes.append(f"--days: tìm thấy (found) {order.days}; cho phép (allowed): 1 … {DAYS_MAX}")
    return mistakes


def _holder(path: Path) -> str | None:
    """Return whose device.toml that is; None where there is none to be read."""
    try:
        return str(read_toml(path).get("device"))
    except SettingsError:
        return None


def _place_mistakes(order: Order, hub: HubConfig) -> list[str]:
    mistakes = []
    places = hub.places()
    if not order.place:
        mistakes.append(f"--place: thiếu (missing); có (there are): {', '.join(places)}")
    elif order.place not in places:
        mistakes.append(f"--place: tìm thấy (found) {order.place!r}; cho phép (allowed): {', '.join(places)}")
    if order.device in places and order.device != order.place:
        # A bulletin names hamlets and devices alike.
        mistakes.append(f"{order.device}: là tên một nơi khác (is the id of another place)")
    return mistakes


def _series(
    order: Order, others: Sequence[RosterEntry], known: RosterEntry | None, mistakes: list[str]
) -> dict[str, str]:
    """Return the letter of each ticket node by name: as ordered, as it was, or the first that is free."""
    names = [name for kind, name in order.nodes if kind == TICKET]
    taken = series_in_use(list(others))
    if order.series is not None:
        if len(names) != 1:
            mistakes.append(
                "--series: chỉ cho thiết bị có đúng một nút ticket (needs exactly one ticket node)"
            )
        elif order.series not in string.ascii_uppercase or len(order.series) != 1:
            mistakes.append(f"--series: tìm thấy (found) {order.series!r}; cho phép (allowed): A … Z")
        elif order.series in taken:
            mistakes.append(f"--series: {order.series!r} đã dùng ở (is in use by) {taken[order.series]}")
        return dict.fromkeys(names, order.series)
    kept = {node.name: node.series for node in known.nodes if node.series} if known else {}
    chosen = {name: kept[name] for name in names if name in kept}
    free = iter(sorted(set(string.ascii_uppercase) - set(taken) - set(chosen.values())))
    for name in names:
        letter = chosen.get(name) or next(free, None)
        if letter is None:
            mistakes.append("series: hết chữ cái A … Z (no letter is free)")
            break
        chosen[name] = letter
    return chosen


def _entry(order: Order, series: Mapping[str, str]) -> RosterEntry:
    nodes = [{"name": name, "kind": kind, "series": series.get(name)} for kind, name in order.nodes]
    return check_settings(
        {"device": order.device, "place": order.place, "nodes": nodes}, RosterEntry, f"enrol {order.device}"
    )


def _device_values(order: Order, hub: HubConfig) -> dict[str, Any]:
    host = order.broker_host or hub.address
    broker: dict[str, Any] = {"host": host, "port": hub.broker.port}
    if order.broker_port is not None:
        broker["port"] = order.broker_port
    if order.reconnect_max_s is not None:
        broker["reconnect_max_s"] = order.reconnect_max_s
    values: dict[str, Any] = {"commune": hub.commune, "device": order.device}
    if order.lease_s is not None:
        values["lease_s"] = order.lease_s
    if order.carrier is not None:
        values["carrier"] = order.carrier
    if order.carrier == "https" or any(kind in WITH_FILES for kind, _ in order.nodes):
        values["hub_url"] = f"https://{f'[{host}]' if ':' in host else host}:{hub.door.port}"
    return {
        **values,
        "broker": broker,
        "hardware": {"kind": order.hardware or REAL, "options": dict(order.hardware_options)},
        "nodes": [
            {"kind": kind, "name": name, **({"settings": settings} if settings else {})}
            for kind, name in order.nodes
            for settings in [with_voice(kind, order.node_settings.get(name, {}), hub)]
        ],
    }
