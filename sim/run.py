"""Run a scenario from an empty directory to a judged report."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console
from rich.table import Table

from firmware_agent.signals import ENDING, Heeded
from sim.chance import visitors
from sim.commune import Commune
from sim.day import Day
from sim.expand import expand
from sim.judging.evidence import SCENARIO_FILE
from sim.judging.report import judge_run
from sim.scenario import Scenario, load_scenario
from sim.truth import Truth


class DirectoryInUseError(Exception):
    """The directory for the run holds something already."""


@dataclass(frozen=True)
class RunOptions:
    """How a scenario shall be run."""

    scenario: Path
    directory: Path
    seed: int = 1
    for_s: float | None = None
    """How long the day lasts; None: as long as the scenario says."""
    panel_port: int | None = None
    """Where the panel is served on 127.0.0.1; 0 chooses a free port; None: no panel."""
    goes_on: bool = False
    """After the scenario, chance visitors come until `for_s`, or until somebody ends the day."""


def run_scenario(options: RunOptions, console: Console) -> dict[str, Any]:
    """Run it and return the report.

    Raises SettingsError for a bad scenario, DirectoryInUseError, CommuneError when it could not be opened.
    """
    scenario = load_scenario(options.scenario)
    make_directory(options.directory)
    shutil.copyfile(options.scenario, options.directory / SCENARIO_FILE)

    def say(text: str) -> None:
        console.print(text, highlight=False, markup=False)

    with Commune(scenario, options.directory, options.seed, say) as commune:
        truth = Truth(options.directory, commune.start)
        try:
            commune.make()
            commune.open()
            _live(options, commune, Day(commune, truth), console, say)
        finally:
            commune.close()
            truth.close()
    return judge_run(options.directory, scenario.expect)


def make_directory(directory: Path) -> None:
    """Make the run's directory; raises DirectoryInUseError when something is in it."""
    directory.mkdir(parents=True, exist_ok=True)
    if any(directory.iterdir()):
        raise DirectoryInUseError(f"{directory}: không trống (is not empty); hãy chọn thư mục khác")


def _live(
    options: RunOptions, commune: Commune, day: Day, console: Console, say: Callable[[str], None]
) -> None:
    scenario = commune.scenario
    until_s = day_length_s(scenario, options)
    if until_s < scenario.lasts_s:
        say(f"Chỉ chạy {until_s:g} s đầu của {scenario.lasts_s:g} s (only the first part is played)")
    acts = expand(scenario, options.seed)
    coming = visitors(scenario, options.seed, scenario.lasts_s) if options.goes_on else iter(())
    day.begin()
    with ended_by_signals(day.ended), _panel(options, commune, day) as panel_url:
        show_doors(commune, panel_url, console)
        say(f"Mở cửa: {len(acts)} việc trong {scenario.lasts_s:g} s (the office opens)")
        day.play(itertools.chain(acts, coming), until_s)
        day.close()
        say("Đóng cửa, đợi mọi việc về hub (closing, waiting until all has arrived)")
        if not day.rest():
            say("Chưa yên khi hết giờ đợi (not at rest in time)")


def day_length_s(scenario: Scenario, options: RunOptions) -> float:
    """Return how long the day lasts: as told, else for ever when it goes on, else as the scenario says."""
    if options.for_s is not None:
        return options.for_s
    return float("inf") if options.goes_on else scenario.lasts_s


@contextlib.contextmanager
def ended_by_signals(ended: threading.Event) -> Iterator[None]:
    """Within the block, Ctrl-C (or SIGTERM) ends the day in order; a second one breaks off."""
    heeded, came = Heeded(ended.set), itertools.count()

    def end(number: int, frame: FrameType | None) -> None:
        if ended.is_set() or next(came):
            raise KeyboardInterrupt
        heeded(number, frame)

    before = [signal.signal(number, end) for number in ENDING]
    try:
        yield
    finally:
        for number, handler in zip(ENDING, before, strict=True):
            signal.signal(number, handler)


@contextlib.contextmanager
def _panel(options: RunOptions, commune: Commune, day: Day) -> Iterator[str | None]:
    if options.panel_port is None:
        yield None
        return
    from sim.panel.page import serve_panel

    with serve_panel(commune, day, options.panel_port) as url:
        yield url


def show_doors(commune: Commune, panel_url: str | None, console: Console) -> None:
    """Print where a person looks and with which account."""
    console.print(f"Trang làm việc của hub (console): [link]{commune.console_url}[/link]")
    if panel_url:
        console.print(f"Toàn cảnh mô phỏng (panel):       [link]{panel_url}[/link]")
    table = Table(title="Tài khoản của lần chạy này (accounts of this run)", title_justify="left")
    for heading in ("Tài khoản (account)", "Người (who)", "Vai trò (role)", "Mật khẩu (password)"):
        table.add_column(heading)
    for each in commune.accounts:
        table.add_row(each.account, each.name, each.role, each.password)
    console.print(table)
