"""One process per node: what dies is told and started again, what is told to end ends."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from firmware_agent.backoff import WELL_AFTER_S
from firmware_agent.config import BrokerSettings, DeviceConfig, NodeSettings
from firmware_agent.node import Problems
from firmware_agent.runner import CRASH_FILE
from firmware_agent.supervisor import Supervisor, tell_systemd
from tests.support.devices import bodies_on_disk, lay_device, node_entry
from tests.support.processes import alive, running
from tests.support.trial import environment, install
from tests.support.waiting import HANGS_S, await_condition
from wire.facts import Body, NodeDied, NodeStarted


class Heard:
    """Keeps in memory what the supervisor records."""

    def __init__(self) -> None:
        self.bodies: list[Body] = []

    def note(self, body: Body) -> None:
        self.bodies.append(body)

    def deaths(self) -> list[NodeDied]:
        return [body for body in self.bodies if isinstance(body, NodeDied)]

    def pids(self, node: str) -> list[int]:
        return [body.pid for body in self.bodies if isinstance(body, NodeStarted) and body.node == node]


class Watch:
    """A supervisor whose time a test moves by hand, over real processes."""

    def __init__(self, directory: Path, code: str, *nodes: str) -> None:
        self.config = DeviceConfig(
            commune="xuan-luong",
            device="quay-1-pi",
            state_dir=directory,
            broker=BrokerSettings(host="127.0.0.1", port=1),
            nodes=[NodeSettings(kind="trial", name=name) for name in nodes],
        )
        self.heard = Heard()
        self.problems = Problems()
        self.now_s = 0.0
        self.supervisor = Supervisor(self.config, [sys.executable, "-c", code], self.heard, self.problems)

    def look(self) -> None:
        self.supervisor.look_after(self.now_s)

    def await_deaths(self, count: int) -> list[NodeDied]:
        def enough() -> bool:
            self.look()
            return len(self.heard.deaths()) >= count

        await_condition(enough)
        return self.heard.deaths()


@contextmanager
def watch(directory: Path, code: str, *nodes: str) -> Iterator[Watch]:
    made = Watch(directory, code, *nodes)
    try:
        yield made
    finally:
        made.supervisor.end()
    assert not any(alive(pid) for node in nodes for pid in made.heard.pids(node))


SLEEP = "import time; time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(); time.sleep(600)"


def test_every_node_is_started_once_and_left_in_peace(tmp_path: Path) -> None:
    with watch(tmp_path, SLEEP, "rating", "camera") as on:
        for _ in range(5):
            on.look()
            on.now_s += 1
        assert len(on.heard.pids("rating")) == len(on.heard.pids("camera")) == 1
        assert all(alive(pid) for pid in on.heard.pids("rating") + on.heard.pids("camera"))
        assert on.heard.deaths() == []


def test_a_node_that_dies_is_told_and_started_again_after_a_growing_pause(tmp_path: Path) -> None:
    with watch(tmp_path, "raise SystemExit(7)", "rating") as on:
        for number, pause_s in enumerate([0.5, 1.0, 2.0, 4.0], 1):
            died = on.await_deaths(number)[-1]
            assert died == NodeDied(
                node="rating", exit_code=7, error="exit code 7", deaths=number, restart_in_s=pause_s
            )
            on.now_s += pause_s - 0.01
            on.look()
            assert len(on.heard.pids("rating")) == number, "not before the pause is over"
            on.now_s += 0.01
            on.look()
            assert len(on.heard.pids("rating")) == number + 1


def test_the_death_of_one_node_touches_no_other(tmp_path: Path) -> None:
    code = 'import sys, time; time.sleep(600) if sys.argv[1] == "rating" else sys.exit(1)'
    with watch(tmp_path, code, "camera", "rating") as on:
        on.await_deaths(1)
        on.now_s += 1
        on.await_deaths(2)
        assert {died.node for died in on.heard.deaths()} == {"camera"}
        (pid,) = on.heard.pids("rating")
        assert alive(pid)


def test_a_long_life_makes_the_problem_and_the_deaths_forgotten(tmp_path: Path) -> None:
    flag = tmp_path / "live"
    code = f"import os, time; time.sleep(600) if os.path.exists({str(flag)!r}) else exit(1)"
    with watch(tmp_path, code, "rating") as on:
        on.await_deaths(1)
        on.now_s += 0.5
        on.await_deaths(2)
        (problem,) = on.problems.texts()
        assert problem == "Nút rating dừng 2 lần: exit code 1"
        flag.touch()
        on.now_s += 1.0
        on.look()
        on.now_s += WELL_AFTER_S - 0.1
        on.look()
        assert on.problems.texts() == [problem]
        on.now_s += 0.1
        on.look()
        assert on.problems.texts() == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (b"RuntimeError: m\xc3\xa1y in k\xe1\xba\xb9t", "RuntimeError: máy in kẹt"),
        (b"x" * 10_000, "x" * 500),
        (b"\xff rubbish", "\ufffd rubbish"),
        (b"", "exit code 1"),
    ],
)
def test_the_last_words_of_a_node_are_passed_on(tmp_path: Path, words: bytes, told: str) -> None:
    (tmp_path / "rating").mkdir()
    (tmp_path / "rating" / CRASH_FILE).write_bytes(words)
    with watch(tmp_path, "exit(1)", "rating") as on:
        assert on.await_deaths(1)[0].error == told


def test_a_node_that_a_signal_ended_is_told_with_the_signal(tmp_path: Path) -> None:
    with watch(tmp_path, "import os; os.kill(os.getpid(), 9)", "rating") as on:
        assert on.await_deaths(1)[0].exit_code == -signal.SIGKILL


def test_a_node_that_does_not_end_when_asked_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firmware_agent.supervisor.GOODBYE_S", 0.3)
    with watch(
        tmp_path, STUBBORN.replace("print()", f"open({str(tmp_path / 'deaf')!r}, 'w')"), "rating"
    ) as on:
        on.look()
        await_condition((tmp_path / "deaf").exists)


def test_systemd_is_told_through_its_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        listener.settimeout(HANGS_S)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        tell_systemd("READY=1")
        assert listener.recv(100) == b"READY=1"


def test_without_systemd_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    tell_systemd("READY=1")


# The whole agent, as a technician starts it


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return environment(install(tmp_path / "site"))


def agent(device_toml: Path) -> list[str]:
    return [sys.executable, "-m", "firmware_agent", "run", str(device_toml)]


def test_a_node_that_raises_is_started_again_and_all_of_it_stands_in_the_outbox(
    tmp_path: Path, env: dict[str, str]
) -> None:
    device = lay_device(tmp_path / "device", node_entry("faulty", "raise") + node_entry("sound"))
    with running(agent(device), env) as process:
        await_condition(lambda: len(bodies_on_disk(device, "agent", "node.died")) >= 2)
        await_condition(lambda: bodies_on_disk(device, "sound", "intent.applied"))
        process.terminate()
        _, log = process.communicate(timeout=HANGS_S)
        assert process.returncode == 0
    first, second = bodies_on_disk(device, "agent", "node.died")[:2]
    assert (first["node"], first["exit_code"], first["deaths"]) == ("faulty", 1, 1)
    assert first["error"] == second["error"] == "RuntimeError: nút bị kẹt"
    assert [first["restart_in_s"], second["restart_in_s"]] == [0.5, 1.0]
    starts = bodies_on_disk(device, "faulty", "intent.applied")
    assert [each["number"] for each in starts] == list(range(1, len(starts) + 1)), "nothing it wrote is lost"
    assert len(bodies_on_disk(device, "sound", "intent.applied")) == 1
    assert bodies_on_disk(device, "agent", "health.sampled")
    assert "nút faulty đã dừng (died): RuntimeError: nút bị kẹt" in log.decode()
    pids = [each["pid"] for each in bodies_on_disk(device, "agent", "node.started")]
    assert not any(alive(pid) for pid in pids)


def test_no_node_outlives_an_agent_that_was_killed(tmp_path: Path, env: dict[str, str]) -> None:
    device = lay_device(tmp_path / "device", node_entry("one"))
    with running(agent(device), env):
        await_condition(lambda: bodies_on_disk(device, "one", "intent.applied"))
    pids = [each["pid"] for each in bodies_on_disk(device, "agent", "node.started")]
    assert pids
    await_condition(lambda: not any(alive(pid) for pid in pids))
