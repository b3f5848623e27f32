"""Take a parcel into the ledger: facts that came on a USB stick instead of over the network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from commune_hub.hub import Capabilities
from commune_hub.in_place import Refused
from firmware_agent.identity import certificate_mistakes
from wire.batches import Batch
from wire.codec import WireError, decode
from wire.parcel import LINE_MAX_BYTES, Heading, unpack_line
from wire.topics import Address


class ParcelRefusedError(Exception):
    """A parcel that cannot be taken at all; the text is one line for a technician."""


@dataclass
class Unpacked:
    """What became of a parcel."""

    device: str
    batches_named: int
    """As many batches its heading names."""
    facts_named: int | None = None
    """As many facts its heading names; None: it names none."""
    new: int = 0
    """Facts that the ledger did not have yet."""
    known: int = 0
    """Facts that it had already."""
    waiting: int = 0
    """Facts that lie behind a gap: they are taken from the parcel that holds what is missing."""
    refused: Counter[str] = field(default_factory=Counter)
    """Lines that were refused, by reason."""
    came: dict[tuple[str, str, int], int] = field(default_factory=dict)
    """Facts of each whole batch, by node, epoch and first number: a line that stands there twice is one."""

    @property
    def batches(self) -> int:
        """Whole batches that were in it."""
        return len(self.came)

    @property
    def missing(self) -> int:
        """Batches that the heading names and that were not there, whole: the file was cut or changed."""
        return max(0, self.batches_named - self.batches)

    @property
    def facts_missing(self) -> int | None:
        """Facts of these batches; None: the heading does not name how many there should be."""
        return None if self.facts_named is None else max(0, self.facts_named - sum(self.came.values()))


class Intake:
    """Checks parcels against the commune and hands their batches to the ledger.

    `take` commits a batch and returns how far its stream is committed then; `committed` asks that;
    `knows` tells whether a node is on the roster; `refused` counts a line by its device and reason.
    """

    def __init__(
        self,
        commune: str,
        authority: Path,
        take: Callable[[Batch], int],
        committed: Callable[[str, str, str], int],
        knows: Callable[[Address], bool],
        refused: Refused,
    ) -> None:
        self._commune = commune
        self._authority = authority
        self._take = take
        self._committed = committed
        self._knows = knows
        self._refused = refused

    def unpack(self, file: BinaryIO, name: str) -> Unpacked:
        """Take everything that is whole in the parcel `file`; `name` stands in errors.

        May be repeated, and parcels may come in any order: the ledger takes each fact once.
        Raises ParcelRefusedError for a file that is no parcel of a device of this commune.
        """
        heading = self._heading(file, name)
        key = self._holder_key(heading, name)
        found = Unpacked(heading.device, heading.batches, heading.facts)
        for line in _lines(file):
            try:
                batch = unpack_line(line, heading.device, key)
                self._check_roster(batch)
            except WireError as error:
                found.refused[error.reason] += 1
                self._refused(heading.device, name, error)
            else:
                found.came[batch.node, batch.epoch, batch.first] = len(batch.facts)
                self._count(batch, found)
        return found

    def _heading(self, file: BinaryIO, name: str) -> Heading:
        try:
            heading = decode(file.readline(LINE_MAX_BYTES + 1), Heading, LINE_MAX_BYTES)
        except WireError as error:
            raise ParcelRefusedError(f"{name}: không phải gói sự việc (is no parcel): {error}") from None
        if heading.commune != self._commune:
            raise ParcelRefusedError(
                f"{name}: gói của xã khác (of another commune): {heading.commune!r}; cần {self._commune!r}"
            )
        return heading

    def _holder_key(self, heading: Heading, name: str) -> ec.EllipticCurvePublicKey:
        """Return the key of the device, proven by its certificate of this commune.

        The certificate may have ended meanwhile: the facts were made while it held.
        """
        try:
            certificate = x509.load_pem_x509_certificate(heading.certificate.encode())
            authority = x509.load_pem_x509_certificate(self._authority.read_bytes())
        except ValueError:
            raise ParcelRefusedError(f"{name}: chứng thư không đọc được (certificate is no PEM)") from None
        made = datetime.fromtimestamp(certificate.not_valid_before_utc.timestamp(), UTC)
        mistakes = certificate_mistakes(certificate, authority, heading.device, made, Path(name))
        key = certificate.public_key()
        if mistakes or not isinstance(key, ec.EllipticCurvePublicKey):
            raise ParcelRefusedError("; ".join(mistakes) or f"{name}: cần khóa EC (an EC key is needed)")
        return key

    def _check_roster(self, batch: Batch) -> None:
        if not self._knows(Address(self._commune, batch.device, batch.node)):
            raise WireError("not_enrolled", f"{batch.device}/{batch.node} is not on the roster")

    def _count(self, batch: Batch, found: Unpacked) -> None:
        before = self._committed(batch.device, batch.node, batch.epoch)
        after = self._take(batch)
        last = batch.first + len(batch.facts) - 1
        new = max(0, after - max(before, batch.first - 1))
        found.new += new
        if after < last:
            found.waiting += len(batch.facts)
        else:
            found.known += len(batch.facts) - new


def make_intake(capabilities: Capabilities) -> Intake:
    """Return an intake into the store of `capabilities`."""
    config = capabilities.config
    ledger = capabilities.ledger
    authority = config.broker_directory / "ca.crt"
    fleet = capabilities.fleet
    return Intake(config.commune, authority, ledger.take, ledger.committed, fleet.knows, fleet.refused)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield whole lines; one without its end was cut, one that is too long is passed over in pieces."""
    while line := file.readline(LINE_MAX_BYTES + 2):
        if line.endswith(b"\n"):
            yield line
        elif len(line) > LINE_MAX_BYTES:
            yield line
            while line and not line.endswith(b"\n"):
                line = file.readline(LINE_MAX_BYTES)
