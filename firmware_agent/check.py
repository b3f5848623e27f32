"""Check all that a device's start depends on, and name every mistake at once."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from firmware_agent.clock import SystemClock
from firmware_agent.config import DeviceConfig, load_device_config
from firmware_agent.desk import node_directory
from firmware_agent.identity import IdentityError
from firmware_agent.mistakes import mistakes_in
from firmware_agent.os_words import os_words
from firmware_agent.registry import NotInstalledError, hardware_driver, node_class
from firmware_agent.runner import load_device_identity, open_hardware
from firmware_agent.settings import SettingsError, check_settings


def load_checked(path: Path) -> DeviceConfig:
    """Read the device's config and check it whole: keys, nodes' settings, drivers, identity files.

    Raises SettingsError that names every mistake.
    """
    config = load_device_config(path)
    mistakes = _hardware_mistakes(config) + _node_mistakes(config) + _identity_mistakes(config)
    if mistakes:
        raise SettingsError(str(path), mistakes)
    return config


def notes(config: DeviceConfig) -> list[str]:
    """Return what a technician should know of a config that is good: a line each, by node.

    A node class says it in `check(settings, directory)`, if it has one (`firmware_agent.node.Node`).
    """
    found = []
    for node in config.nodes:
        kind = node_class(node.kind)
        if hasattr(kind, "check"):
            settings = kind.Settings.model_validate(node.settings)
            found += [
                f"{node.name}: {line}" for line in kind.check(settings, node_directory(config, node.name))
            ]
    return found


def _hardware_mistakes(config: DeviceConfig) -> list[str]:
    try:
        hardware_driver(config.hardware.kind)
        open_hardware(config, "agent").close()
    except NotInstalledError as error:
        return [f"hardware.kind: tìm thấy (found) {config.hardware.kind!r}; cho phép (allowed): {error}"]
    except OSError as error:
        return [f"state_dir: không ghi được (cannot be written): {config.state_dir}: {os_words(error)}"]
    except ValidationError as error:
        return mistakes_in(error, "hardware.options.")
    return []


def _node_mistakes(config: DeviceConfig) -> list[str]:
    mistakes = []
    for index, node in enumerate(config.nodes):
        try:
            settings = node_class(node.kind).Settings
            check_settings(node.settings, settings, "", prefix=f"nodes.{index}.settings.")
        except NotInstalledError as error:
            mistakes.append(
                f"nodes.{index}.kind: tìm thấy (found) {node.kind!r}; cho phép (allowed): {error}"
            )
        except SettingsError as error:
            mistakes += error.mistakes
    return mistakes


def _identity_mistakes(config: DeviceConfig) -> list[str]:
    try:
        load_device_identity(config, SystemClock())
    except IdentityError as error:
        return error.mistakes
    return []
