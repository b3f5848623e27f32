"""Make a commune: its authority, its hub's identity and config, its broker's configuration."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from firmware_agent.files import write_durably
from firmware_agent.os_words import os_words
from firmware_agent.settings import SettingsError
from provisioning.authority import AUTHORITY_DAYS, Authority, Use, certificate_pem, key_pem, new_key
from provisioning.broker import write_broker_config
from provisioning.plan import (
    DEFAULT_PLAN,
    EVERY_ADDRESS,
    HubConfig,
    Plan,
    check_hub_config,
    is_host,
    is_loopback,
    load_hub_config,
    load_plan,
    mistakes_of,
)
from provisioning.toml_text import toml_text
from wire.names import HUB

LOCAL_HOSTS = ("localhost", "127.0.0.1")
HOSTS_MAX = 20
STORAGE_SECRET_BYTES = 32


@dataclass(frozen=True)
class Wish:
    """What a new commune shall be: the options of `commune-provision init`."""

    commune: str
    office: str
    hosts: Sequence[str] = ("127.0.0.1",)
    """Names and addresses by which devices and browsers reach the hub; devices are told the first."""
    broker_port: int = 8883
    console_port: int = 8080
    door_port: int = 8444
    plan: Path | None = None
    page_port: int | None = None
    """Port of the citizens' page; None: there is none."""


def make_commune(directory: Path, wish: Wish, now: datetime) -> HubConfig:
    """Make the commune in `directory` and return its hub's config.

    Raises SettingsError naming every mistake; then nothing was made. Never touches a commune that exists.
    """
    values = _hub_values(directory, wish)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".new-", dir=directory))
        try:
            _write_all(draft, values, wish, now)
            # The authority last: as long as it is missing, there is no commune.
            for part in ("devices", "hub", "authority"):
                (draft / part).rename(directory / part)
        finally:
            shutil.rmtree(draft)
    except OSError as error:
        told = f"không ghi được (cannot be written): {error.filename}: {os_words(error)}"
        raise SettingsError(str(directory), [told]) from None
    config = load_hub_config(directory / "hub" / "hub.toml")
    write_broker_config(config)
    return config


def _hub_values(directory: Path, wish: Wish) -> dict[str, Any]:
    """Return what hub.toml shall say; raises SettingsError naming every mistake of options and plan."""
    mistakes = [
        f"{directory / part}: đã có, xã này đã được tạo (exists: a commune is never overwritten)"
        for part in ("authority", "hub", "devices")
        if (directory / part).exists()
    ]
    mistakes += _host_mistakes(wish.hosts)
    plan = load_plan(DEFAULT_PLAN)
    try:
        plan = load_plan(wish.plan or DEFAULT_PLAN)
    except SettingsError as error:
        mistakes += mistakes_of(error)
    values = _values(wish, plan)
    try:
        check_hub_config(values, "init", directory)
    except SettingsError as error:
        mistakes += error.mistakes
    if mistakes:
        raise SettingsError(f"init {directory}", mistakes)
    return values


def _host_mistakes(hosts: Sequence[str]) -> list[str]:
    if not 1 <= len(hosts) <= HOSTS_MAX:
        return [f"--host: tìm thấy (found) {len(hosts)}; cho phép (allowed): 1 … {HOSTS_MAX}"]
    return [
        f"--host: tìm thấy (found) {host!r}; cho phép (allowed): tên hoặc địa chỉ mà thiết bị gọi tới được "
        "(a name or an address at which devices reach the hub)"
        for host in hosts
        if not is_host(host) or host in EVERY_ADDRESS
    ]


def _values(wish: Wish, plan: Plan) -> dict[str, Any]:
    at_home = all(map(is_loopback, wish.hosts))
    listen = "127.0.0.1" if at_home else EVERY_ADDRESS[0]
    broker: dict[str, Any] = {"host": "127.0.0.1", "port": wish.broker_port, "directory": "broker"}
    address = next(filter(is_host, wish.hosts), "127.0.0.1")
    page = {} if wish.page_port is None else {"page": _page(listen, address, wish.page_port)}
    return {
        "commune": wish.commune,
        "office": wish.office,
        "address": address,
        "broker": broker if at_home else {**broker, "listen": listen},
        "console": {"host": listen, "port": wish.console_port, "tls": not at_home},
        "door": {"host": listen, "port": wish.door_port},
        **page,
        **plan.model_dump(),
    }


def _page(listen: str, address: str, port: int) -> dict[str, Any]:
    told = f"[{address}]" if ":" in address else address
    return {"host": listen, "port": port, "url": f"http://{told}:{port}/t/"}


def _write_all(directory: Path, values: dict[str, Any], wish: Wish, now: datetime) -> None:
    for part in ("authority", "hub", "devices"):
        (directory / part).mkdir(mode=0o700)
    authority = Authority.create(wish.commune, now)
    authority.save(directory / "authority")
    hub = directory / "hub"
    (hub / "roster").mkdir()
    hosts = list(dict.fromkeys([*wish.hosts, *LOCAL_HOSTS]))
    _write_identity(authority, hub / "identity" / HUB, HUB, Use.CLIENT, now)
    _write_identity(authority, hub / "identity" / "console", "console", Use.SERVER, now, hosts)
    _write_identity(authority, hub / "broker" / "server", "broker", Use.SERVER, now, hosts)
    # The hub's own copy: the authority's directory may be kept away from the hub.
    write_durably(hub / "broker" / "ca.crt", certificate_pem(authority.certificate), 0o644)
    _write_seal(hub / "identity")
    secret = secrets.token_hex(STORAGE_SECRET_BYTES)
    write_durably(hub / "identity" / "storage.secret", secret.encode())
    head = "# What this hub is and serves. Start the hub again after a change.\n\n"
    write_durably(hub / "hub.toml", (head + toml_text(values)).encode())


def _write_identity(
    authority: Authority, path: Path, holder: str, use: Use, now: datetime, hosts: Sequence[str] = ()
) -> None:
    """Write `path`.crt and `path`.key. They end with the authority: nobody renews them on a hub."""
    key = new_key()
    certificate = authority.issue(holder, key.public_key(), use, now, AUTHORITY_DAYS, hosts)
    write_durably(path.with_suffix(".key"), key_pem(key))
    write_durably(path.with_suffix(".crt"), certificate_pem(certificate), 0o644)


def _write_seal(directory: Path) -> None:
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    write_durably(directory / "seal.key", private)
    write_durably(directory / "seal.pub", public, 0o644)
