"""The commune's certificate authority: who holds its key decides who belongs to the commune."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from firmware_agent.files import secrecy_mistakes, write_durably
from firmware_agent.settings import SettingsError

CERTIFICATE_FILE = "ca.crt"
KEY_FILE = "ca.key"
AUTHORITY_DAYS = 3_650
BACKDATED = timedelta(days=1)
"""Certificates begin this long before they are made: devices have no clock battery, and wake up behind."""


class Use(Enum):
    """What a certificate may be used for, and nothing else: a device cannot pose as the hub's server."""

    CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
    SERVER = ExtendedKeyUsageOID.SERVER_AUTH


def new_key() -> ec.EllipticCurvePrivateKey:
    """Make a private key for a certificate: EC P-256, which every TLS library speaks and a Pi does fast."""
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a private key as it stands in a file (write it with mode 0600)."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def certificate_pem(certificate: x509.Certificate) -> bytes:
    """Return a certificate as it stands in a file."""
    return certificate.public_bytes(Encoding.PEM)


@dataclass(frozen=True)
class Authority:
    """The authority with its key: Authority.load(directory).issue("quay-1-pi", key, Use.CLIENT, now, 825)."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def create(cls, commune: str, now: datetime) -> Authority:
        """Make a new authority; it may sign certificates of holders, but no further authority."""
        key = new_key()
        name = _named(f"commune {commune} authority")
        builder = _builder(name, name, key.public_key(), now, now + timedelta(days=AUTHORITY_DAYS))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_key_usage(is_authority=True), critical=True)
        return cls(builder.sign(key, hashes.SHA256()), key)

    @classmethod
    def load(cls, directory: Path) -> Authority:
        """Read what `save` wrote; raises SettingsError with one line for each file that cannot be used."""
        mistakes: list[str] = []
        certificate = key = None
        try:
            certificate = x509.load_pem_x509_certificate((directory / CERTIFICATE_FILE).read_bytes())
        except (OSError, ValueError) as error:
            mistakes.append(f"{directory / CERTIFICATE_FILE}: không dùng được (cannot be used): {error}")
        try:
            key = load_pem_private_key((directory / KEY_FILE).read_bytes(), None)
        except (OSError, ValueError, TypeError) as error:
            mistakes.append(f"{directory / KEY_FILE}: không dùng được (cannot be used): {error}")
        mistakes += secrecy_mistakes(directory / KEY_FILE, "khóa của xã (the commune's key)")
        if certificate and key and certificate.public_key() != key.public_key():
            mistakes.append(f"{directory / KEY_FILE}: không phải khóa của ca.crt (is not the key of ca.crt)")
        if mistakes or certificate is None or not isinstance(key, ec.EllipticCurvePrivateKey):
            wrong_kind = [f"{directory / KEY_FILE}: cần khóa EC (an EC key is needed)"]
            raise SettingsError(str(directory), mistakes or wrong_kind)
        return cls(certificate, key)

    def save(self, directory: Path) -> None:
        """Write certificate and key into `directory`, the key for its owner only."""
        write_durably(directory / KEY_FILE, key_pem(self.key))
        write_durably(directory / CERTIFICATE_FILE, certificate_pem(self.certificate), 0o644)

    def issue(
        self,
        holder: str,
        public_key: ec.EllipticCurvePublicKey,
        use: Use,
        now: datetime,
        days: int,
        hosts: Sequence[str] = (),
    ) -> x509.Certificate:
        """Return a certificate that `holder` has the key belonging to `public_key`.

        `hosts` are names and addresses that a server is reached by. It ends after `days`, or with the
        authority if that is sooner.
        """
        until = min(now + timedelta(days=days), self.certificate.not_valid_after_utc)
        builder = _builder(_named(holder), self.certificate.subject, public_key, now, until)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(issuer, critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_key_usage(is_authority=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([use.value]), critical=False)
        if hosts:
            names = x509.SubjectAlternativeName([_host_name(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self.key, hashes.SHA256())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _host_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
