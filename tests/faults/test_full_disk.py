"""A disk that takes no more, by a limit on the size of files: nothing that was accepted is lost."""

from __future__ import annotations

import resource
from pathlib import Path

from tests.faults.trouble import WRITER, Trouble
from tests.support.waiting import await_condition
from wire.names import HUB

NO_LIMIT = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
FULL = (48 * 1024, resource.RLIM_INFINITY)
"""Below what the database and its journal need: each further commit fails. A process may raise it again."""


def test_a_node_whose_disk_is_full_says_no_goes_on_and_writes_again_when_there_is_room(
    tmp_path: Path,
) -> None:
    with Trouble(tmp_path) as trouble:
        trouble.begin()
        writer = trouble.hall.crew.pid(WRITER)
        resource.prlimit(writer, resource.RLIMIT_FSIZE, FULL)
        # The diary is limited, too: it must not reach the limit before the disk is full.
        await_condition(lambda: len(trouble.diary().refused) >= 3, 30)
        assert trouble.hall.crew.running(WRITER)
        resource.prlimit(writer, resource.RLIMIT_FSIZE, NO_LIMIT)
        accepted = len(trouble.diary().on_disk)
        await_condition(lambda: len(trouble.diary().on_disk) > accepted + 20, 30)
        diary = trouble.end_and_check()
        assert not set(diary.refused) & set(trouble.taken()), "said no and kept it all the same"


def test_a_hub_whose_disk_is_full_acknowledges_nothing_and_catches_up_when_there_is_room(
    tmp_path: Path,
) -> None:
    with Trouble(tmp_path) as trouble:
        trouble.begin()
        hub = trouble.hall.crew.pid(HUB)
        resource.prlimit(hub, resource.RLIMIT_FSIZE, FULL)
        written = len(trouble.diary().on_disk)
        await_condition(lambda: len(trouble.diary().on_disk) > written + 300, 30)
        assert trouble.hall.crew.running(HUB)
        assert len(trouble.taken()) < len(trouble.diary().on_disk), "the disk was never full"
        resource.prlimit(hub, resource.RLIMIT_FSIZE, NO_LIMIT)
        assert not trouble.end_and_check().refused
