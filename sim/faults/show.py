"""What people see of the runs: a bar and a verdict for many, a story for one."""

from __future__ import annotations

import os
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from sim.faults.plan import plan_from_seed
from sim.faults.runs import Outcome, Tally, run_many, run_plan

SHOWN_MAX = 10
"""Failed seeds that are named; the rest is counted."""


def cores() -> int:
    """Return how many runs may go on at once."""
    return len(os.sched_getaffinity(0))


def run_and_show(first: int, count: int, jobs: int, console: Console) -> Tally:
    """Run `count` seeds from `first` on, with a bar; print what came of them."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[failed]} vi phạm (violated)"),
    )
    began_s = time.perf_counter()
    tally = Tally()
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Lần chạy (runs)", total=count, failed=0)
        for piece in run_many(first, count, jobs):
            tally += piece
            progress.update(task, completed=tally.runs, failed=len(tally.failed))
    _verdict(tally, time.perf_counter() - began_s, console)
    return tally


def _verdict(tally: Tally, took_s: float, console: Console) -> None:
    table = Table(show_header=False)
    table.add_row("lần chạy (runs)", f"{tally.runs:,}")
    table.add_row("lần chạy mỗi giây (runs a second)", f"{tally.runs / max(took_s, 1e-9):.1f}")
    table.add_row("thời gian mô phỏng (simulated time)", f"{tally.virtual_ms / 3_600_000:,.1f} h")
    table.add_row("lần bấm đã cảm ơn (presses thanked for)", f"{tally.presses:,}")
    table.add_row("sự cố (faults)", f"{tally.faults:,}")
    table.add_row("vi phạm (violations)", f"{len(tally.failed):,}", style="red" if tally.failed else "green")
    console.print(table)
    for seed, violation in tally.failed[:SHOWN_MAX]:
        console.print(f"[red]{seed}[/red]: {violation}", highlight=False)
        console.print(f"  xem lại (see it again): commune-sim replay {seed}", highlight=False)


def replay_and_show(seed: int, console: Console) -> Outcome:
    """Run one seed and tell its story step by step, faults highlighted."""
    outcome = run_plan(plan_from_seed(seed))
    plan = outcome.plan
    console.print(
        f"Gieo (seed) {seed}: {plan.nodes} nút (nodes), hàng đợi (broker queue) {plan.queue_limit}, "
        f"{len(plan.faults)} sự cố (faults)",
        highlight=False,
    )
    for at_ms, who, what, is_fault in outcome.truth.story:
        line = Text(f"{at_ms / 1000:9.3f} s  {who:<8} ")
        line.append(("⚡ " if is_fault else "   ") + what, style="bold red" if is_fault else "")
        console.print(line, soft_wrap=True)
    for violation in outcome.violations:
        console.print(Text(f"VI PHẠM (violation): {violation}", style="bold white on red"), soft_wrap=True)
    if not outcome.violations:
        kept = sum(press.thanked for press in outcome.truth.presses.values())
        console.print(f"[green]Không vi phạm (no violation)[/green]; {kept} lần bấm đã cảm ơn (thanked for)")
    return outcome
