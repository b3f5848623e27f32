"""The display node: the board, large, and the notices in between."""

from __future__ import annotations

import time
from typing import ClassVar

from pydantic import Field

from firmware_agent.node import Context
from firmware_agent.settings import Settings
from kiosk_ui.board import BoardPages
from kiosk_ui.display_view import draw_display
from kiosk_ui.localtime import clock_text
from kiosk_ui.painter import Painter
from wire.intents import Board

LOOK_EVERY_S = 0.25


class DisplaySettings(Settings):
    """What `[nodes.settings]` may say for a display."""

    width: int = Field(default=1280, ge=320, le=3840)
    height: int = Field(default=720, ge=240, le=2160)
    fresh_s: float = Field(default=8.0, ge=1.0, le=60.0)
    """How long a new call stands out."""
    quiet_s: float = Field(default=20.0, ge=5.0, le=600.0)
    """How long after the last call the notices begin."""
    page_s: float = Field(default=10.0, ge=3.0, le=120.0)
    """How long a page of the notice board stands."""


class DisplayNode:
    """Shows who is called, who is next, and what the office has to say."""

    Settings: ClassVar[type[Settings]] = DisplaySettings

    def __init__(self, context: Context) -> None:
        self._context = context
        self._settings: DisplaySettings = context.settings

    def run(self) -> None:
        """Work until `context.stop` is set."""
        settings, context = self._settings, self._context
        screen = context.hardware.screen(settings.width, settings.height)
        painter = Painter(screen, draw_display)
        pages = BoardPages(settings.fresh_s, settings.quiet_s, settings.page_s)
        while not context.stop.is_set():
            now_s = time.monotonic()
            screen.touches()  # the window system wants to be asked
            pages.take(context.documents.current(Board), now_s)
            painter.show(pages.view(now_s, clock_text(context.clock)))
            context.changed.wait(LOOK_EVERY_S)
            context.changed.clear()
