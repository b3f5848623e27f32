"""`python -m bench`: measure everything, print a table, write build/bench.json."""

from __future__ import annotations

import json
import os
import platform
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.measure import Measured
from bench.speaking import measure_rendering
from bench.storing import measure_ledger, measure_presses

BUILD = Path("build")
ALL = [measure_presses, measure_ledger, measure_rendering]


def main() -> None:
    """Measure, print, write."""
    BUILD.mkdir(exist_ok=True)
    console = Console()
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        found = [
            measure(Path(directory))
            for measure in track(ALL, description="Đang đo (measuring)", console=console)
        ]
    document = {
        "machine": {
            "cores": os.cpu_count(),
            "system": platform.platform(),
            "python": platform.python_version(),
        },
        "measured": [each.as_json() for each in found],
    }
    (BUILD / "bench.json").write_text(json.dumps(document, indent=2, ensure_ascii=False), encoding="utf-8")
    console.print(_table(found))


def _table(found: list[Measured]) -> Table:
    table = Table("đo (measured)", "ta (ours)", "đối chứng (peer)", "tỉ số (ratio)", "đối chứng là (peer is)")
    for each in found:
        table.add_row(
            f"{each.name} [{each.unit}, {each.better} is better]",
            f"{each.ours:,.3g}" if each.ours < 10 else f"{each.ours:,.0f}",
            f"{each.peer:,.3g}" if each.peer < 10 else f"{each.peer:,.0f}",
            f"{each.ratio:.2f}",
            each.peer_is,
        )
    return table


if __name__ == "__main__":
    main()
