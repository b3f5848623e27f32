"""Run a week and judge it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.judging.evidence import SCENARIO_FILE
from sim.run import make_directory
from sim.week.judge import judge_week
from sim.week.play import WeekOfWork
from sim.week.scenario import load_week


def run_week(
    scenario: Path, directory: Path, seed: int, on_day: Callable[[int], None] = lambda _day: None
) -> dict[str, Any]:
    """Let a week pass in an empty directory; return its report. `on_day(n)`: day n is over.

    Raises SettingsError for a bad scenario, and DirectoryInUseError.
    """
    week = load_week(scenario)
    make_directory(directory)
    shutil.copyfile(scenario, directory / SCENARIO_FILE)
    work = WeekOfWork(week, directory, seed)
    try:
        work.run(on_day)
    finally:
        work.close()
    return judge_week(directory)
