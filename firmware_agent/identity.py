"""Who the device is: its certificate and key, the commune's authority, the hub's sealing key."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from cryptography.x509.oid import NameOID

from firmware_agent.config import IdentitySettings
from firmware_agent.files import secrecy_mistakes
from firmware_agent.os_words import os_words

P = TypeVar("P")


class IdentityError(Exception):
    """Identity files that cannot be used; `mistakes` holds one line each, for a technician."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True)
class Identity:
    """A device's proven identity."""

    name: str
    files: IdentitySettings
    hub_seal: Ed25519PublicKey

    def tls(self) -> ssl.SSLContext:
        """Return what a client needs to prove itself and to trust only this commune."""
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(self.files.authority))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.files.certificate, self.files.key)
        return context


def load_identity(files: IdentitySettings, name: str, now: datetime | None) -> Identity:
    """Read and check the identity of the device `name`.

    `now` is the time to judge the certificate by, None where the clock is not to be trusted (a Pi without
    battery clock that has not met a time server: then the broker judges). Raises IdentityError.
    """
    mistakes: list[str] = []
    certificate = _read_certificate(files.certificate, mistakes)
    authority = _read_certificate(files.authority, mistakes)
    key = _read(
        files.key, lambda data: load_pem_private_key(data, None), "khóa riêng (private key)", mistakes
    )
    mistakes += secrecy_mistakes(files.key, "khóa riêng (private key)")
    seal = _read(files.hub_seal, load_pem_public_key, "khóa niêm phong của hub (hub's seal)", mistakes)
    if seal is not None and not isinstance(seal, Ed25519PublicKey):
        mistakes.append(f"{files.hub_seal}: cần khóa Ed25519 (an Ed25519 public key is needed)")
    if certificate and authority:
        mistakes += certificate_mistakes(certificate, authority, name, now, files.certificate)
    if certificate and key and certificate.public_key() != key.public_key():
        mistakes.append(f"{files.key}: không khớp với chứng thư (is not the key of the certificate)")
    if mistakes or not isinstance(seal, Ed25519PublicKey):
        raise IdentityError(mistakes)
    return Identity(name, files, seal)


def certificate_mistakes(
    certificate: x509.Certificate, authority: x509.Certificate, name: str, now: datetime | None, path: Path
) -> list[str]:
    """Return what is wrong with `certificate` as the proof that its holder is `name`, in lines."""
    mistakes = []
    holder = common_name(certificate)
    if holder != name:
        mistakes.append(
            f"{path}: chứng thư này của thiết bị {holder!r}, không phải {name!r} (is for another device); "
            f"chạy lại (run again): commune-provision enrol {name}"
        )
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        mistakes.append(f"{path}: không do cơ quan chứng thực của xã này cấp (not issued by this commune)")
    if now and now > certificate.not_valid_after_utc:
        ended = certificate.not_valid_after_utc.astimezone(UTC).date()
        mistakes.append(
            f"{path}: chứng thư đã hết hạn ngày {ended:%d/%m/%Y} (has expired); hãy cấp lại (enrol anew)"
        )
    if now and now < certificate.not_valid_before_utc:
        mistakes.append(
            f"{path}: chứng thư chưa có hiệu lực (not valid yet); hãy xem lại đồng hồ (check the clock)"
        )
    return mistakes


def common_name(certificate: x509.Certificate) -> str:
    """Return the name that a certificate was issued to."""
    attributes = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(attributes[0].value) if attributes else ""


def _read_certificate(path: Path, mistakes: list[str]) -> x509.Certificate | None:
    return _read(path, x509.load_pem_x509_certificate, "chứng thư (certificate)", mistakes)


def _read(path: Path, parse: Callable[[bytes], P], what: str, mistakes: list[str]) -> P | None:
    try:
        return parse(path.read_bytes())
    except OSError as error:
        mistakes.append(f"{path}: không đọc được {what}: {os_words(error)} (cannot be read)")
    except (ValueError, TypeError):
        mistakes.append(f"{path}: không phải {what} dạng PEM (is not one in PEM form)")
    return None
