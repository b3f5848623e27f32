"""The command as a technician runs it: what is wrong is named, each on its own line, with exit code 2."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commune import TestCommune
from tests.support.devices import bodies_on_disk, lay_device, node_entry
from tests.support.processes import running
from tests.support.trial import environment, install
from tests.support.waiting import HANGS_S, await_condition


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return environment(install(tmp_path / "site"))


def agent(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "firmware_agent", *arguments],
        capture_output=True,
        text=True,
        env=env,
        timeout=HANGS_S,
        check=False,
    )


def test_a_good_device_is_called_good(tmp_path: Path, env: dict[str, str]) -> None:
    device = lay_device(tmp_path / "device", node_entry("one") + node_entry("two"))
    done = agent(env, "check", str(device))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{device}: tốt (good). xuan-luong/quay-1-pi: one (trial), two (trial)\n"


MANY_MISTAKES = """
commune = "Xuân Lương"
device = "hub/1"
colour = "red"
lease_s = 0
[broker]
host = ""
port = "mqtt"
[[nodes]]
kind = "trial"
[[nodes]]
kind = "trial"
name = "Quầy"
"""


@pytest.mark.parametrize("command", ["check", "run"])
def test_every_mistake_in_a_config_stands_on_its_own_line(
    tmp_path: Path, env: dict[str, str], command: str
) -> None:
    path = tmp_path / "device.toml"
    path.write_text(MANY_MISTAKES, encoding="utf-8")
    done = agent(env, command, str(path))
    assert (done.returncode, done.stdout) == (2, "")
    head, *lines = done.stderr.splitlines()
    assert head == f"{path}: 8 lỗi cấu hình (configuration mistakes)"
    keys = [
        "commune",
        "device",
        "lease_s",
        "broker.host",
        "broker.port",
        "nodes.0.name",
        "nodes.1.name",
        "colour",
    ]
    assert sorted(line.partition(":")[0] for line in lines) == sorted(f"  - {key}" for key in keys)


@pytest.mark.parametrize("command", ["check", "run"])
def test_mistakes_in_settings_kinds_drivers_and_certificates_are_named_together(
    tmp_path: Path, env: dict[str, str], command: str
) -> None:
    nodes = (
        node_entry("one", then="dance")
        + node_entry("two", kind="weather")
        + node_entry("three", kind="broken")
    )
    device = lay_device(tmp_path / "device", nodes)
    device.write_text(device.read_text(encoding="utf-8").replace('"bare"', '"fridge"'), encoding="utf-8")
    TestCommune(tmp_path / "other", name="authority of dong-ky").ca_file.replace(
        device.parent / "identity" / "commune-ca.crt"
    )
    done = agent(env, command, str(device))
    assert (done.returncode, done.stdout) == (2, "")
    _, *lines = done.stderr.splitlines()
    found = [
        "hardware.kind: tìm thấy (found) 'fridge'",
        "nodes.0.settings.then: tìm thấy (found) 'dance'",
        "nodes.1.kind: tìm thấy (found) 'weather'",
        "nodes.2.kind: tìm thấy (found) 'broken'",
        f"{device.parent}/identity/device.crt: không do cơ quan chứng thực của xã này cấp",
    ]
    assert len(lines) == len(found)
    for line, each in zip(lines, found, strict=True):
        assert line.startswith(f"  - {each}")


def test_mistakes_in_a_drivers_options_are_named(tmp_path: Path, env: dict[str, str]) -> None:
    device = lay_device(tmp_path / "device", node_entry("one"))
    pi = 'kind = "pi"\noptions = {printr = "/dev/usb/lp0", camera = []}'
    device.write_text(device.read_text(encoding="utf-8").replace('kind = "bare"', pi), encoding="utf-8")
    done = agent(env, "check", str(device))
    assert done.returncode == 2
    assert "hardware.options.printr: không có khóa này (no such key)" in done.stderr
    assert "hardware.options.camera.int: tìm thấy (found) []" in done.stderr


@pytest.mark.parametrize("command", ["check", "run", "node"])
def test_a_config_that_is_not_there_is_one_line(tmp_path: Path, env: dict[str, str], command: str) -> None:
    more = ["one"] if command == "node" else []
    done = agent(env, command, str(tmp_path / "nowhere.toml"), *more)
    assert done.returncode == 2
    assert "không đọc được (cannot be read)" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_state_directory_that_cannot_be_written_is_named(tmp_path: Path, env: dict[str, str]) -> None:
    device = lay_device(tmp_path / "device", node_entry("one"))
    (tmp_path / "device" / "full").write_text("a file where a directory should be", encoding="ascii")
    device.write_text('state_dir = "full"\n' + device.read_text(encoding="utf-8"), encoding="utf-8")
    done = agent(env, "check", str(device))
    assert done.returncode == 2
    assert "state_dir: không ghi được (cannot be written)" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_node_of_another_name_is_told_those_that_there_are(tmp_path: Path, env: dict[str, str]) -> None:
    device = lay_device(tmp_path / "device", node_entry("one") + node_entry("two"))
    done = agent(env, "node", str(device), "three")
    assert done.returncode == 2
    assert "không có nút 'three' (no such node); có (there are): one, two" in done.stderr


@pytest.mark.parametrize(("then", "exit_code"), [("raise", 1), ("return", 0), ("exit", 7)])
def test_one_node_by_itself_ends_as_it_ended(
    tmp_path: Path, env: dict[str, str], then: str, exit_code: int
) -> None:
    device = lay_device(tmp_path / "device", node_entry("one", then))
    done = agent(env, "node", str(device), "one")
    assert done.returncode == exit_code
    assert bodies_on_disk(device, "one", "intent.applied") == [{"name": "trial", "number": 1}]
    crash = device.parent / "one" / "crash.txt"
    assert crash.exists() == (then == "raise")
    if then == "raise":
        assert crash.read_text(encoding="utf-8") == "RuntimeError: nút bị kẹt"


def test_a_node_that_is_asked_to_end_ends_well(tmp_path: Path, env: dict[str, str]) -> None:
    device = lay_device(tmp_path / "device", node_entry("one"))
    command = [sys.executable, "-m", "firmware_agent", "node", str(device), "one"]
    with running(command, env) as process:
        await_condition(lambda: bodies_on_disk(device, "one", "intent.applied"))
        process.terminate()
        assert process.wait(HANGS_S) == 0


def test_without_arguments_the_help_is_shown_in_both_languages(env: dict[str, str]) -> None:
    done = agent(env)
    assert "Chạy các nút của một thiết bị" in done.stdout + done.stderr
    assert "Run the nodes of one device" in done.stdout + done.stderr
