"""A copy of every certificate that devices were given: what is valid until when, and what to revoke."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from cryptography import x509

from firmware_agent.files import write_durably
from provisioning.authority import certificate_pem


def keep_issued(authority: Path, device: str, certificate: x509.Certificate) -> None:
    """Keep a copy in authority/issued, beside those that the device had before."""
    name = f"{device}.{certificate.serial_number:040x}.crt"
    write_durably(authority / "issued" / name, certificate_pem(certificate), 0o644)


def valid_until(authority: Path, device: str) -> datetime | None:
    """Return when the last certificate given to `device` ends; None where no readable copy was kept."""
    copies = sorted((authority / "issued").glob(f"{device}.*.crt"), key=lambda path: path.stat().st_mtime_ns)
    if not copies:
        return None
    try:
        return x509.load_pem_x509_certificate(copies[-1].read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        return None
