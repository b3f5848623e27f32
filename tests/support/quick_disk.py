"""Where tests keep their files: in memory where there is room, since they sync far more than they compute.

What is shown is the same: tests end processes, which lose nothing that the kernel has taken; a power cut is
played by a file system of its own (sim/faults) or looked for in the calls of `fsync`.
"""

from __future__ import annotations

import os
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108  (looked at, never written to by name)
ROOM_BYTES = 4 * 2**30
"""A run leaves some 0.3 GB, and pytest keeps those of three; hubs refuse clips on a disk with little room."""

TEMPROOT = "PYTEST_DEBUG_TEMPROOT"
"""How pytest is told where its temporary directories lie."""


def has_room(directory: Path) -> bool:
    """Tell whether there is a disk that tests may fill, and on which programs may lie that are run."""
    try:
        disk = os.statvfs(directory)
    except OSError:
        return False
    return not disk.f_flag & os.ST_NOEXEC and disk.f_bavail * disk.f_frsize >= ROOM_BYTES


def use_quick_disk() -> None:
    """Let pytest keep its files in memory from here on, unless somebody said where or there is no room."""
    if has_room(MEMORY) and os.access(MEMORY, os.W_OK):
        os.environ.setdefault(TEMPROOT, str(MEMORY))
