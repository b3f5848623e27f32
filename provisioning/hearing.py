"""Who may hear whom on the broker: the nodes of a hall hear its kiosks and the keys of its counters."""

from __future__ import annotations

from collections.abc import Iterable

from provisioning.plan import HALL
from provisioning.roster import RosterEntry, RosterNode
from wire.topics import Address

TOLD_BY = frozenset({"ticket", "keys"})
"""Kinds of nodes whose facts others go by while the hub is away."""


def heard_topics(commune: str, roster: Iterable[RosterEntry]) -> dict[str, list[str]]:
    """Return the topics of facts that each device may read besides its own, by device.

    Counters with keys, and displays and loudspeakers of the hall, read what kiosks and keys tell.
    """
    entries = list(roster)
    told = [
        Address(commune, entry.device, node.name).facts
        for entry in entries
        for node in entry.nodes
        if node.kind in TOLD_BY
    ]
    hearing = [entry.device for entry in entries if any(_hears(entry, node) for node in entry.nodes)]
    return dict.fromkeys(sorted(hearing), told) if told else {}


def _hears(entry: RosterEntry, node: RosterNode) -> bool:
    return node.kind == "keys" or (entry.place == HALL and node.kind in {"display", "speaker"})
