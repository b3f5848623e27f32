"""The configuration of the broker: TLS, a certificate for every client, each device only its own topics."""

from __future__ import annotations

import logging
import os
import pwd
from collections.abc import Sequence
from pathlib import Path

from firmware_agent.config import AGENT
from firmware_agent.files import write_if_new
from firmware_agent.lines import unshown_in
from firmware_agent.os_words import os_words
from firmware_agent.settings import SettingsError
from provisioning.hearing import heard_topics
from provisioning.plan import HubConfig
from provisioning.roster import RosterEntry, load_roster
from wire.codec import MAX_MESSAGE_BYTES
from wire.topics import access_list

MAX_CONNECTIONS = 1_000
"""Far above the nodes of a commune, far below what exhausts a Pi."""

MAX_QUEUED_MESSAGES = 1_000
"""For a client that is slow; what is dropped beyond it is sent again, since only the hub's ack counts."""

MAX_QUEUED_BYTES = 16 * 1024 * 1024
MAX_INFLIGHT_MESSAGES = 20
PACKET_HEADER_BYTES = 1_024
"""Room beyond the largest payload of the wire for topic and properties. The limit is one on packets, which
Mosquitto tells MQTT 5 clients and enforces before it takes the payload into memory."""

log = logging.getLogger(__name__)


def write_broker_config(config: HubConfig) -> Path:
    """Write mosquitto.conf and access.acl for `config`; return the path of mosquitto.conf.

    The same config gives the same files. The hub calls it at every start, so that the paths in it, which
    Mosquitto wants absolute, hold wherever the commune's directory was moved. Raises SettingsError where
    they cannot be written.
    """
    directory = config.broker_directory.resolve()
    path = directory / "mosquitto.conf"
    if unshown_in(str(directory)):
        raise SettingsError(str(path), ["đường dẫn có ký tự lạ (the path has characters no line can hold)"])
    try:
        write_access_list(config, _enrolled(config))
        write_if_new(path, _mosquitto_conf(config, directory).encode())
    except OSError as error:
        raise SettingsError(str(path), [f"không ghi được (cannot be written): {os_words(error)}"]) from None
    return path


def write_access_list(config: HubConfig, roster: Sequence[RosterEntry]) -> bool:
    """Write access.acl for the devices of `roster` unless it says that already; return whether it did not.

    A broker that runs reads it at SIGHUP. Raises OSError.
    """
    nodes = {entry.device: [AGENT, *(node.name for node in entry.nodes)] for entry in roster}
    rules = access_list(config.commune, nodes, heard_topics(config.commune, roster))
    return write_if_new(config.broker_directory.resolve() / "access.acl", rules.encode())


def _enrolled(config: HubConfig) -> list[RosterEntry]:
    """A roster with a mistake in it lets nobody in but the hub, which says so."""
    try:
        return load_roster(config.root / "roster")
    except SettingsError as error:
        log.warning("%s", error.report())
        return []


def _mosquitto_conf(config: HubConfig, directory: Path) -> str:
    lines = [
        "# Written by provisioning at every start of the hub; change hub.toml instead.",
        # Started by root it would become another user, who may not read the key.
        f"user {pwd.getpwuid(os.geteuid()).pw_name}",
        "persistence false",
        "log_dest stderr",
        "log_type error",
        "log_type warning",
        "log_type notice",
        f"max_packet_size {MAX_MESSAGE_BYTES + PACKET_HEADER_BYTES}",
        f"max_queued_messages {MAX_QUEUED_MESSAGES}",
        f"max_queued_bytes {MAX_QUEUED_BYTES}",
        f"max_inflight_messages {MAX_INFLIGHT_MESSAGES}",
        # Acks are small: Nagle's algorithm would hold each back for 40 ms.
        "set_tcp_nodelay true",
        "allow_anonymous false",
        f"acl_file {directory / 'access.acl'}",
        "",
        f"listener {config.broker.port} {config.broker.listen or config.broker.host}",
        f"max_connections {MAX_CONNECTIONS}",
        "tls_version tlsv1.2",
        f"cafile {directory / 'ca.crt'}",
        f"certfile {directory / 'server.crt'}",
        f"keyfile {directory / 'server.key'}",
        "require_certificate true",
        "use_identity_as_username true",
    ]
    return "\n".join(lines) + "\n"
