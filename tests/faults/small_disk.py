"""A real file system of a few megabytes under a directory, for as long as a process lives.

Mounted in a mount namespace of its own, so nothing else on the machine sees it and nothing is left behind.
Where mounting is not allowed, a limit on the size of files has to do: the kernel says no as well.

    play("node", tmp_path)     # a scene of `scenes_full_disk`, in a process of its own
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from tests.support.trial import ROOT

UNSHARE = ["unshare", "--mount", "--propagation", "private", "--"]
FILLER_BYTES = 4_096
NO_LIMIT = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
LIMIT = (48 * 1024, resource.RLIM_INFINITY)
"""Below what a database and its journal need: each further commit fails."""


class SmallDisk(Protocol):
    """A disk that can be filled by somebody else, and emptied again."""

    def fill(self, leave_kb: int = 0) -> None:
        """Leave this much room."""

    def free(self) -> None:
        """Take away again what filled it."""


class Tmpfs:
    """A mounted file system."""

    def __init__(self, directory: Path, size_kb: int) -> None:
        """Put `directory` with all that is in it on a disk of its own."""
        before = directory.with_name(f"{directory.name}.before")
        directory.rename(before)
        directory.mkdir()
        options = ["-o", f"size={size_kb}k,mode=700"]
        subprocess.run(["mount", "-t", "tmpfs", *options, "small", str(directory)], check=True)
        shutil.copytree(before, directory, dirs_exist_ok=True)
        self._filler = directory / "filler"

    def fill(self, leave_kb: int = 0) -> None:
        """Leave this much room."""
        with contextlib.suppress(OSError), self._filler.open("ab", buffering=0) as file:
            while shutil.disk_usage(self._filler.parent).free > leave_kb * 1024:
                file.write(bytes(FILLER_BYTES))

    def free(self) -> None:
        """Take away again what filled it."""
        self._filler.unlink()


class Limit:
    """A limit on what these processes may write into a file."""

    def __init__(self, pids: Callable[[], Sequence[int]]) -> None:
        self._pids = pids

    def fill(self, leave_kb: int = 0) -> None:
        """Let no file grow any more, or not for long."""
        for pid in self._pids():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, LIMIT)

    def free(self) -> None:
        """Let them grow again."""
        for pid in self._pids():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, NO_LIMIT)


def may_mount(directory: Path) -> bool:
    """Tell whether this process could mount a file system in a namespace of its own."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        trial = [*UNSHARE, "mount", "-t", "tmpfs", "-o", "size=64k", "trial", str(directory)]
        return subprocess.run(trial, capture_output=True, timeout=60, check=False).returncode == 0
    return False


def on_small_disk(directory: Path, size_kb: int, otherwise: Callable[[], Sequence[int]]) -> SmallDisk:
    """Return `directory` put on a small disk; where that cannot be, a limit for the pids of `otherwise`."""
    if os.environ.get("COMMUNE_MAY_MOUNT"):
        return Tmpfs(directory, size_kb)
    return Limit(otherwise)


def play(scene: str, directory: Path, *, mount: bool = True) -> subprocess.CompletedProcess[str]:
    """Play a scene in a process that may mount, if any may; its output says how it ended."""
    mounts = mount and may_mount(directory)
    command = [sys.executable, "-m", "tests.faults.scenes_full_disk", scene, str(directory)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **({"COMMUNE_MAY_MOUNT": "1"} if mounts else {})}
    return subprocess.run(
        [*(UNSHARE if mounts else []), *command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
