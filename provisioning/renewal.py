"""Fill an order to renew a device with what the device was: who changes a card need not know it by heart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from firmware_agent.config import DeviceConfig
from firmware_agent.settings import SettingsError, load_settings
from provisioning.order import DEVICE_FILE, Order
from provisioning.roster import load_roster


def as_before(order: Order, roster: Path) -> Order:
    """Return `order` with its place, and its nodes with their settings and hardware, as they were.

    Only where it is a renewal that says nothing of them: an order that names nodes is taken as it stands, but
    for the place. What it says besides wins over what was. `roster` is the hub's; raises SettingsError.
    """
    known = next((each for each in load_roster(roster) if each.device == order.device), None)
    if not order.replace or known is None:
        return order
    order = replace(order, place=order.place or known.place)
    if order.nodes:
        return order
    order = replace(order, nodes=[(node.kind, node.name) for node in known.nodes])
    try:
        former = load_settings(order.directory / DEVICE_FILE, DeviceConfig)
    except SettingsError:  # its directory was carried away: what the roster knows of it stays
        return order
    told = former.model_fields_set
    return replace(
        order,
        node_settings=_merged(order, former),
        hardware=order.hardware or former.hardware.kind,
        hardware_options={**former.hardware.options, **order.hardware_options},
        carrier=order.carrier or (former.carrier if "carrier" in told else None),
        lease_s=order.lease_s or (former.lease_s if "lease_s" in told else None),
    )


def _merged(order: Order, former: DeviceConfig) -> dict[str, dict[str, Any]]:
    """Return the settings of each node as they were, and over them what is ordered."""
    names = {name for _, name in order.nodes}
    kept = {node.name: node.settings for node in former.nodes if node.settings and node.name in names}
    ordered = order.node_settings
    return {name: {**kept.get(name, {}), **ordered.get(name, {})} for name in [*kept, *ordered]}
