"""How an office reports, and when it wants to be told at once: `[reports]` and `[alerts]` of hub.toml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from firmware_agent.lines import LineOrEmpty
from firmware_agent.settings import Settings

Begins = Literal[1, 15]
"""Day of the month from which months are counted: the 15th of the month before, or the 1st."""

ShortLine = Annotated[LineOrEmpty, Field(max_length=120)]


class ReportSettings(Settings):
    """How the office reports. Each kind may count from another day; absent: as `month_begins`."""

    month_begins: Begins = 1
    quarter_begins: Begins | None = None
    half_begins: Begins | None = None
    year_begins: Begins | None = None
    close_after_days: int = Field(default=10, ge=1, le=90)
    """A report nobody closed is closed so many days after its period's end."""
    superior: ShortLine = ""
    """The authority above, for the head of a letter, e.g. `UBND tỉnh Bắc Giang`; empty: none."""
    place: ShortLine = ""
    """Where letters are dated, e.g. `Xuân Lương`; empty: dots to be filled in by hand."""
    signer: ShortLine = "CHỦ TỊCH"
    """The office of who signs."""

    def begins(self, kind: str) -> Begins:
        """Return the day from which periods of this kind count; weeks begin on Monday whatever it says."""
        own = {"quarter": self.quarter_begins, "half": self.half_begins, "year": self.year_begins}
        return own.get(kind) or self.month_begins


class AlertSettings(Settings):
    """When the overview and the live hall say that something must be done now."""

    low_presses: int = Field(default=3, ge=1, le=100)
    """So many presses of dissatisfaction at one counter …"""
    low_within_min: int = Field(default=30, ge=1, le=480)
    """… within so many minutes."""
    wait_p90_min: int = Field(default=45, ge=1, le=480)
    """One in ten waits longer than this, of those of the last hour."""
    open_counter_wait_min: int = Field(default=30, ge=1, le=480)
    """Another counter should be opened when somebody has waited longer than this …"""
    open_counter_waiting: int = Field(default=8, ge=1, le=100)
    """… or when more people than this wait for each counter that serves."""
