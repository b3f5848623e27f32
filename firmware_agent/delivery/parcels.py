"""Pack a device's facts into a parcel, for a USB stick: everything that the hub has not said is safe.

Nothing is deleted: the outbox forgets when the hub's ack comes, by whatever way.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from firmware_agent.clock import Clock
from firmware_agent.config import AGENT, DeviceConfig
from firmware_agent.delivery.reading import read_kept
from firmware_agent.delivery.twice import read_stream
from firmware_agent.desk import node_directory
from firmware_agent.files import sync_directory
from firmware_agent.identity import Identity
from firmware_agent.os_words import os_words
from wire.agreement import mark_of
from wire.batches import MAX_FACTS_IN_BATCH, Batch
from wire.codec import MAX_BATCH_BYTES, encode
from wire.parcel import Heading, Packed, pack_line


class ParcelError(Exception):
    """A parcel cannot be made; the text is one line for a technician."""


@dataclass(frozen=True)
class Packing:
    """What went into a parcel."""

    path: Path
    batches: int
    facts: int


def make_parcel(config: DeviceConfig, identity: Identity, clock: Clock, path: Path) -> Packing:
    """Write a parcel of every node of this device to `path`; the nodes may go on working.

    Raises ParcelError.
    """
    key = _signing_key(identity)
    batches = [batch for node in _nodes(config) for batch in _batches(config, node)]
    heading = Heading(
        commune=config.commune,
        device=config.device,
        made_at_ms=clock.wall_ms(),
        certificate=identity.files.certificate.read_text(encoding="ascii"),
        batches=len(batches),
        streams=_packed(batches),
        facts=sum(len(batch.facts) for batch in batches),
    )
    try:
        _write(path, heading, batches, key)
    except OSError as error:
        raise ParcelError(f"{path}: không ghi được (cannot be written): {os_words(error)}") from None
    return Packing(path, len(batches), sum(len(batch.facts) for batch in batches))


def _nodes(config: DeviceConfig) -> list[str]:
    return [AGENT, *(node.name for node in config.nodes)]


def _batches(config: DeviceConfig, node: str) -> Iterator[Batch]:
    """Yield what the outbox of `node` holds, read beside the process that writes it."""
    path = node_directory(config, node) / "outbox.db"
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as connection:
            stream = read_stream(connection)
            if stream is None:
                raise ParcelError(f"{path}: không đọc được (cannot be read): stream")
            following, before = 1, None
            while True:
                first, oldest, facts = read_kept(connection, following, MAX_FACTS_IN_BATCH, MAX_BATCH_BYTES)
                if not facts:
                    return
                yield Batch(
                    device=config.device,
                    node=node,
                    epoch=stream.epoch,
                    first=first,
                    oldest=oldest,
                    facts=facts,
                    before=before if first == following else None,
                )
                following, before = first + len(facts), mark_of(facts[-1])
    except sqlite3.Error as error:
        raise ParcelError(f"{path}: không đọc được (cannot be read): {error}") from None


def _packed(batches: list[Batch]) -> list[Packed]:
    streams: dict[tuple[str, str], Packed] = {}
    for batch in batches:
        last = batch.first + len(batch.facts) - 1
        known = streams.get((batch.node, batch.epoch))
        first = known.first if known else batch.first
        streams[batch.node, batch.epoch] = Packed(node=batch.node, epoch=batch.epoch, first=first, last=last)
    return list(streams.values())


def _write(path: Path, heading: Heading, batches: list[Batch], key: ec.EllipticCurvePrivateKey) -> None:
    """A stick that is pulled out early leaves no file by that name, or a whole one."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    with temporary.open("xb") as file:  # never through a link that somebody left on the stick
        file.write(encode(heading) + b"\n")
        for number, batch in enumerate(batches, 1):
            file.write(pack_line(number, batch, key))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_directory(path.parent)


def _signing_key(identity: Identity) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(identity.files.key.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ParcelError(f"{identity.files.key}: cần khóa EC (an EC key is needed)")
    return key
