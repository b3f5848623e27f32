"""Enrol a device: its certificate, its config, its line on the roster."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from firmware_agent.config import load_device_config
from firmware_agent.files import sync_directory, write_durably
from firmware_agent.identity import IdentityError, load_identity
from firmware_agent.os_words import os_words
from firmware_agent.settings import SettingsError
from provisioning.authority import Authority, Use, certificate_pem, key_pem, new_key
from provisioning.issued import keep_issued
from provisioning.order import DEVICE_FILE, Order, Prepared, prepare
from provisioning.plan import HubConfig, load_hub_config, mistakes_of
from provisioning.renewal import as_before
from provisioning.roster import RosterEntry, write_roster_entry
from provisioning.toml_text import toml_text
from provisioning.voices import voice_files


@dataclass(frozen=True)
class Enrolled:
    """A device that may be put into service."""

    entry: RosterEntry
    config: Path
    """Its device.toml."""
    certificate: x509.Certificate
    notes: list[str]
    """What could not be checked on this machine, in lines."""


def enrol(order: Order, now: datetime) -> Enrolled:
    """Enrol a device, or renew one (`replace`, as it was but for what is ordered otherwise).

    Its outboxes and documents are never touched.

    Raises SettingsError naming every mistake; then nothing was written.
    """
    hub, authority = _load_commune(order.commune_dir)
    roster = hub.root / "roster"
    with _alone(roster):
        order = as_before(order, roster)
        prepared = prepare(order, hub)
        return _carry_out(order, hub, authority, prepared, now)


def _load_commune(directory: Path) -> tuple[HubConfig, Authority]:
    mistakes = []
    hub = authority = None
    try:
        hub = load_hub_config(directory / "hub" / "hub.toml")
    except SettingsError as error:
        mistakes += mistakes_of(error)
    try:
        authority = Authority.load(directory / "authority")
    except SettingsError as error:
        mistakes += error.mistakes
    if hub is None or authority is None:
        raise SettingsError(str(directory), mistakes)
    return hub, authority


@contextmanager
def _alone(roster: Path) -> Iterator[None]:
    """Let one enrolment at a time look at the roster and write it: two must not choose the same series."""
    try:
        roster.mkdir(parents=True, exist_ok=True)
        lock = (roster / ".lock").open("ab")
    except OSError as error:
        told = f"không ghi được (cannot be written): {os_words(error)}"
        raise SettingsError(str(roster), [told]) from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _carry_out(
    order: Order, hub: HubConfig, authority: Authority, prepared: Prepared, now: datetime
) -> Enrolled:
    """Write all into a draft, check the draft as the device will, then move it into place; roster last."""
    directory = order.directory
    made = _missing_parents(directory)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".new-", dir=directory))
        try:
            certificate = _write_draft(draft, order, hub, authority, prepared, now)
            _check_draft(draft, order, prepared)
            _move_into_place(draft, directory)
        finally:
            shutil.rmtree(draft)
        keep_issued(order.commune_dir / "authority", order.device, certificate)
        write_roster_entry(hub.root / "roster", prepared.entry)
    except (SettingsError, OSError) as error:
        for path in made:
            shutil.rmtree(path, ignore_errors=True)
        if isinstance(error, SettingsError):
            raise
        told = f"không ghi được (cannot be written): {error.filename}: {os_words(error)}"
        raise SettingsError(f"enrol {order.device}", [told]) from None
    return Enrolled(prepared.entry, directory / DEVICE_FILE, certificate, prepared.notes)


def _missing_parents(directory: Path) -> list[Path]:
    """Return the topmost directory that writing into `directory` would make, if any."""
    missing = [path for path in [directory, *directory.parents] if not path.exists()]
    return missing[-1:]


def _write_draft(
    draft: Path, order: Order, hub: HubConfig, authority: Authority, prepared: Prepared, now: datetime
) -> x509.Certificate:
    identity = draft / "identity"
    identity.mkdir(mode=0o700)
    public_key = prepared.public_key
    if public_key is None:
        key = new_key()
        public_key = key.public_key()
        write_durably(identity / "device.key", key_pem(key))
    certificate = authority.issue(order.device, public_key, Use.CLIENT, now, order.days)
    write_durably(identity / "device.crt", certificate_pem(certificate), 0o644)
    write_durably(identity / "commune-ca.crt", certificate_pem(authority.certificate), 0o644)
    write_durably(identity / "hub-seal.pub", (hub.root / "identity" / "seal.pub").read_bytes(), 0o644)
    for path in voice_files(prepared.values, hub):
        write_durably(draft / path.name, path.read_bytes(), 0o644)
    write_durably(draft / DEVICE_FILE, toml_text(prepared.values).encode())
    return certificate


def _check_draft(draft: Path, order: Order, prepared: Prepared) -> None:
    """Read what was written as the device will read it; raises SettingsError."""
    config = load_device_config(draft / DEVICE_FILE)
    if prepared.public_key is not None:
        return  # the key is on the device: its own `firmware-agent check` joins the two
    try:
        load_identity(config.identity, order.device, None)
    except IdentityError as error:
        raise SettingsError(f"enrol {order.device}", error.mistakes) from None


def _move_into_place(draft: Path, directory: Path) -> None:
    (directory / "identity").mkdir(mode=0o700, exist_ok=True)
    for path in sorted((draft / "identity").iterdir()):
        path.replace(directory / "identity" / path.name)
    sync_directory(directory / "identity")
    for path in draft.glob("*.onnx*"):
        path.replace(directory / path.name)
    (draft / DEVICE_FILE).replace(directory / DEVICE_FILE)
    sync_directory(directory)
