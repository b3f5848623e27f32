"""Check what is ordered for nodes and hardware against what the installed packages offer.

The machine that enrols need not have every package: what is not installed here is checked by the device
itself, at its start, and said in `notes`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from firmware_agent.mistakes import mistakes_in
from firmware_agent.registry import HARDWARE, NODES, NotInstalledError, hardware_driver, node_class
from firmware_agent.settings import SettingsError, check_settings


def offered(group: str) -> list[str]:
    """Return the kinds that installed packages announce under `group` (NODES or HARDWARE)."""
    return sorted(entry.name for entry in entry_points(group=group))


def node_mistakes(
    nodes: Sequence[tuple[str, str]], settings: Mapping[str, Mapping[str, Any]], notes: list[str]
) -> list[str]:
    """Return what is wrong with (kind, name) pairs and the settings by name, in lines."""
    names = [name for _, name in nodes]
    mistakes = [
        f"--node-setting: không có nút (no such node) {name!r}; có (there are): {', '.join(names)}"
        for name in settings
        if name not in names
    ]
    for kind, name in nodes:
        if kind not in offered(NODES):
            mistakes.append(_unknown("--node", kind, NODES))
            continue
        try:
            check_settings(
                dict(settings.get(name, {})), node_class(kind).Settings, "", f"--node-setting {name}."
            )
        except NotInstalledError as error:
            notes.append(f"{name}: thiết bị sẽ tự kiểm tra (checked by the device itself): {error}")
        except SettingsError as error:
            mistakes += error.mistakes
    return mistakes


def hardware_mistakes(kind: str, options: Mapping[str, Any], device: str, notes: list[str]) -> list[str]:
    """Return what is wrong with the hardware's kind and options, in lines."""
    if kind not in offered(HARDWARE):
        return [_unknown("--hardware", kind, HARDWARE)]
    with tempfile.TemporaryDirectory() as directory:
        try:
            hardware_driver(kind)(dict(options), device, "agent", Path(directory)).close()
        except NotInstalledError as error:
            notes.append(f"hardware: thiết bị sẽ tự kiểm tra (checked by the device itself): {error}")
        except ValidationError as error:
            return mistakes_in(error, "--hardware-option ")
    return []


def _unknown(option: str, kind: str, group: str) -> str:
    return f"{option}: tìm thấy (found) {kind!r}; cho phép (allowed): {', '.join(offered(group))}"
