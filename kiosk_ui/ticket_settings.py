"""What `[nodes.settings]` may say for a ticket kiosk."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from firmware_agent.settings import Settings
from kiosk_ui.catalogue import CatalogueName


class TicketSettings(Settings):
    """Sizes in pixels, times in seconds."""

    width: int = Field(default=1024, ge=320, le=3840)
    height: int = Field(default=600, ge=240, le=2160)
    number_s: float = Field(default=8.0, ge=2.0, le=60.0)
    """How long a number stands on the screen unless it is tapped away; twice as long without a slip."""
    back_s: float = Field(default=25.0, ge=5.0, le=300.0)
    """After so long untouched the screen is at its first page again, and Vietnamese."""
    prints: bool = True
    """False for a kiosk without printer: numbers are only shown."""
    paper_px: Literal[576, 384] = 576
    """Dots across the paper: 576 on rolls of 80 mm, 384 on rolls of 58 mm."""
    catalogue: CatalogueName = ""
    sound: bool = False
    """Whether there is a loudspeaker: it says what each page asks, and what to do with a number."""
    volume: float = Field(default=0.6, ge=0.0, le=1.0)
