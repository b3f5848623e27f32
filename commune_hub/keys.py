"""The hub's own keys and certificates, made by provisioning, checked at start."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from firmware_agent.files import secrecy_mistakes
from firmware_agent.identity import certificate_mistakes
from firmware_agent.settings import SettingsError
from wire.names import HUB

SECRETS = ("hub.key", "console.key", "seal.key", "storage.secret")
"""Files of the hub's identity that nobody else on the machine may read."""


@dataclass(frozen=True)
class Keys:
    """Where the hub's identity lies, and its sealing key, loaded."""

    directory: Path
    authority: Path
    seal: Ed25519PrivateKey
    storage_secret: str

    @property
    def console_certificate(self) -> Path:
        """Certificate of the console and the door."""
        return self.directory / "console.crt"

    @property
    def console_key(self) -> Path:
        """Key of the console and the door."""
        return self.directory / "console.key"

    def client_tls(self) -> ssl.SSLContext:
        """Return what the hub proves itself to the broker with."""
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(self.authority))
        context.load_cert_chain(self.directory / "hub.crt", self.directory / "hub.key")
        return context

    def door_tls(self) -> ssl.SSLContext:
        """Return what the door demands of devices: a certificate of this commune."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(self.authority))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.console_certificate, self.console_key)
        context.verify_mode = ssl.CERT_REQUIRED
        return context


def load_keys(root: Path, now: datetime) -> Keys:
    """Read the identity under `root`, where hub.toml is; raises SettingsError naming every mistake."""
    directory = root / "identity"
    authority = root / "broker" / "ca.crt"
    mistakes: list[str] = []
    issuer = _certificate(authority, mistakes)
    for name, file in ((HUB, "hub.crt"),):
        certificate = _certificate(directory / file, mistakes)
        if certificate and issuer:
            mistakes += certificate_mistakes(certificate, issuer, name, now, directory / file)
    for file in ("hub.key", "console.crt", "console.key"):
        if not (directory / file).is_file():
            mistakes.append(f"{directory / file}: thiếu (missing)")
    for secret_file in (*SECRETS, Path("..") / "broker" / "server.key"):
        mistakes += secrecy_mistakes((directory / secret_file).resolve(), "tệp bí mật (secret)")
    seal = _seal(directory / "seal.key", mistakes)
    secret = _text(directory / "storage.secret", mistakes)
    if mistakes or seal is None or secret is None:
        raise SettingsError(str(directory), mistakes)
    return Keys(directory, authority, seal, secret)


def _certificate(path: Path, mistakes: list[str]) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        mistakes.append(f"{path}: không dùng được (cannot be used): {error}")
        return None


def _seal(path: Path, mistakes: list[str]) -> Ed25519PrivateKey | None:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        mistakes.append(f"{path}: không dùng được (cannot be used): {error}")
        return None
    if isinstance(key, Ed25519PrivateKey):
        return key
    mistakes.append(f"{path}: cần khóa Ed25519 (an Ed25519 private key is needed)")
    return None


def _text(path: Path, mistakes: list[str]) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        mistakes.append(f"{path}: không đọc được (cannot be read): {error}")
        return None
