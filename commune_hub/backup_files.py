"""Files that the hub keeps beside its store, in its backups: pictures, sounds, daily statements.

    backups/hub-2026-01-31.db           the store
    backups/hub-2026-01-31.files.json   what belonged to it, by hash
    backups/files/SHA256                each content once, whichever backups name it

None of these files ever changes, so a day's backup copies only what is new. They are copies and no links: a
link would be cut with its file.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from commune_hub.statements import statement_files
from firmware_agent.files import write_durably
from wire.codec import WireError, decode, encode

FILES = "files"
LIST_MAX_BYTES = 8 * 1024 * 1024
FILES_MAX = 40_000
"""Most files of one backup: all pictures and sounds that a hub keeps, and the statements of a century."""

FILE_MAX_BYTES = 256 * 1024 * 1024
"""Largest of them: a sound is levelled and packed, and half an hour long at most."""

LEFT_BYTES = 512 * 1024 * 1024
"""Room that copies leave on the disk: facts of today come before copies of sounds."""

UNNAMED_KEPT_S = 86_400
"""A copy that no list names stays a day: its list may be being written."""

Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
Place = Annotated[
    str, Meta(pattern=r"^(pictures/[0-9a-f]{64}\.jpg|sounds/[0-9a-f]{64}\.ogg|statements/[0-9-]{10}\.json)\Z")
]

log = logging.getLogger(__name__)


class BackedFile(Struct, frozen=True, kw_only=True):
    """A file of a backup: where it lies under the hub's directory, and the hash of its content."""

    path: Place
    sha256: Sha256
    size_bytes: Annotated[int, Meta(ge=0, le=FILE_MAX_BYTES)]


class FileList(Struct, frozen=True, kw_only=True):
    """The files that belong to a backup of the store."""

    files: Annotated[list[BackedFile], Meta(max_length=FILES_MAX)]


@dataclass
class Done:
    """What became of the files of a backup, or of a restore."""

    files: int = 0
    """As many are in the backup, or in their places, whole."""
    new: int = 0
    """As many of them were copied now."""
    mistakes: list[str] = field(default_factory=list)
    """What is amiss with the others, in lines for a technician."""


def list_path(backup: Path) -> Path:
    """Return where the list of files beside the backup `backup` of the store lies."""
    return backup.with_suffix(".files.json")


def keep_files(root: Path, backup: Path, left_bytes: int = LEFT_BYTES) -> Done:
    """Copy what is new of the files under `root`, the hub's directory, and list them all beside `backup`.

    One that is cut or changed is named, and listed all the same if an earlier backup has it whole; so is one
    for which `left_bytes` would not stay free. Raises OSError.
    """
    copies = backup.parent / FILES
    copies.mkdir(parents=True, exist_ok=True, mode=0o700)
    done = Done()
    listed = []
    for source in _sources(root):
        try:
            found = _keep(source, root, copies, left_bytes, done)
        except FileNotFoundError:
            continue  # withdrawn, and forgotten, since the store was copied
        if found is not None:
            listed.append(found)
    done.files = len(listed)
    write_durably(list_path(backup), encode(FileList(files=listed)))
    for line in done.mistakes:
        log.error("%s", line)
    return done


def restore_files(root: Path, backup: Path, aside: str) -> Done:
    """Put the files of `backup` back under `root`; what is there whole stays, and what is newer too.

    A file in the way that differs is kept: `aside` is added to its name. Files that the backup has lost are
    named in the mistakes; all others are restored. Raises OSError.
    """
    done = Done()
    try:
        listed = _read_list(backup)
    except FileNotFoundError:
        done.mistakes.append(f"{list_path(backup)}: không có, chỉ có kho dữ liệu (no files in this backup)")
        return done
    except WireError as error:
        done.mistakes.append(f"{list_path(backup)}: danh sách hỏng (damaged list of files): {error}")
        return done
    for each in listed:
        if _is_whole(root / each.path, each):
            done.files += 1
        else:
            _put_back(each, root, backup.parent / FILES, aside, done)
    return done


def forget_unnamed(directory: Path) -> int:
    """Delete the copies in `directory`, where backups lie, that no list there names; return how many."""
    named: set[str] = set()
    for path in directory.glob("*.files.json"):
        try:
            named |= {each.sha256 for each in _read_list(path)}
        except WireError as error:
            log.error("%s: danh sách hỏng, không xóa gì (damaged list, nothing is deleted): %s", path, error)
            return 0
    old_s = time.time() - UNNAMED_KEPT_S
    copies = (directory / FILES).glob("*")
    gone = [path for path in copies if path.name not in named and path.stat().st_mtime < old_s]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _sources(root: Path) -> Iterator[Path]:
    yield from sorted((root / "pictures").glob("*.jpg"))
    yield from sorted((root / "sounds").glob("*.ogg"))
    yield from statement_files(root / "statements")


def _keep(source: Path, root: Path, copies: Path, left_bytes: int, done: Done) -> BackedFile | None:
    """See to it that there is a copy of `source`; return it as it is listed, None if there is none."""
    place = str(source.relative_to(root))
    size_bytes = source.stat().st_size
    named = source.stem if len(source.stem) == 64 else None
    if named is not None and _size(copies / named) == size_bytes:
        return BackedFile(path=place, sha256=named, size_bytes=size_bytes)
    content = source.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    copy = copies / (named or sha256)
    if named not in (None, sha256):
        done.mistakes.append(f"{source}: tệp bị cắt hoặc bị sửa (cut or changed: not what its name says)")
        kept = _size(copy)
        return None if kept is None else BackedFile(path=place, sha256=copy.name, size_bytes=kept)
    if _size(copy) != size_bytes:
        if shutil.disk_usage(copies).free - size_bytes < left_bytes:
            done.mistakes.append(f"{source}: không đủ chỗ để sao lưu (no room to back it up)")
            return None
        write_durably(copy, content)
        done.new += 1
    return BackedFile(path=place, sha256=sha256, size_bytes=size_bytes)


def _put_back(each: BackedFile, root: Path, copies: Path, aside: str, done: Done) -> None:
    copy, target = copies / each.sha256, root / each.path
    if not _is_whole(copy, each):
        what = "bị cắt hoặc bị sửa (cut or changed)" if copy.exists() else "không có (missing)"
        done.mistakes.append(f"{each.path}: bản sao {copy} {what}")
        return
    if target.exists():
        target.rename(target.with_name(f"{target.name}.{aside}"))
    write_durably(target, copy.read_bytes())
    done.files += 1
    done.new += 1


def _read_list(backup_or_list: Path) -> list[BackedFile]:
    path = backup_or_list if backup_or_list.name.endswith(".files.json") else list_path(backup_or_list)
    return decode(path.read_bytes(), FileList, LIST_MAX_BYTES).files


def _is_whole(path: Path, each: BackedFile) -> bool:
    return _size(path) == each.size_bytes and hashlib.sha256(path.read_bytes()).hexdigest() == each.sha256


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None
