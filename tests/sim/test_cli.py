"""The command line: help everywhere, clear refusals, right exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from sim.cli import app, parse_duration

runner = CliRunner()


@pytest.mark.parametrize(
    ("text", "seconds"), [("60", 60), ("60s", 60), ("2m", 120), ("1h", 3600), ("1.5s", 1.5), (" 7s ", 7)]
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "-5s", "0", "0s", "1d", "1e9", "nan", "inf"])
def test_wrong_durations_are_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        parse_duration(text)


@pytest.mark.parametrize("command", ["run", "demo", "audit", "scenarios"])
def test_every_command_has_help_in_both_languages(command: str) -> None:
    shown = runner.invoke(app, [command, "--help"]).output
    assert "/" in shown.splitlines()[3] + shown.splitlines()[2]
    assert runner.invoke(app, [command, "--help"]).exit_code == 0


def test_shipped_scenarios_are_listed() -> None:
    result = runner.invoke(app, ["scenarios"])
    assert result.exit_code == 0
    assert "commune_day" in result.output


def test_a_bad_scenario_is_refused_with_every_mistake_and_makes_nothing(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text('title = "x"\nlasts_s = -1\nfoo = 3\n')
    result = runner.invoke(app, ["run", str(tmp_path / "bad.toml"), "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    for key in ("lasts_s", "foo", "plan", "devices", "events"):
        assert key in result.output
    assert not (tmp_path / "out").exists()


def test_a_directory_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    result = runner.invoke(app, ["run", "commune_day", "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert "không trống" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_audit_of_nothing_is_refused(tmp_path: Path) -> None:
    assert runner.invoke(app, ["audit", str(tmp_path)]).exit_code == 2
