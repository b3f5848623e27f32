"""device.toml: checked whole, its paths made absolute."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from firmware_agent.config import AGENT, DeviceConfig, load_device_config
from firmware_agent.settings import SettingsError, check_settings
from wire.topics import Address

GOOD: dict[str, Any] = {
    "commune": "xuan-luong",
    "device": "quay-1-pi",
    "broker": {"host": "127.0.0.1", "port": 8883},
    "nodes": [{"kind": "rating", "name": "rating"}, {"kind": "camera", "name": "cam-2"}],
}

TEXT = """
commune = "xuan-luong"
device = "quay-1-pi"
[broker]
host = "127.0.0.1"
port = 8883
[identity]
key = "/etc/commune/device.key"
[[nodes]]
kind = "rating"
name = "rating"
[nodes.settings]
scale = "vi4"
"""


def mistakes(change: dict[str, Any]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        check_settings(GOOD | change, DeviceConfig, "device.toml")
    return caught.value.mistakes


def test_paths_are_relative_to_the_file_and_absolute_ones_stay(tmp_path: Path) -> None:
    path = tmp_path / "device.toml"
    path.write_text(TEXT, encoding="utf-8")
    config = load_device_config(path)
    assert config.state_dir == tmp_path
    assert config.identity.certificate == tmp_path / "identity/device.crt"
    assert config.identity.authority == tmp_path / "identity/commune-ca.crt"
    assert config.identity.hub_seal == tmp_path / "identity/hub-seal.pub"
    assert config.identity.key == Path("/etc/commune/device.key")
    assert config.hardware.kind == "pi"
    assert config.node("rating").settings == {"scale": "vi4"}


def test_nodes_are_found_by_name_and_have_addresses() -> None:
    config = check_settings(GOOD, DeviceConfig, "device.toml")
    assert config.node("cam-2").kind == "camera"
    assert config.address("cam-2") == Address("xuan-luong", "quay-1-pi", "cam-2")
    with pytest.raises(KeyError):
        config.node("speaker")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"commune": "Xuân Lương"}, "commune: "),
        ({"device": "a/b"}, "device: "),
        ({"device": "hub"}, "no device may be called 'hub'"),
        ({"broker": {"host": "", "port": 8883}}, "broker.host: "),
        ({"broker": {"host": "a", "port": 0}}, "broker.port: "),
        ({"broker": {"host": "a", "port": 65_536}}, "broker.port: "),
        ({"broker": {"host": "a", "port": 1, "reconnect_max_s": 0}}, "broker.reconnect_max_s: "),
        ({"lease_s": 1}, "lease_s: "),
        ({"hub_url": "http://hub:8080"}, "hub_url: "),
        ({"nodes": []}, "nodes: "),
        ({"nodes": [{"kind": "rating", "name": f"n{i}"} for i in range(17)]}, "nodes: "),
        ({"nodes": [{"kind": "rating", "name": "a"}] * 2}, "'a' stands twice"),
        ({"nodes": [{"kind": "rating", "name": AGENT}]}, "no node may be called 'agent'"),
        ({"nodes": [{"kind": "rating", "name": "Quầy"}]}, "nodes.0.name: "),
        ({"nodes": [{"name": "a"}]}, "nodes.0.kind: "),
    ],
)
def test_each_mistake_is_found_and_named(change: dict[str, Any], named: str) -> None:
    (line,) = mistakes(change)
    assert named in line
    assert "{" not in line or named.startswith("nodes"), "no whole config in a mistake"


def test_many_mistakes_are_named_together() -> None:
    lines = mistakes({"commune": "X", "device": "", "broker": {"port": "x"}, "lease": 3, "nodes": [{}]})
    for key in ("commune", "device", "broker.host", "broker.port", "lease", "nodes.0.kind", "nodes.0.name"):
        assert any(line.startswith(f"{key}: ") for line in lines), key
    assert len(lines) == 7
