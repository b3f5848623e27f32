"""Find node kinds and hardware drivers among the installed entry points.

The agent stands below the nodes and may not import them; their packages announce themselves instead.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any

from firmware_agent.hardware import HardwareDriver

NODES = "commune.nodes"
HARDWARE = "commune.hardware"


class NotInstalledError(LookupError):
    """A kind that no installed package offers; the text names those that are offered."""


def _entry(group: str, kind: str) -> EntryPoint:
    offered = {entry.name: entry for entry in entry_points(group=group)}
    if kind not in offered:
        raise NotInstalledError(f"one of {', '.join(sorted(offered))}")
    return offered[kind]


def _load(group: str, kind: str) -> Any:
    try:
        return _entry(group, kind).load()
    except ImportError as error:
        raise NotInstalledError(f"{kind!r} needs a package that is not installed here: {error}") from None


def node_class(kind: str) -> Any:
    """Return the node class for `kind` (see `firmware_agent.node.Node`); raises NotInstalledError."""
    return _load(NODES, kind)


def hardware_driver(kind: str) -> HardwareDriver:
    """Return the hardware driver for `kind`; raises NotInstalledError."""
    driver: HardwareDriver = _load(HARDWARE, kind)
    return driver
