"""The whole commune: broker, hub, ten devices, a cut link, a hub that dies; then everything counted anew."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.commune, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The directory that a run of the shipped day left behind, and how its command ended."""
    directory = tmp_path_factory.mktemp("commune") / "day"
    command = [
        str(Path(sys.executable).with_name("commune-sim")),
        "run",
        "commune_day",
        "--out",
        str(directory),
    ]
    return directory, subprocess.run(command, capture_output=True, text=True, timeout=580, check=False)


def truth(directory: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (directory / "truth.jsonl").read_text(encoding="utf-8").splitlines()]


def kept(directory: Path, kind: str) -> list[tuple[str, dict[str, Any]]]:
    with closing(sqlite3.connect(directory / "hub" / "hub.db")) as database:
        rows = database.execute("SELECT device, body FROM facts WHERE kind = ?", [kind]).fetchall()
    return [(device, json.loads(body)) for device, body in rows]


def test_every_expectation_holds(day: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    directory, done = day
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((directory / "report.json").read_text(encoding="utf-8"))
    assert {each["name"] for each in report["expectations"] if not each["held"]} == set()
    assert len(report["expectations"]) == 9


def test_presses_counted_anew_are_at_the_hub_one_for_one(
    day: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    directory, _ = day
    made = Counter((line["device"], line["level"]) for line in truth(directory) if line["do"] == "press")
    found = Counter((device, body["level"]) for device, body in kept(directory, "rating.pressed"))
    assert made.total() >= 60
    assert found == made


def test_tickets_counted_anew_are_at_the_hub_one_for_one(
    day: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    directory, _ = day
    made = Counter(line["field"] for line in truth(directory) if line["do"] == "ticket")
    issued = [body for _, body in kept(directory, "ticket.issued")]
    assert made.total() == 20
    assert Counter(body["field"] for body in issued) == made
    assert len({body["number"] for body in issued}) == 20


def test_the_bad_luck_really_happened(day: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    directory, _ = day
    lines = truth(directory)
    killed = next(line["t"] for line in lines if line["do"] == "kill" and line["who"] == "hub")
    back = next(line["t"] for line in lines if line["do"] == "start" and line["who"] == "hub")
    assert [line for line in lines if line["do"] == "press" and killed < line["t"] < back]
    cut = {line["device"]: line["t"] for line in lines if line["do"] == "cut"}
    mended = {line["device"]: line["t"] for line in lines if line["do"] == "mend"}
    fell_into_it = [
        line["id"]
        for line in lines
        if line["do"] == "bulletin"
        and any(cut[name] < line["at"] < mended[name] for name in cut.keys() & set(line["devices"]))
    ]
    assert fell_into_it


def test_nothing_is_left_running(day: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    directory, _ = day
    started = str(directory).encode()
    left = [path.name for path in Path("/proc").glob("[0-9]*") if started in _command_line(path)]
    assert left == []


def _command_line(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""
