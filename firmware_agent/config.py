"""The device's config: `device.toml`, checked whole at start."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from firmware_agent.settings import Settings, load_settings
from wire.names import HUB, is_name
from wire.topics import Address

AGENT = "agent"
"""Name of the supervisor's own stream of facts; no node may have it."""


def _name(text: str) -> str:
    if not is_name(text):
        raise ValueError("a-z, 0-9 and inner hyphens, at most 40")
    return text


NameText = Annotated[str, AfterValidator(_name)]


class BrokerSettings(Settings):
    """Where the commune's broker listens."""

    host: str = Field(min_length=1, max_length=253)
    port: int = Field(ge=1, le=65_535)
    reconnect_max_s: int = Field(default=30, ge=1, le=600)
    """Longest pause between two attempts."""


class IdentitySettings(Settings):
    """Files that prove who the device is and who may order it about; relative to the config file."""

    certificate: Path = Path("identity/device.crt")
    key: Path = Path("identity/device.key")
    authority: Path = Path("identity/commune-ca.crt")
    hub_seal: Path = Path("identity/hub-seal.pub")


class HardwareSettings(Settings):
    """Which driver stands behind the hardware seam, and its own options."""

    kind: NameText = "pi"
    options: dict[str, Any] = Field(default_factory=dict)


class NodeSettings(Settings):
    """One node of this device: its kind, its name, its own settings (checked by its kind)."""

    kind: NameText
    name: NameText
    settings: dict[str, Any] = Field(default_factory=dict)


class DeviceConfig(Settings):
    """All that a device is told on its card."""

    commune: NameText
    device: NameText
    state_dir: Path = Path()
    """Where outboxes and documents are kept, relative to the config file."""
    lease_s: int = Field(default=30, ge=2, le=3_600)
    """How long the hub believes the last sign of life."""
    hub_url: str = Field(default="", pattern=r"^(https://.+)?$")
    """The hub's door, for clips, and for all mail where `carrier` is https; empty where no node needs it."""
    carrier: Literal["mqtt", "https"] = "mqtt"
    """How facts, signs of life and documents travel."""
    broker: BrokerSettings
    identity: IdentitySettings = IdentitySettings()
    hardware: HardwareSettings = HardwareSettings()
    nodes: list[NodeSettings] = Field(min_length=1, max_length=16)

    @model_validator(mode="after")
    def _names_are_free(self) -> DeviceConfig:
        names = [node.name for node in self.nodes]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"each node needs a name of its own, {name!r} stands twice")
        if AGENT in names:
            raise ValueError(f"no node may be called {AGENT!r}")
        if self.carrier == "https" and not self.hub_url:
            raise ValueError("carrier https needs hub_url, the address of the hub's door")
        if self.device == HUB:
            raise ValueError(f"no device may be called {HUB!r}")
        return self

    def address(self, node: str) -> Address:
        """Return where `node` of this device lives on the wire."""
        return Address(self.commune, self.device, node)

    def node(self, name: str) -> NodeSettings:
        """Return the settings of the node called `name`; raises KeyError."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise KeyError(name)


def load_device_config(path: Path) -> DeviceConfig:
    """Read `device.toml`, with its paths made absolute; raises SettingsError."""
    config = load_settings(path, DeviceConfig)
    base = path.resolve().parent
    identity = config.identity
    return config.model_copy(
        update={
            "state_dir": base / config.state_dir,
            "identity": identity.model_copy(
                update={name: base / getattr(identity, name) for name in IdentitySettings.model_fields}
            ),
        }
    )
