from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from firmware_agent.config import load_device_config
from provisioning.cli import app
from provisioning.plan import load_hub_config

COMMANDS: Any = typer.main.get_command(app)
RUNNER = CliRunner(env={"COLUMNS": "200", "TERMINAL_WIDTH": "200"})


def run(*arguments: object) -> tuple[int, str]:
    """Run the command; return its exit code and all that it said."""
    done = RUNNER.invoke(app, [str(each) for each in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def init(directory: Path, *more: str) -> tuple[int, str]:
    return run("init", directory, "--commune", "xuan-luong", "--office", "UBND xã Xuân Lương", *more)


@pytest.mark.parametrize("command", ["init", "enrol", "request", "list"])
def test_every_command_and_option_says_what_it_is_for_in_two_languages(command: str) -> None:
    code, said = run(command, "--help")
    assert code == 0
    found = COMMANDS.commands[command]
    assert " / " in (found.help or "")
    for parameter in found.params:
        if parameter.name != "help":
            assert getattr(parameter, "help", ""), parameter.name
            assert max(parameter.opts, key=len).lstrip("-").upper() in said.upper()


def test_the_commands_are_these() -> None:
    assert sorted(COMMANDS.commands) == ["enrol", "init", "list", "request"]


def test_a_commune_from_nothing_to_a_listed_device(tmp_path: Path) -> None:
    directory = tmp_path / "xã"
    assert init(directory, "--broker-port", "18883", "--host", "127.0.0.1", "--host", "hub.local")[0] == 0
    assert load_hub_config(directory / "hub" / "hub.toml").broker.port == 18_883
    code, said = run(
        "enrol",
        "quay-1-pi",
        f"--commune-dir={directory}",
        "--place=quay-1",
        "--node=rating:nut-bam",
        "--node=ticket",
        "--hardware-option=camera=1",
        "--hardware-option=printer=/dev/usb/lp1",
    )
    assert code == 0
    assert str(directory / "devices" / "quay-1-pi" / "device.toml") in said
    config = load_device_config(directory / "devices" / "quay-1-pi" / "device.toml")
    assert [(node.kind, node.name) for node in config.nodes] == [("rating", "nut-bam"), ("ticket", "ticket")]
    assert config.hardware.options == {"camera": 1, "printer": "/dev/usb/lp1"}
    code, said = run("list", directory)
    assert code == 0
    for part in ("quay-1-pi", "Quầy 1", "nut-bam", "ticket A"):
        assert part in said


def test_values_are_json_or_text(tmp_path: Path) -> None:
    directory = tmp_path / "xã"
    init(directory)
    code, said = run(
        "enrol",
        "loa-1",
        f"--commune-dir={directory}",
        "--place=thon-dong",
        "--node=speaker",
        "--node-setting=speaker.quiet_from=22:00",
        "--node-setting=speaker.late_max_s=60",
        "--node-setting=speaker.quiet_hours=true",
    )
    assert code == 0, said
    path = directory / "devices" / "loa-1" / "device.toml"
    (node,) = tomllib.loads(path.read_text(encoding="utf-8"))["nodes"]
    assert node["settings"] == {"quiet_from": "22:00", "late_max_s": 60, "quiet_hours": True}


def test_a_device_may_keep_its_key(tmp_path: Path) -> None:
    init(tmp_path / "xã")
    code, said = run("request", "loa-1", "--out", tmp_path / "card")
    assert code == 0
    request = tmp_path / "card" / "identity" / "device.csr"
    assert str(request) in said
    where = [f"--commune-dir={tmp_path / 'xã'}", f"--out={tmp_path / 'card'}", f"--csr={request}"]
    assert run("enrol", "loa-1", "--place=thon-dong", "--node=speaker", *where)[0] == 0
    assert (tmp_path / "card" / "identity" / "device.crt").exists()


def test_mistakes_end_with_two_and_a_line_each(tmp_path: Path) -> None:
    code, said = init(tmp_path / "xã", "--broker-port", "0", "--host", "hub xa")
    assert code == 2
    assert len(said.strip().splitlines()) == 3
    assert "2 lỗi cấu hình" in said
    assert not (tmp_path / "xã").exists()


@pytest.mark.parametrize(
    ("option", "allowed"),
    [
        ("--node-setting=rating", "NODE.KEY=VALUE"),
        ("--node-setting=rating.x", "NODE.KEY=VALUE"),
        ("--node-setting=x=1", "NODE.KEY=VALUE"),
        ("--hardware-option=x", "KEY=VALUE"),
        ("--hardware-option==x", "KEY=VALUE"),
        ("--node-setting=rating.x=null", "TOML has no such value"),
        (f"--node-setting=rating.x={'[' * 100_000}", "rating"),
        (f"--node-setting=rating.x={'[' * 900}{']' * 900}", "nested too deeply"),
    ],
)
def test_options_of_the_wrong_form_are_named(tmp_path: Path, option: str, allowed: str) -> None:
    init(tmp_path / "xã")
    code, said = run(
        "enrol",
        "quay-1-pi",
        f"--commune-dir={tmp_path / 'xã'}",
        "--place=hall",
        "--node=radar:rating",
        option,
    )
    assert code == 2
    assert allowed in said


def test_listing_what_is_not_there_is_a_mistake_in_words(tmp_path: Path) -> None:
    code, said = run("list", tmp_path / "none")
    assert code == 2
    assert "không đọc được" in said


@given(
    st.text(st.characters(blacklist_characters="\x00"), max_size=30),
    st.text(max_size=30),
    st.text(max_size=30),
)
def test_no_words_bring_init_down(
    tmp_path_factory: pytest.TempPathFactory, commune: str, office: str, host: str
) -> None:
    plan = tmp_path_factory.getbasetemp() / "empty.toml"
    plan.touch()
    directory = tmp_path_factory.getbasetemp() / "never"
    code, said = run(
        "init", directory, f"--commune={commune}", f"--office={office}", f"--host={host}", f"--plan={plan}"
    )
    assert code == 2
    assert "counters" in said
    assert not directory.exists()
