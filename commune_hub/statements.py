"""Daily statements: what the hub holds of each stream, hashed, chained to the day before, and sealed.

Whoever has the hub's public seal can check that no statement was changed, left out or put in between; whoever
has the store as well, that no fact of a closed day was changed, removed or added since.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta, Struct

from commune_hub.capabilities.accounts import Accounts, Stretch
from commune_hub.store import Store
from commune_hub.times import NowMs, iso_utc
from firmware_agent.files import write_durably

DIRECTORY = "statements"
FIRST = "0" * 64
"""What stands for the statement before the first."""

FILE_MAX_BYTES = 8 * 1024 * 1024

_DOMAIN = b"commune statement v1\n"


class StreamStated(Struct, frozen=True, kw_only=True):
    """A stream's facts of the day: numbers `first` to `last`, how many are stored, and their hash."""

    device: str
    node: str
    epoch: str
    first: int
    last: int
    stored: int
    sha256: str


class DeviceStated(Struct, frozen=True, kw_only=True):
    """A device's account of the day."""

    device: str
    made: int
    stored: int
    missing: int
    repeated: int
    refused: int
    repaired: int


class Statement(Struct, frozen=True, kw_only=True):
    """What is said of a day."""

    commune: str
    day: str
    made_at: str
    previous: str
    """SHA-256 of the file of the statement before."""
    devices: list[DeviceStated]
    streams: list[StreamStated]


class SealedStatement(Struct, frozen=True, kw_only=True):
    """A statement as it stands in its file: the exact bytes, and the seal over them."""

    statement: str
    seal: Annotated[bytes, Meta(min_length=64, max_length=64)]


class Statements:
    """Write the statements of closed days, in order, each once."""

    def __init__(
        self,
        commune: str,
        root: Path,
        store: Store,
        accounts: Accounts,
        key: Ed25519PrivateKey,
        now_ms: NowMs,
    ) -> None:
        self._commune = commune
        self._directory = root / DIRECTORY
        self._store = store
        self._accounts = accounts
        self._key = key
        self._now_ms = now_ms

    def write_due(self) -> list[Path]:
        """Write a statement for each closed day that has none; return their files."""
        return [
            self._write(day)
            for day in self._accounts.closed_days()
            if not statement_path(self._directory, day).exists()
        ]

    def _write(self, day: str) -> Path:
        before = [path for path in statement_files(self._directory) if path.stem < day]
        accounts = self._accounts.day(day)
        said = Statement(
            commune=self._commune,
            day=day,
            made_at=iso_utc(self._now_ms()),
            previous=file_hash(before[-1]) if before else FIRST,
            devices=[
                DeviceStated(
                    device=each.device,
                    made=each.made,
                    stored=each.stored,
                    missing=each.missing,
                    repeated=each.repeated,
                    refused=each.refused,
                    repaired=each.repaired,
                )
                for each in accounts
            ],
            streams=[_state(self._store, each) for each in self._accounts.stretches(day)],
        )
        text = msgspec.json.encode(said)
        sealed = SealedStatement(statement=text.decode(), seal=self._key.sign(_DOMAIN + text))
        path = statement_path(self._directory, day)
        write_durably(path, msgspec.json.format(msgspec.json.encode(sealed)))
        return path


def statement_path(directory: Path, day: str) -> Path:
    """Return the file of a day's statement."""
    return directory / f"{day}.json"


def statement_files(directory: Path) -> list[Path]:
    """Return the files of all statements, oldest first."""
    return sorted(directory.glob("????-??-??.json"))


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _state(store: Store, stretch: Stretch) -> StreamStated:
    digest = hashlib.sha256()
    rows = store.rows(
        "SELECT seq, kind, body, at_ms, mono_ms, boot, synced FROM facts "
        "WHERE device = ? AND node = ? AND epoch = ? AND seq BETWEEN ? AND ? ORDER BY seq",
        [stretch.device, stretch.node, stretch.epoch, stretch.first, stretch.last],
    )
    for row in rows:
        digest.update(msgspec.json.encode(list(row.values())) + b"\n")
    return StreamStated(
        device=stretch.device,
        node=stretch.node,
        epoch=stretch.epoch,
        first=stretch.first,
        last=stretch.last,
        stored=len(rows),
        sha256=digest.hexdigest(),
    )


def check_statements(directory: Path, seal: Ed25519PublicKey, store: Store | None) -> list[str]:
    """Return what is wrong with the statements under `directory`, in lines; nothing when all is right.

    With `store`, every fact of every closed day is hashed again, and each closed day must have its statement:
    the chain alone does not tell that its end is missing.
    """
    closed = store.rows("SELECT day FROM closed_days ORDER BY day") if store is not None else []
    mistakes = [
        f"{row['day']}: ngày đã khóa mà không có bản kê (a closed day without its statement)"
        for row in closed
        if not statement_path(directory, str(row["day"])).exists()
    ]
    previous = FIRST
    for path in statement_files(directory):
        try:
            said = _open(path, seal)
        except ValueError as error:
            mistakes.append(f"{path.name}: {error}")
        else:
            mistakes += [f"{path.name}: {line}" for line in _mistakes(said, path, previous, store)]
        previous = file_hash(path)
    return mistakes


def _open(path: Path, seal: Ed25519PublicKey) -> Statement:
    if path.stat().st_size > FILE_MAX_BYTES:
        raise ValueError(f"lớn hơn {FILE_MAX_BYTES} byte (too large)")
    try:
        sealed = msgspec.json.decode(path.read_bytes(), type=SealedStatement)
        seal.verify(sealed.seal, _DOMAIN + sealed.statement.encode())
        return msgspec.json.decode(sealed.statement, type=Statement)
    except InvalidSignature:
        raise ValueError("niêm phong sai, bản kê đã bị sửa (bad seal: the statement was changed)") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"không phải bản kê (is no statement): {error}") from None


def _mistakes(said: Statement, path: Path, previous: str, store: Store | None) -> list[str]:
    lines = []
    if said.day != path.stem:
        lines.append(f"của ngày khác (of another day): {said.day}")
    if said.previous != previous:
        lines.append("không nối với bản kê trước, có bản bị bỏ hay thay (does not follow the one before)")
    if store is not None:
        lines += [
            f"{stated.device}/{stated.node} số {stated.first}–{stated.last}: sổ không còn như đã kê "
            "(the ledger is not as it was stated)"
            for stated in said.streams
            if not _holds(stated, store)
        ]
    return lines


def _holds(stated: StreamStated, store: Store) -> bool:
    stretch = Stretch(stated.device, stated.node, stated.epoch, stated.first, stated.last)
    return _state(store, stretch) == stated
