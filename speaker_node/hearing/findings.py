"""What listening at the pole found, as it stands in a fact."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Findings:
    """What listening at the pole found of one playback (see `wire.facts.PlaybackFinished`)."""

    level_dbfs: float | None = None
    verdict: str = ""
    fault: str = ""
    sure: float | None = None
