"""Write small files so that a power cut leaves the old or the new one, never half."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def write_durably(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Replace `path` by `content`: temporary file, fsync, rename, fsync of the directory.

    Never through a link that somebody left there, say on a stick; that raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_directory(path.parent)


def write_if_new(path: Path, content: bytes, mode: int = 0o600) -> bool:
    """As `write_durably`, unless that is what `path` holds already; return whether it was written.

    So a start that changes nothing needs no room on the disk.
    """
    if path.exists() and path.read_bytes() == content:
        return False
    write_durably(path, content, mode)
    return True


def secrecy_mistakes(path: Path, what: str) -> list[str]:
    """Return what is wrong with who may read a secret file, in lines; nothing where it is not there."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return []  # who reads it says so
    if not mode & stat.S_IRWXO:
        return []
    told = f"{what} ai cũng đọc hoặc sửa được (everybody may read or change it)"
    return [f"{path}: {told}; hãy chạy (run): chmod 600 {path}"]


def sync_directory(directory: Path) -> None:
    """Make renames and new files in `directory` survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
