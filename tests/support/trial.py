"""Node kinds and a hardware driver for tests, found through real entry points, as an installed package is.

`install(directory)` lays such a package; with the directory on the path of Python, a device's config may name
`kind = "trial"` for a node that does as its settings say, and `kind = "bare"` for the hardware.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from firmware_agent.node import Context
from firmware_agent.settings import Settings
from wire.facts import IntentApplied

ROOT = Path(__file__).resolve().parents[2]

ENTRY_POINTS = """
[commune.nodes]
trial = tests.support.trial:TrialNode
broken = tests.support.no_such_module:Nothing
[commune.hardware]
bare = tests.support.hardware:bare_hardware
"""


class TrialNode:
    """Does what its settings say: works until it is stopped, raises, returns, or ends in silence."""

    class Settings(Settings):
        """What the node shall do after it has recorded one fact."""

        then: Literal["work", "raise", "return", "exit"] = "work"
        text: str = "nút bị kẹt"

    def __init__(self, context: Context) -> None:
        self._context = context

    def run(self) -> None:
        """Record a fact with the number of this start, then do as told."""
        facts = self._context.facts
        starts = int(facts.state("starts", 0)) + 1
        facts.record(IntentApplied(name="trial", number=starts), {"starts": starts})
        match self._context.settings.then:
            case "work":
                self._context.stop.wait()
            case "raise":
                raise RuntimeError(self._context.settings.text)
            case "exit":
                os._exit(7)


def install(directory: Path) -> Path:
    """Lay an installed package with these entry points into `directory`; return the directory."""
    info = directory / "commune_trial-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: commune-trial\nVersion: 1.0\n", encoding="ascii"
    )
    (info / "entry_points.txt").write_text(ENTRY_POINTS, encoding="ascii")
    return directory


def environment(directory: Path) -> dict[str, str]:
    """Return the environment in which a child process finds what `install` laid."""
    path = os.pathsep.join([str(directory), str(ROOT)])
    return os.environ | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "COLUMNS": "200"}
