"""`python -m bench`: measure everything, print a table, write build/bench.json."""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.answering import measure_answering
from bench.appending import measure_append, measure_peer_kill, measure_peer_rate, measure_peer_stop
from bench.calling import measure_calling
from bench.draining import measure_drain
from bench.emergency import measure_emergency
from bench.faults import measure_faults
from bench.flood import measure_flood
from bench.measure import Found, Measured, Skipped
from bench.queueing import measure_queueing
from bench.reading import measure_reading
from bench.resting import measure_rest
from bench.sounding import measure_sounding
from bench.speaking import measure_rendering
from bench.storing import measure_ledger, measure_presses
from bench.thousand import measure_thousand
from bench.together import measure_together
from bench.two_sinks import measure_two_sinks
from bench.week_of_sound import measure_week_of_sound

BUILD = Path("build")
ALL: list[Callable[[Path], Found]] = [
    measure_presses,
    measure_append,
    measure_peer_rate,
    measure_peer_kill,
    measure_peer_stop,
    measure_ledger,
    measure_drain,
    measure_thousand,
    measure_flood,
    measure_rest,
    measure_answering,
    measure_rendering,
    measure_reading,
    measure_calling,
    measure_together,
    measure_two_sinks,
    measure_week_of_sound,
    measure_sounding,
    measure_emergency,
    measure_queueing,
    measure_faults,
]
"""What `make bench` measures: some twenty-six minutes on two cores, most of it two sinks and faults."""


def main() -> None:
    """Measure what the command line names, or all; print, and write after each, so that nothing is lost."""
    named = sys.argv[1:]
    unknown = sorted(set(named) - {each.__name__ for each in ALL})
    if unknown:
        known = ", ".join(each.__name__ for each in ALL)
        sys.exit(f"không có phép đo (no such measure): {', '.join(unknown)}; có (there are): {known}")
    chosen = [each for each in ALL if each.__name__ in named] if named else ALL
    BUILD.mkdir(exist_ok=True)
    console = Console()
    found: list[Measured | Skipped] = []
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        for measure in track(chosen, description="Đang đo (measuring)", console=console):
            start_s = time.monotonic()
            figures = measure(Path(directory))
            found += figures if isinstance(figures, list) else [figures]
            console.print(f"{measure.__name__}: {time.monotonic() - start_s:.0f} s")
            _write(found)
    console.print(_table(found))


def _write(found: list[Measured | Skipped]) -> None:
    document = {
        "machine": {
            "cores": os.cpu_count(),
            "system": platform.platform(),
            "python": platform.python_version(),
        },
        "measured": [each.as_json() for each in found],
    }
    (BUILD / "bench.json").write_text(json.dumps(document, indent=2, ensure_ascii=False), encoding="utf-8")


def _table(found: list[Measured | Skipped]) -> Table:
    table = Table("đo (measured)", "ta (ours)", "đối chứng (peer)", "tỉ số (ratio)", "đối chứng là (peer is)")
    for each in found:
        if isinstance(each, Skipped):
            table.add_row(each.name, "không đo được (skipped)", "", "", each.why)
            continue
        table.add_row(
            f"{each.name} ({each.unit}, {each.better} is better)",
            _figure(each.ours),
            _figure(each.peer),
            "" if each.ratio is None else f"{each.ratio:.3g}",
            each.peer_is,
        )
    return table


def _figure(value: float) -> str:
    return f"{value:,.3g}" if value < 10 else f"{value:,.0f}"


if __name__ == "__main__":
    main()
