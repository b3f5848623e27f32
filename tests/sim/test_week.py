"""A week's reports say what people did: counted anew from the truth, without the product's own code."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
from typer.testing import CliRunner

from firmware_agent.settings import SettingsError
from sim.cli import app
from sim.scenario import shipped_weeks
from sim.week import compare, judge, recount
from sim.week.compare import differences, figures_in, figures_of
from sim.week.judge import JUDGES, REPAIRED_WITHIN_MS, judge_week
from sim.week.people import visitors
from sim.week.recount import Line, Recount
from sim.week.run import run_week
from sim.week.scenario import load_week

pytestmark = pytest.mark.timeout(600)
runner = CliRunner()
USUAL = {"week", "open", "close", "ticket", "call", "recall", "missed", "park", "return", "transfer", "end"}
"""What happens on any day."""
MISHAPS = {"power", "powered", "kill", "start", "cut", "mend", "no_time", "stuck", "press", "reason", "slip"}


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped week, run once by its command."""
    directory = tmp_path_factory.mktemp("week") / "run"
    result = runner.invoke(app, ["week", "--out", str(directory)])
    assert result.exit_code == 0, result.output
    return directory


@pytest.fixture(scope="module")
def lines(week: Path) -> list[Line]:
    return [json.loads(line) for line in (week / "truth.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def report(week: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((week / "reports" / "week-2026-W41.json").read_text(encoding="utf-8"))
    return read


def test_everything_that_shall_happen_in_a_week_happens(week: Path, lines: list[Line]) -> None:
    did = [line["do"] for line in lines]
    assert set(did) >= USUAL | MISHAPS
    assert did.count("ticket") == 800
    marks = {mark for press in Recount(lines).presses for mark in press.marks}
    assert marks == {"repeat", "burst", "all-faces", "corrected", "nobody-served", "hub-away"}
    judged = json.loads((week / "report.json").read_text(encoding="utf-8"))
    assert [each["name"] for each in judged["expectations"]] == list(JUDGES)
    assert all(each["held"] for each in judged["expectations"])
    assert judged["figures"]["alone"] > 20, "keys called while the hub was away"
    for do in ("press", "ticket"):
        unsure = [line for line in lines if line["do"] == do and not line["sure"]]
        assert len(unsure) > 10, "a panel and a kiosk did not know the time for a morning"


def test_two_peaks_a_day(lines: list[Line]) -> None:
    hours = [int(line["t"] % 86_400 // 3_600) for line in lines if line["do"] == "ticket"]
    assert {hour for hour in set(hours) if hours.count(hour) >= 0.15 * len(hours)} >= {8, 14}
    assert hours.count(8) > 1.5 * hours.count(10)
    assert hours.count(14) > 1.5 * hours.count(15)


def test_headlines_counted_in_three_lines_each(lines: list[Line], report: dict[str, Any]) -> None:
    """Without the simulator's recount either."""
    total = report["report"]["total"]
    came = {line["who"]: line["t"] for line in lines if line["do"] == "ticket"}
    called = {line["who"]: line["t"] for line in reversed(lines) if line["do"] == "call"}
    waits_ms = sorted(round(called[who] * 1_000) - round(came[who] * 1_000) for who in called)
    assert (total["issued"], total["wait"]["n"]) == (len(came), len(called))
    median_ms, p90_ms = waits_ms[(len(waits_ms) + 1) // 2 - 1], waits_ms[(9 * len(waits_ms) + 9) // 10 - 1]
    assert total["wait"]["median_ms"] == pytest.approx(median_ms, abs=REPAIRED_WITHIN_MS)
    assert total["wait"]["p90_ms"] == pytest.approx(p90_ms, abs=REPAIRED_WITHIN_MS)
    pressed = sum(line["do"] in ("press", "slip") for line in lines)
    assert total["presses"] + total["marked"] == pressed
    last = {line["who"]: line["do"] for line in lines if line["do"] in ("missed", "park", "return", "end")}
    gone = sum(last.get(who) != "end" for who in called)
    assert total["served"] == len(called) - gone


@pytest.mark.parametrize("name", ["week-2026-W41", "month-2026-10"])
def test_every_figure_equals_the_recount(week: Path, lines: list[Line], name: str) -> None:
    told = figures_in(json.loads((week / "reports" / f"{name}.json").read_text(encoding="utf-8"))["report"])
    truth = figures_of(Recount(lines))
    assert differences(truth, told, REPAIRED_WITHIN_MS) == []
    assert len(truth) > 45
    assert all(truth[name] for name in ("served at quay-1", "repeat at quay-2", "because of waiting"))


def test_reports_lie_there_in_every_form_and_say_the_same(week: Path, report: dict[str, Any]) -> None:
    files = {path.name for path in (week / "reports").iterdir()}
    assert files == {
        f"{name}.{form}"
        for name in ("week-2026-W41", "month-2026-10")
        for form in ("json", "xlsx", "docx", "pdf")
    }
    book = openpyxl.load_workbook(week / "reports" / "week-2026-W41.xlsx", read_only=True)
    cells = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    total = report["report"]["total"]
    assert {total["issued"], total["served"], total["presses"]} <= cells
    assert report["closed"]["edition"] == 1


def changed(lines: list[Line], do: str, place: int, **changes: Any) -> list[Line]:
    """Return the truth with one line of a kind changed; with no change, left out."""
    at = [index for index, line in enumerate(lines) if line["do"] == do][place]
    return [*lines[:at], *([{**lines[at], **changes}] if changes else []), *lines[at + 1 :]]


def gone_for_good(lines: list[Line]) -> int:
    """Return which missed call was nobody's who came back."""
    back = {line["who"] for line in lines if line["do"] == "return"}
    missed = [line for line in lines if line["do"] == "missed"]
    return next(at for at, line in enumerate(missed) if line["who"] not in back)


@pytest.mark.parametrize(
    ("do", "place", "changes", "named"),
    [
        ("press", 40, {}, "left out|presses"),
        ("press", -1, {"button": 4}, "level"),
        ("ticket", 300, {"field": "khac"}, "issued for khac"),
        ("ticket", 20, {}, "issued"),
        ("call", 100, {"counter": "quay-9"}, "served at quay-9"),
        ("missed", gone_for_good, {}, "served"),
        ("reason", 3, {"reason": "khac"}, "because of khac"),
        ("slip", 0, {}, "response|presses"),
    ],
)
def test_one_changed_line_of_truth_is_a_difference_with_a_name(
    lines: list[Line],
    report: dict[str, Any],
    do: str,
    place: int | Callable[[list[Line]], int],
    changes: dict[str, Any],
    named: str,
) -> None:
    at = place if isinstance(place, int) else place(lines)
    mutated = changed(lines, do, at, **changes)
    found = differences(figures_of(Recount(mutated)), figures_in(report["report"]))
    found = [each for each in found if "waiting" not in each]
    assert any(name in each for each in found for name in named.split("|")), found


def test_an_hour_more_without_the_hub_is_a_difference(lines: list[Line], report: dict[str, Any]) -> None:
    begun = [{**line, "t": line["t"] - 3_600} if line["do"] == "kill" else line for line in lines]
    found = differences(
        figures_of(Recount(sorted(begun, key=lambda line: float(line["t"])))), figures_in(report["report"])
    )
    assert any("nobody-served" in each or "hub-away" in each or "response" in each for each in found), found


def test_the_judge_names_what_is_not_at_the_hub(week: Path, lines: list[Line], tmp_path: Path) -> None:
    """The same store, and a truth with one press and one visit more, an end less, and an hour later."""
    for part in ("hub", "reports", "devices", "start.json"):
        (tmp_path / part).symlink_to(week / part)
    press = next(line for line in lines if line["do"] == "press")
    number = next(line for line in lines if line["do"] == "ticket")
    more = [*lines, {**press, "t": lines[-1]["t"]}, {**number, "t": lines[-1]["t"], "who": 9_999}]
    told = "".join(json.dumps(line) + "\n" for line in changed(more, "end", 5, t=lines[-1]["t"]))
    (tmp_path / "truth.jsonl").write_text(told, encoding="utf-8")
    found = {each["name"]: each for each in judge_week(tmp_path)["expectations"]}
    assert not found["week presses"]["held"]
    assert press["device"] in found["week presses"]["detail"]
    assert "801" in found["week numbers"]["detail"]
    assert "ended_at_ms" in found["week visits"]["detail"]
    assert "issued: truth 801, report 800" in found["week reports"]["detail"]
    assert found["week outboxes"]["held"]


@pytest.mark.parametrize("module", [recount, compare, judge])
def test_the_recount_uses_nothing_of_the_product(module: Any) -> None:
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    named = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    foreign = {each for each in named if each.split(".")[0] not in sys.stdlib_module_names}
    assert all(each.startswith("sim.") for each in foreign)
    if module is recount:
        assert foreign == set()


def small(directory: Path) -> Path:
    """A Thursday's trouble on a Monday, with fewer people."""
    text = shipped_weeks()["week"].read_text(encoding="utf-8")
    text = text.replace("days = 5", "days = 1").replace("visits = 800", "visits = 70")
    text = text.replace("day = 4\n", "day = 1\n").replace('ends = "16:00"', 'ends = "14:45"')
    path = directory / "small.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_seed_is_always_the_same_week(tmp_path: Path) -> None:
    path = small(tmp_path)
    week = load_week(path)
    assert visitors(week, 5) == visitors(week, 5) != visitors(week, 6)
    one, same = (run_week(path, tmp_path / name, seed=5) for name in ("one", "same"))
    truths = [(tmp_path / name / "truth.jsonl").read_bytes() for name in ("one", "same")]
    assert truths[0] == truths[1]
    assert one["figures"] == same["figures"]
    assert one["figures"]["did_kill"] == 1
    assert all(expectation["held"] for expectation in one["expectations"]), one
    reports = [
        figures_in(json.loads((tmp_path / name / "reports" / "week-2026-W41.json").read_text())["report"])
        for name in ("one", "same")
    ]
    assert reports[0] == reports[1]


def test_a_bad_week_is_refused_with_every_mistake(tmp_path: Path) -> None:
    text = small(tmp_path).read_text(encoding="utf-8")
    bad = tmp_path / "bad.toml"
    bad.write_text(text.replace("2026-10-05", "2026-10-06").replace('place = "quay-3"', 'place = "quay-2"'))
    with pytest.raises(SettingsError) as caught:
        load_week(bad)
    told = "\n".join(caught.value.mistakes)
    assert "monday" in told
    assert "rating" in told
    assert "keys" in told
    result = runner.invoke(app, ["week", str(bad), "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_a_run_is_judged_again_by_audit(week: Path) -> None:
    assert runner.invoke(app, ["audit", str(week)]).exit_code == 0
