"""Serve a panel from a process of its own: NiceGUI has one application in each.

`python -m tests.sim.panel_alone DIRECTORY` prints the panel's address and ends when its input does.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sim.commune import Commune
from sim.day import Day
from sim.panel.page import serve_panel
from sim.scenario import load_scenario, shipped_scenarios
from sim.truth import Truth


def main() -> None:
    scenario = load_scenario(shipped_scenarios()["commune_day"])
    with Commune(scenario, Path(sys.argv[1]), 1, lambda _: None) as commune:
        truth = Truth(commune.directory, commune.start)
        day = Day(commune, truth)
        day.begin()
        with serve_panel(commune, day, 0) as url:
            sys.stdout.write(f"{url}\n")
            sys.stdout.flush()
            sys.stdin.read()
        truth.close()


if __name__ == "__main__":
    main()
