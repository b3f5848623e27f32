"""The counter camera: a log of what moves at a counter, as far as the office's document allows it."""

from __future__ import annotations

import logging
from typing import ClassVar

import cv2

from camera_node.archive import Archive
from camera_node.feed import Feed
from camera_node.frames import Frame
from camera_node.janitor import Janitor
from camera_node.motion import MotionDetector
from camera_node.recorder import Recorder
from camera_node.settings import CameraSettings
from camera_node.uploader import Uploader
from firmware_agent.hardware import Capture
from firmware_agent.node import Context
from firmware_agent.settings import Settings
from wire.intents import Watch

log = logging.getLogger(__name__)


class CameraNode:
    """Watches a counter and records clips of what moves there.

    Without a Watch document that says `record`, no picture is kept, not even in memory for longer than it
    takes to see that the camera lives: that recording is allowed must be provable.
    """

    Settings: ClassVar[type[Settings]] = CameraSettings

    def __init__(self, context: Context) -> None:
        self._context = context
        self._settings: CameraSettings = context.settings
        self._detector = MotionDetector(self._settings.motion)
        self._archive = Archive(context.directory / "clips", context.facts)
        self._janitor = Janitor(
            self._archive,
            context.clock,
            context.problems,
            keep_free_bytes=self._settings.free_mb * 1_000_000,
            sends=bool(context.hub_url),
        )
        self._watch: Watch | None = None
        self._recorder: Recorder | None = None

    def run(self) -> None:
        """Watch until told to stop."""
        # The pictures are small: a second thread would cost more than it brings.
        cv2.setNumThreads(1)
        context, settings = self._context, self._settings
        self._archive.recover()
        uploader = self._start_uploader()
        feed = Feed(
            self._open_camera,
            settings.frames_per_s,
            settings.frozen_s,
            context.clock,
            context.problems,
            context.stop,
        )
        try:
            while not context.stop.is_set():
                self._see(feed.next())
        finally:
            feed.close()
            self._go_by(None)
            if uploader is not None:
                uploader.stop()

    def _open_camera(self) -> Capture:
        settings = self._settings
        return self._context.hardware.camera(settings.width, settings.height, settings.frames_per_s)

    def _start_uploader(self) -> Uploader | None:
        context = self._context
        if not context.hub_url or context.identity is None:
            log.info("không có hub_url: đoạn ghi ở lại trên thiết bị (clips stay on the device)")
            return None
        uploader = Uploader(self._archive, context.hub_url, context.identity, context.problems)
        uploader.start()
        return uploader

    def _see(self, frame: Frame | None) -> None:
        watch = self._context.documents.current(Watch)
        room = self._janitor.look(self._context.clock.mono_ms() / 1000, watch.keep_days if watch else None)
        self._go_by(watch if watch and watch.record and room else None)
        if frame is None:
            self._detector.forget()
            if self._recorder is not None:
                self._recorder.lose_sight()
        elif self._recorder is not None:
            self._recorder.see(frame, self._detector.see(frame.luma, frame.at_s))

    def _go_by(self, watch: Watch | None) -> None:
        """Record as `watch` says; None: do not record."""
        if watch == self._watch:
            return
        if self._recorder is not None:
            recorder, self._recorder = self._recorder, None
            recorder.close()
        self._watch = watch
        self._detector.forget()
        if watch is None:
            log.info("không ghi hình (not recording)")
            return
        log.info("ghi hình tại (recording at) %s", watch.counter)
        context = self._context
        self._recorder = Recorder(self._settings, watch, self._archive, context.clock, context.problems)
