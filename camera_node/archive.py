"""The clips on the device's disk: being recorded, waiting for the hub, sent, refused, broken.

Where a clip stands is the folder it lies in, so a rename is the only state there is. The one exception is
whether its fact was recorded: a clip is *open*, in the node's state, from before its file is made until its
fact is committed, in one transaction with that fact. So each clip has exactly one fact, whatever crashed.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from camera_node.salvage import UnreadableError, measure, rescue
from firmware_agent.files import sync_directory
from firmware_agent.node import Facts
from wire.facts import ClipRecorded

OPEN = "camera.open"
"""Key of the state: clips whose fact is not recorded yet, each with its counter and its start."""

COUNTER_MAX = 200
"""Longest id of a counter that a fact may hold."""

_KEY = re.compile(r"(\d{13})-[0-9a-f]{4}")
_CLIP = re.compile(r"(\d{13})-[0-9a-f]{4}-([0-9a-f]{64})\.mp4")

log = logging.getLogger(__name__)


@dataclass(frozen=True, order=True)
class Clip:
    """A finished clip; clips sort by the time they began."""

    started_at_ms: int
    """Wall time as the device believed it, UTC milliseconds."""
    sha256: str
    path: Path


class Archive:
    """Begins, finishes, finds and moves clips. Safe to use from several threads.

    archive = Archive(directory / "clips", facts)
    archive.recover()
    key = archive.begin("quay-1", started_at_ms)    # write into archive.part(key), then
    archive.finish(key, duration_ms)                # it is on disk, and its fact is committed
    """

    def __init__(self, directory: Path, facts: Facts) -> None:
        self._facts = facts
        self._lock = threading.Lock()
        self.directory = directory
        self.recording, self.waiting, self.sent, self.refused, self.broken = self.folders = tuple(
            directory / name for name in ("recording", "waiting", "sent", "refused", "broken")
        )
        for folder in self.folders:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.on_clip: Callable[[], None] = lambda: None
        """Called, from the thread that finished it, after a clip was added to `waiting`."""

    def part(self, key: str) -> Path:
        """Where the clip `key` is being written."""
        return self.recording / f"{key}.part"

    def begin(self, counter: str, started_at_ms: int) -> str:
        """Open a clip and return its key."""
        key = f"{min(max(0, started_at_ms), 10**13 - 1):013d}-{secrets.token_hex(2)}"
        with self._lock:
            self._facts.remember({OPEN: self._open() | {key: counter[:COUNTER_MAX]}})
        return key

    def finish(self, key: str, duration_ms: int) -> Clip:
        """Bring a written clip to its place, for good, and record its fact."""
        part = self.part(key)
        with part.open("rb") as file:
            os.fsync(file.fileno())
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        clip = Clip(_started_at_ms(key), sha256, self.waiting / f"{key}-{sha256}.mp4")
        _move(part, clip.path)
        self._tell(key, clip, duration_ms)
        self.on_clip()
        return clip

    def salvage(self, key: str) -> Clip | None:
        """Finish a clip whose writing broke off: its whole pictures are kept.

        What holds no picture is deleted; what is no video at all is set aside in `broken`. Then None.
        """
        part = self.part(key)
        saved = part.with_suffix(".saved")
        try:
            duration_ms = rescue(part, saved) if part.stat().st_size else 0
        except UnreadableError as error:
            log.warning("đoạn ghi hỏng, đã cất riêng (broken clip set aside): %s", error)
            saved.unlink(missing_ok=True)
            _move(part, self.broken / part.name)
            self._close(key)
            return None
        if not duration_ms:
            part.unlink()
            self._close(key)
            return None
        saved.replace(part)
        log.info("cứu được đoạn ghi dở (saved what a crash left): %s, %d ms", key, duration_ms)
        return self.finish(key, duration_ms)

    def recover(self) -> None:
        """After a start: finish what the last run left open. Called once, before anything is recorded."""
        for leftover in self.recording.glob("*.saved"):
            leftover.unlink()
        parts = {path.stem for path in self.recording.glob("*.part") if _KEY.fullmatch(path.stem)}
        for key in sorted(parts):
            self.salvage(key)
        for key in sorted(set(self._open()) - parts):
            self._tell_late(key)

    def clips(self, *folders: Path) -> list[Clip]:
        """Return the clips in `folders`, oldest first; other files are left alone."""
        found = []
        for folder in folders:
            for path in folder.iterdir():
                match = _CLIP.fullmatch(path.name)
                if match:
                    found.append(Clip(int(match[1]), match[2], path))
        return sorted(found)

    def mark_sent(self, clip: Clip) -> None:
        """The hub has the clip; raises FileNotFoundError when it was deleted meanwhile."""
        _move(clip.path, self.sent / clip.path.name)

    def mark_refused(self, clip: Clip) -> None:
        """The hub will never take the clip; raises FileNotFoundError as `mark_sent`."""
        _move(clip.path, self.refused / clip.path.name)

    def _open(self) -> dict[str, str]:
        return dict(self._facts.state(OPEN, {}))

    def _close(self, key: str) -> None:
        with self._lock:
            self._facts.remember({OPEN: {name: value for name, value in self._open().items() if name != key}})

    def _tell(self, key: str, clip: Clip, duration_ms: int) -> None:
        with self._lock:
            still_open = self._open()
            # Unknown only when the outbox, and the state with it, was lost.
            counter = still_open.pop(key, "")
            body = ClipRecorded(
                counter=counter,
                file=clip.path.name,
                sha256=clip.sha256,
                size_bytes=clip.path.stat().st_size,
                started_at_ms=clip.started_at_ms,
                duration_ms=duration_ms,
            )
            self._facts.record(body, {OPEN: still_open})

    def _tell_late(self, key: str) -> None:
        """The crash came before the file was made, or between its rename and its fact."""
        for clip in self.clips(self.waiting, self.sent, self.refused):
            if clip.path.name.startswith(f"{key}-"):
                self._tell(key, clip, measure(clip.path))
                return
        self._close(key)


def _started_at_ms(key: str) -> int:
    return int(key.partition("-")[0])


def _move(source: Path, target: Path) -> None:
    source.rename(target)
    sync_directory(target.parent)
    sync_directory(source.parent)
