"""Carry out what the cutter decides: clips are written here, and brought to their place on another thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import av

from camera_node.archive import Archive
from camera_node.cutter import ClipCutter, ClipRules, Step
from camera_node.frames import Frame
from camera_node.settings import CameraSettings
from camera_node.writer import ClipWriter
from firmware_agent.clock import Clock
from firmware_agent.node import Problems
from wire.intents import Watch

SYNC_EVERY_S = 2.0
"""So much of an open clip a power cut may take."""

log = logging.getLogger(__name__)


class Recorder:
    """Records what moves at one counter, as its Watch document says.

        recorder = Recorder(settings, watch, archive, clock, problems)
        recorder.see(frame, moving)
        recorder.close()

    Syncing, hashing and renaming a clip waits for a slow card, so it happens on a thread of its own.
    """

    def __init__(
        self, settings: CameraSettings, watch: Watch, archive: Archive, clock: Clock, problems: Problems
    ) -> None:
        self._settings = settings
        self._watch = watch
        self._archive = archive
        self._clock = clock
        self._problems = problems
        self._cutter: ClipCutter[Frame] = ClipCutter(rules_for(settings, watch))
        self._open: tuple[str, ClipWriter] | None = None
        self._sync_at_s = 0.0
        self._clerk = ThreadPoolExecutor(1, "clerk")
        self._errands: list[Future[Any]] = []

    def see(self, frame: Frame, moving: bool) -> None:
        """Take the next picture."""
        self._do(self._cutter.see(frame, moving))
        self._check_errands()

    def lose_sight(self) -> None:
        """The camera is gone: end the clip; what was remembered is forgotten."""
        self._do(self._cutter.lose_sight())

    def close(self) -> None:
        """End the clip and wait until it is safe."""
        try:
            self.lose_sight()
        finally:
            self._clerk.shutdown(wait=True)
        self._check_errands()

    def _do(self, step: Step[Frame]) -> None:
        try:
            if step.ends:
                self._end()
            if step.begins:
                self._begin(step.put[0])
            for frame in step.put:
                self._put(frame)
        except (OSError, av.FFmpegError) as error:
            self._give_up(error)

    def _begin(self, first: Frame) -> None:
        age_ms = self._clock.mono_ms() - round(first.at_s * 1000)
        key = self._archive.begin(self._watch.counter, self._clock.wall_ms() - age_ms)
        settings = self._settings
        writer = ClipWriter(self._archive.part(key), settings.frames_per_s, settings.bit_rate_max_kbps)
        self._open = (key, writer)
        self._sync_at_s = self._clock.mono_ms() / 1000 + SYNC_EVERY_S

    def _put(self, frame: Frame) -> None:
        if self._open is None:
            return
        _, writer = self._open
        writer.put(frame)
        if frame.at_s >= self._sync_at_s:
            self._sync_at_s = frame.at_s + SYNC_EVERY_S
            self._send_clerk(writer.sync)

    def _end(self) -> None:
        if self._open is None:
            return
        key, writer = self._open
        duration_ms = writer.close()
        self._open = None
        self._problems.clear("recording")
        self._send_clerk(self._archive.finish, key, duration_ms)

    def _give_up(self, error: Exception) -> None:
        """The disk does not take the clip: keep what of it is there, and wait for the next motion."""
        log.error("không ghi được đoạn hình (clip not written): %s", error)
        self._problems.report("recording", f"Không ghi được đoạn hình: {error}")
        self._cutter.lose_sight()
        if self._open is None:
            return
        (key, writer), self._open = self._open, None
        writer.abandon()
        self._send_clerk(self._archive.salvage, key)

    def _send_clerk(self, errand: Callable[..., Any], *args: Any) -> None:
        self._errands.append(self._clerk.submit(errand, *args))

    def _check_errands(self) -> None:
        """Let what the clerk could not do come out here: the node ends, and salvages at its next start."""
        done = [errand for errand in self._errands if errand.done()]
        self._errands = [errand for errand in self._errands if errand not in done]
        for errand in done:
            errand.result()


def rules_for(settings: CameraSettings, watch: Watch) -> ClipRules:
    """Return how clips are cut by these settings and this document."""
    return ClipRules(
        before_s=watch.seconds_before,
        after_s=watch.seconds_after,
        longest_s=settings.longest_s,
        ring_bytes=settings.ring_mb * 1_000_000,
    )
