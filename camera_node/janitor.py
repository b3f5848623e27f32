"""Delete clips: those that the office no longer keeps, and the oldest when the disk is needed."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

from camera_node.archive import Archive, Clip
from firmware_agent.clock import Clock
from firmware_agent.node import Problems

DAY_MS = 86_400_000

KNOWN_SINCE_MS = 1_735_689_600_000
"""1 January 2025. A clip from before was stamped by a clock that met no time server: its age is unknown."""

TIDY_EVERY_S = 60.0
ROOM_EVERY_S = 5.0

log = logging.getLogger(__name__)


def too_old(clips: list[Clip], now_ms: int, keep_days: int) -> list[Clip]:
    """Return those of `clips` that are older than `keep_days`; none whose age is unknown."""
    oldest_ms = now_ms - keep_days * DAY_MS
    return [clip for clip in clips if KNOWN_SINCE_MS <= clip.started_at_ms < oldest_ms]


class Janitor:
    """Keeps the disk in order.

    Too old: deleted once the hub has them, or at once where the device has no hub to bring them to. An
    unsent clip is deleted only when the disk is needed, after all that were sent, oldest first, and the
    device says so. `free_bytes` tells how much room the disk has.
    """

    def __init__(
        self,
        archive: Archive,
        clock: Clock,
        problems: Problems,
        keep_free_bytes: int,
        sends: bool,
        free_bytes: Callable[[], int] | None = None,
    ) -> None:
        self._archive = archive
        self._clock = clock
        self._problems = problems
        self._keep_free_bytes = keep_free_bytes
        self._sends = sends
        self._free_bytes = free_bytes or (lambda: shutil.disk_usage(archive.directory).free)
        self._tidy_at_s = self._room_at_s = 0.0
        self._room = True
        self._unsent_deleted = 0

    def look(self, now_s: float, keep_days: int | None) -> bool:
        """Do what is due at `now_s` (monotonic seconds); tell whether there is room to record.

        `keep_days` is None while no document says how long clips are kept: then none is too old.
        """
        if now_s >= self._tidy_at_s and keep_days is not None and self._clock.synced():
            self._tidy_at_s = now_s + TIDY_EVERY_S
            self._delete_too_old(keep_days)
        if now_s >= self._room_at_s:
            self._room_at_s = now_s + ROOM_EVERY_S
            self._room = self._make_room()
        return self._room

    def _delete_too_old(self, keep_days: int) -> None:
        archive = self._archive
        kept = () if self._sends else (archive.waiting,)
        clips = archive.clips(archive.sent, archive.refused, *kept)
        for clip in too_old(clips, self._clock.wall_ms(), keep_days):
            log.info("xóa đoạn ghi quá hạn lưu (deleted, kept long enough): %s", clip.path.name)
            clip.path.unlink(missing_ok=True)

    def _make_room(self) -> bool:
        if self._enough():
            self._problems.clear("disk")
            return True
        for path, unsent in self._in_order_of_loss():
            path.unlink(missing_ok=True)
            self._unsent_deleted += unsent
            log.warning("thẻ nhớ đầy, xóa (disk full, deleted): %s", path.name)
            if self._enough():
                break
        room = self._enough()
        self._say(room)
        return room

    def _in_order_of_loss(self) -> list[tuple[Path, bool]]:
        """Return all that may go, what is missed least first, each with whether the hub lacks it."""
        archive = self._archive
        broken = [(path, False) for path in sorted(archive.broken.iterdir())]
        sent = [(clip.path, False) for clip in archive.clips(archive.sent)]
        unsent = [(clip.path, True) for clip in archive.clips(archive.waiting, archive.refused)]
        return broken + sent + unsent

    def _enough(self) -> bool:
        return self._free_bytes() >= self._keep_free_bytes

    def _say(self, room: bool) -> None:
        if not room:
            self._problems.report("disk", "Thẻ nhớ đầy, camera ngừng ghi. (Disk full, recording paused.)")
        if self._unsent_deleted:
            self._problems.report(
                "clips lost",
                f"Thẻ nhớ đầy: đã xóa {self._unsent_deleted} đoạn ghi cũ chưa gửi. "
                "(Disk full: oldest unsent clips were deleted.)",
            )
