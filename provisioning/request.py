"""Certificate requests: a key made on the device never leaves it, only its public half is signed."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from firmware_agent.files import write_durably
from firmware_agent.os_words import os_words
from firmware_agent.settings import SettingsError
from provisioning.authority import key_pem, new_key
from wire.names import HUB, is_name

REQUEST_MAX_BYTES = 16 * 1024


def make_request(device: str, directory: Path) -> Path:
    """Make a key and a request on the device; return the path of the request, to be carried to the hub.

    Raises SettingsError; a key that is there already is never overwritten.
    """
    identity = directory / "identity"
    mistakes = []
    if not is_name(device) or device == HUB:
        mistakes.append(
            f"tên (name): tìm thấy (found) {device!r}; cho phép (allowed): a-z, 0-9, '-', not 'hub'"
        )
    if (identity / "device.key").exists():
        mistakes.append(f"{identity / 'device.key'}: đã có khóa (a key is there already)")
    if mistakes:
        raise SettingsError(f"request {device}", mistakes)
    key = new_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, device)])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    path = identity / "device.csr"
    try:
        identity.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(identity / "device.key", key_pem(key))
        write_durably(path, request.public_bytes(Encoding.PEM), 0o644)
    except OSError as error:
        told = f"không ghi được (cannot be written): {os_words(error)}"
        raise SettingsError(str(identity), [told]) from None
    return path


def read_request(path: Path, device: str) -> ec.EllipticCurvePublicKey:
    """Return the public key of a request that `device` made; raises SettingsError naming every mistake."""
    try:
        if path.stat().st_size > REQUEST_MAX_BYTES:
            raise SettingsError(str(path), [f"lớn hơn {REQUEST_MAX_BYTES} byte (file too large)"])
        request = x509.load_pem_x509_csr(path.read_bytes())
        key = request.public_key()
    except OSError as error:
        raise SettingsError(str(path), [f"không đọc được (cannot be read): {os_words(error)}"]) from None
    except (ValueError, TypeError):
        told = "không phải yêu cầu chứng thư dạng PEM (is no certificate request in PEM form)"
        raise SettingsError(str(path), [told]) from None
    mistakes = _mistakes(request, device)
    if mistakes or not isinstance(key, ec.EllipticCurvePublicKey):
        raise SettingsError(str(path), mistakes)
    return key


def _mistakes(request: x509.CertificateSigningRequest, device: str) -> list[str]:
    mistakes = []
    key = request.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        mistakes.append("cần khóa EC P-256 (an EC P-256 key is needed)")
    names = [str(each.value) for each in request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if names != [device]:
        mistakes.append(f"tên (common name): tìm thấy (found) {names}; cho phép (allowed): {[device]}")
    try:
        valid = request.is_signature_valid
    except (ValueError, TypeError, InvalidSignature):
        valid = False
    if not valid:
        mistakes.append("chữ ký của yêu cầu sai (the request's own signature is wrong)")
    return mistakes
