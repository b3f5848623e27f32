"""A week of sound: what was planned, what the node says that it sounded, what was heard, side by side."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from bench.measure import Measured, Skipped, one_to_one
from commune_hub.times import DAY_MS
from sim.week_of_sound import run_week

DAYS = 7
LATE_MAX_MS = 50.0


def measure_week_of_sound(directory: Path) -> list[Measured | Skipped]:
    """Missed, extra and late soundings of seven days, and how much faster than life they passed."""
    with tempfile.TemporaryDirectory(dir=directory) as place:
        start_s = time.monotonic()
        week = run_week(Path(place), DAYS)
        took_s = time.monotonic() - start_s
    finished, refused = set(week.finished()), set(week.refused())
    missed = len(set(week.planned) - finished) + len(week.hushed - refused)
    extra = len(finished - set(week.planned)) + abs(len(week.heard) - len(week.planned))
    what = f"{DAYS} days of programme ({len(week.planned)} soundings, {len(week.hushed)} hushed)"
    planned, goal = len(week.plan.soundings), "all that the hub's plan of the week names"
    figures: list[Measured | Skipped] = [
        one_to_one(f"{what}: missed", "soundings", "lower", missed, planned, goal),
        one_to_one(f"{what}: extra", "soundings", "lower", extra, planned, goal),
    ]
    if not missed and not extra:
        late_ms = float(np.abs(week.late_ms()).max())
        figures.append(one_to_one(f"{what}: latest", "ms", "lower", late_ms, LATE_MAX_MS, "our bound"))
    passed = DAYS * DAY_MS / 1000 / took_s
    return [*figures, one_to_one(f"{what}: time passes", "× real time", "higher", passed, 1.0, "life")]
