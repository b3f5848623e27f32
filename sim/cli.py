"""`commune-sim`: run a whole commune on this machine, watch it, judge it."""

from __future__ import annotations

import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from firmware_agent.settings import SettingsError
from sim.commune import CommuneError
from sim.faults.runs import RUNS_MAX
from sim.faults.show import cores, replay_and_show, run_and_show
from sim.judging.evidence import SCENARIO_FILE
from sim.judging.report import all_held, judge_run, show_report
from sim.run import DirectoryInUseError, RunOptions, run_scenario
from sim.scenario import is_accelerated, load_scenario, shipped_scenarios, shipped_weeks
from sim.week.judge import judge_week
from sim.week.run import run_week
from sim.week.scenario import load_week

EXIT_NOT_HELD = 1
EXIT_BAD_INPUT = 2
DEMO = "commune_day"
WEEK = "week"
CORES = cores()

app = typer.Typer(
    help="Chạy cả một xã trên máy này: nút bấm, màn hình, loa, máy ảnh, mạng và hub.\n\n"
    "Run a whole commune on this machine: buttons, screens, loudspeakers, cameras, networks and the hub.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def parse_duration(text: str) -> float:
    """Return `90`, `60s`, `2m` or `1h` in seconds; raises typer.BadParameter."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d+)?)([smh]?)", text.strip())
    seconds = float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]] if found else 0.0
    if seconds <= 0:
        raise typer.BadParameter(f"tìm thấy (found) {text!r}; cho phép (allowed): 60s, 2m, 1h")
    return seconds


For = Annotated[
    float | None,
    typer.Option(
        "--for", parser=parse_duration, metavar="60s", help="Ngày dài bao lâu (how long the day lasts)"
    ),
]
Seed = Annotated[int, typer.Option(min=0, max=2**31, help="Số gieo cho mọi ngẫu nhiên (seed of all chance)")]
Port = Annotated[
    int | None,
    typer.Option(
        min=0, max=65_535, help="Cổng của trang toàn cảnh; 0: tự chọn (port of the panel; 0: any free one)"
    ),
]


@app.command()
def run(
    scenario: Annotated[
        str, typer.Argument(help="tệp TOML, hoặc tên có sẵn (a TOML file, or a shipped name)")
    ],
    out: Annotated[Path, typer.Option(help="thư mục trống cho lần chạy (an empty directory for the run)")],
    for_s: For = None,
    seed: Seed = 1,
    panel: Port = None,
) -> None:
    """Chạy một kịch bản rồi kiểm kết quả. / Run a scenario, then judge it.

    Exit code 0: every expectation held. 1: one did not. 2: bad scenario or directory.
    """
    path = shipped_scenarios().get(scenario, Path(scenario))
    _run(RunOptions(path, out, seed=seed, for_s=for_s, panel_port=panel))


@app.command()
def week(
    scenario: Annotated[
        str, typer.Argument(help="tệp TOML, hoặc tên có sẵn (a TOML file, or a shipped name)")
    ] = WEEK,
    *,
    out: Annotated[Path, typer.Option(help="thư mục trống cho lần chạy (an empty directory for the run)")],
    seed: Seed = 1,
) -> None:
    """Chạy cả một tuần làm việc trong nửa phút, rồi kiểm kết quả. / A working week in half a minute, judged.

    Hundreds of visits in virtual time, power cuts and a hub that is away among them; the reports of the week
    and the month lie in OUT/reports. Exit code 0: every press, visit and figure is as people made it.
    """
    path = shipped_weeks().get(scenario, Path(scenario))
    console = Console()
    try:
        with Progress(console=console, transient=True) as progress:
            days = progress.add_task("Tuần làm việc (working week)", total=load_week(path).days)
            report = run_week(path, out, seed, lambda _day: progress.advance(days))
    except SettingsError as error:
        _refuse(error.report())
    except DirectoryInUseError as error:
        _refuse(str(error))
    _tell(out, report, console)


@app.command()
def demo(for_s: For = None, seed: Seed = 1, panel: Port = 0) -> None:
    """Mở một xã để xem tận mắt. / Open a commune to watch with your own eyes.

    Goes on, with chance visitors after the scenario, until Ctrl-C or for as long as --for says.
    """
    out = Path("run") / datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    scenario = shipped_scenarios()[DEMO]
    _run(RunOptions(scenario, out, seed=seed, for_s=for_s, panel_port=panel, goes_on=True))


@app.command()
def audit(
    directory: Annotated[Path, typer.Argument(help="thư mục của lần chạy (directory of a run)")],
) -> None:
    """Kiểm lại kết quả một lần chạy. / Judge a run again."""
    try:
        report = (
            judge_week(directory)
            if is_accelerated(directory / SCENARIO_FILE)
            else judge_run(directory, load_scenario(directory / SCENARIO_FILE).expect)
        )
    except SettingsError as error:
        _refuse(error.report())
    _tell(directory, report, Console())


Runs = Annotated[int, typer.Option(min=1, max=RUNS_MAX, help="Bao nhiêu lần chạy (how many runs)")]
Jobs = Annotated[int, typer.Option(min=1, max=256, help="Bao nhiêu tiến trình (how many processes)")]


@app.command()
def faults(runs: Runs = 1_000, seed: Seed = 1, jobs: Jobs = CORES) -> None:
    """Thử mất điện, mất mạng, hỏng thẻ trong nghìn lần chạy ảo. / Simulate power, network, cards that fail.

    Each run is made by its seed: --seed, --seed + 1 … Exit code 0: no press was lost or doubled in any.
    """
    tally = run_and_show(seed, runs, jobs, Console())
    raise typer.Exit(EXIT_NOT_HELD if tally.failed else 0)


@app.command()
def replay(
    seed: Annotated[int, typer.Argument(min=0, max=2**31, help="số gieo của lần chạy (seed of the run)")],
) -> None:
    """Kể lại một lần chạy sự cố, từng bước. / Tell one run of faults again, step by step."""
    outcome = replay_and_show(seed, Console())
    raise typer.Exit(EXIT_NOT_HELD if outcome.violations else 0)


@app.command()
def scenarios() -> None:
    """Liệt kê kịch bản có sẵn. / List the shipped scenarios."""
    table = Table("Tên (name)", "Nội dung (title)", "Dài (lasts)", "Thiết bị (devices)")
    for name, path in shipped_scenarios().items():
        found = load_scenario(path)
        table.add_row(name, found.title, f"{found.lasts_s:g} s", str(len(found.devices)))
    for name, path in shipped_weeks().items():
        weeks = load_week(path)
        table.add_row(name, weeks.title, f"{weeks.days} d", str(len(weeks.panels)))
    Console().print(table)


def _run(options: RunOptions) -> None:
    console = Console()
    try:
        report = run_scenario(options, console)
    except SettingsError as error:
        _refuse(error.report())
    except DirectoryInUseError as error:
        _refuse(str(error))
    except CommuneError as error:
        typer.echo(f"Không mở được xã (the commune did not open): {error}", err=True)
        raise typer.Exit(EXIT_NOT_HELD) from None
    _tell(options.directory, report, console)


def _refuse(text: str) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(EXIT_BAD_INPUT) from None


def _tell(directory: Path, report: dict[str, Any], console: Console) -> None:
    show_report(report, console)
    console.print(f"Thư mục (directory): {directory}", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(0 if all_held(report) else EXIT_NOT_HELD)


def main() -> None:
    """Entry point of the command."""
    sys.exit(app())
