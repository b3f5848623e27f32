"""A commune's keys and certificates, made for one test."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from firmware_agent.config import IdentitySettings

COMMUNE = "xuan-luong"
DEVICE = "quay-1-pi"


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a private key as it stands in a file."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@dataclass
class TestCommune:
    """An authority that issues certificates into a directory, and the hub's seal."""

    __test__ = False
    directory: Path
    name: str = "authority of xuan-luong"
    seal_key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def __post_init__(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self._key = _new_key()
        now = datetime.now(UTC)
        self.authority = self._builder(self.name, self._key.public_key(), now, 30, is_authority=True).sign(
            self._key, hashes.SHA256()
        )
        self.ca_file = self.directory / "commune-ca.crt"
        self.ca_file.write_bytes(self.authority.public_bytes(Encoding.PEM))
        self.seal_file = self.directory / "hub-seal.pub"
        public = self.seal_key.public_key()
        self.seal_file.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    def issue(self, holder: str, *, since: datetime | None = None, days: int = 10) -> IdentitySettings:
        """Write a certificate and its key for `holder`; return where all identity files are."""
        key = _new_key()
        builder = self._builder(holder, key.public_key(), since or datetime.now(UTC), days)
        certificate = builder.sign(self._key, hashes.SHA256())
        files = IdentitySettings(
            certificate=self.directory / f"{holder}.crt",
            key=self.directory / f"{holder}.key",
            authority=self.ca_file,
            hub_seal=self.seal_file,
        )
        files.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
        files.key.write_bytes(key_pem(key))
        files.key.chmod(0o600)
        return files

    def _builder(
        self,
        holder: str,
        public_key: ec.EllipticCurvePublicKey,
        since: datetime,
        days: int,
        *,
        is_authority: bool = False,
    ) -> x509.CertificateBuilder:
        here = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
        return (
            x509.CertificateBuilder()
            .subject_name(_named(holder))
            .issuer_name(_named(self.name))
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(since - timedelta(minutes=5))
            .not_valid_after(since + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(here, critical=False)
        )
