"""A disk that takes no more: what was accepted is there, the service goes on, and catches up with room.

On a real small file system, and by a limit on the size of files, which the kernel enforces as well.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.small_disk import play


@pytest.mark.parametrize("scene", ["node", "hub", "outbox"])
def test_on_a_small_disk_that_is_full(scene: str, tmp_path: Path) -> None:
    done = play(scene, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("scene", ["node", "hub"])
def test_where_files_may_not_grow(scene: str, tmp_path: Path) -> None:
    done = play(scene, tmp_path, mount=False)
    assert done.returncode == 0, done.stdout + done.stderr
