"""The one place that spells MQTT topics.

commune/v1/{commune}/{device}/{node}/facts          up
commune/v1/{commune}/{device}/{node}/ack            down
commune/v1/{commune}/{device}/{node}/status         up, retained, with last will
commune/v1/{commune}/{device}/{node}/intent/{name}  down, retained
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from wire.codec import WireError
from wire.names import is_name

VERSION = "v1"
_CHANNELS = ("facts", "ack", "status")


@dataclass(frozen=True, order=True)
class Address:
    """Where a node lives: its commune, its device, its own name."""

    commune: str
    device: str
    node: str

    def __post_init__(self) -> None:
        for part in (self.commune, self.device, self.node):
            if not is_name(part):
                raise ValueError(f"{part!r} is not a name: use a-z, 0-9 and inner hyphens, at most 40")

    @property
    def root(self) -> str:
        """The topic that all of the node's topics begin with."""
        return f"commune/{VERSION}/{self.commune}/{self.device}/{self.node}"

    @property
    def facts(self) -> str:
        """Where the node's batches of facts go up."""
        return f"{self.root}/facts"

    @property
    def ack(self) -> str:
        """Where the hub says how far it has committed."""
        return f"{self.root}/ack"

    @property
    def status(self) -> str:
        """Where the node says that it lives."""
        return f"{self.root}/status"

    def intent(self, name: str) -> str:
        """Where the sealed document `name` for this node stands."""
        return f"{self.root}/intent/{name}"

    @property
    def intents(self) -> str:
        """The filter for all documents for this node."""
        return f"{self.root}/intent/+"

    def __str__(self) -> str:
        return f"{self.device}/{self.node}"


@dataclass(frozen=True)
class Topic:
    """A topic taken apart: whose it is, which channel, and for an intent its name."""

    address: Address
    channel: str
    intent_name: str | None = None


def parse_topic(topic: str) -> Topic:
    """Take a topic apart; raises WireError `foreign_topic` for one that is not ours."""
    match topic.split("/"):
        case ["commune", version, commune, device, node, channel] if version == VERSION:
            named = channel in _CHANNELS
            intent_name = None
        case ["commune", version, commune, device, node, "intent", intent_name] if version == VERSION:
            channel, named = "intent", is_name(intent_name)
        case _:
            raise WireError("foreign_topic", f"topic {topic[:120]!r} is not of this system")
    if not named or not all(map(is_name, (commune, device, node))):
        raise WireError("foreign_topic", f"topic {topic[:120]!r} is not of this system")
    return Topic(Address(commune, device, node), channel, intent_name)


def facts_filter(commune: str) -> str:
    """What a node subscribes to that hears its neighbours: all facts that the access list lets it read."""
    return f"commune/{VERSION}/{commune}/+/+/facts"


def hub_filters(commune: str) -> tuple[str, str]:
    """What the hub of `commune` subscribes to: the facts and the status of every node."""
    return (facts_filter(commune), f"commune/{VERSION}/{commune}/+/+/status")


def access_list(
    commune: str,
    nodes: Mapping[str, Sequence[str]],
    heard: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> str:
    """Return the broker's access list: the hub all of its commune, each device the topics of its own nodes.

    `nodes` names them by device: under a name of its own invention a device can leave nothing at the broker.
    `heard` names the topics of others that a device may read, by device. A user is the common name in a
    client's certificate.
    """
    lines = ["user hub", f"topic readwrite commune/{VERSION}/{commune}/#", ""]
    for device, names in nodes.items():
        lines.append(f"user {device}")
        for address in (Address(commune, device, name) for name in names):
            lines += [f"topic write {topic}" for topic in (address.facts, address.status)]
            lines += [f"topic read {topic}" for topic in (address.ack, address.intents)]
        lines += [*(f"topic read {topic}" for topic in heard.get(device, ())), ""]
    return "\n".join(lines)
