"""A day: acts at their second, in order for each actor, side by side for different ones; then rest."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sim import acts
from sim import day as day_module
from sim.acts import Act
from sim.commune import Commune
from sim.day import Day
from sim.flow import MOBILE
from sim.ports import free_ports
from sim.scenario import load_scenario, shipped_scenarios
from sim.truth import Truth, read_truth


@pytest.fixture
def commune(tmp_path: Path) -> Iterator[Commune]:
    """A commune that was never opened: nothing runs."""
    scenario = load_scenario(shipped_scenarios()["commune_day"])
    with Commune(scenario, tmp_path, 1, lambda _: None) as made:
        yield made


@pytest.fixture
def day(commune: Commune) -> Iterator[Day]:
    truth = Truth(commune.directory, commune.start)
    made = Day(commune, truth)
    made.begin()
    yield made
    truth.close()


class Recorder:
    """Stands in for the Doer: notes when each act was done; each takes a while."""

    def __init__(self, day: Day, takes_s: float = 0.0) -> None:
        self.done: list[tuple[float, Act]] = []
        self._day = day
        self._takes_s = takes_s
        self._lock = threading.Lock()

    def do(self, act: Act) -> bool:
        with self._lock:
            self.done.append((self._day.now_s(), act))
        time.sleep(self._takes_s)
        return True


def press(at_s: float, device: str) -> Act:
    return acts.Press(at_s=at_s, device=device, level=1)


def record(day: Day, monkeypatch: pytest.MonkeyPatch, takes_s: float = 0.0) -> Recorder:
    recorder = Recorder(day, takes_s)
    monkeypatch.setattr(day.doer, "do", recorder.do)
    return recorder


def test_acts_are_done_at_their_second(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = record(day, monkeypatch)
    day.play([press(0.05, "a"), press(0.2, "b"), press(0.35, "a")], until_s=0.4)
    assert len(recorder.done) == 3
    for at_s, act in recorder.done:
        assert act.at_s <= at_s < act.at_s + 0.15
    assert day.now_s() >= 0.4


def test_actors_do_not_wait_for_each_other(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = record(day, monkeypatch, takes_s=0.3)
    day.play([press(0.0, "a"), press(0.05, "b"), press(0.1, "a")], until_s=0.1)
    times = {(act.actor, act.at_s): at_s for at_s, act in recorder.done}
    assert times["b", 0.05] < 0.25
    assert times["a", 0.1] >= 0.3


def test_what_comes_later_than_the_day_is_left_out(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = record(day, monkeypatch)
    day.play(iter([press(0.0, "a"), press(9_999.0, "a")]), until_s=0.1)
    assert [act.at_s for _, act in recorder.done] == [0.0]


def test_a_day_without_end_is_ended_by_hand(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = record(day, monkeypatch)
    threading.Timer(0.3, day.ended.set).start()
    day.play((press(0.05 * index, "a") for index in range(10**6)), until_s=float("inf"))
    assert 3 <= len(recorder.done) <= 8


def test_what_falls_is_written_down_once(commune: Commune, day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    record(day, monkeypatch)
    commune.crew.add("quay-1-pi", ["sh", "-c", "exit 3"])
    commune.crew.start("quay-1-pi")
    day.play([], until_s=0.9)
    fallen = [line for line in read_truth(commune.directory) if line["do"] == "fallen"]
    assert [(line["who"], line["exit_code"]) for line in fallen] == [("quay-1-pi", 3)]


def test_a_press_at_a_device_that_is_off_is_in_the_truth_and_failed(commune: Commune, day: Day) -> None:
    home = commune.directory / "devices" / "quay-1-pi"
    home.mkdir(parents=True)
    (home / "device.toml").write_text('[[nodes]]\nkind = "rating"\nname = "rating"\n')
    assert not day.doer.do(press(0.0, "quay-1-pi"))
    assert [line["do"] for line in read_truth(commune.directory)] == ["open", "press", "failed"]


def test_luck_is_done_and_written_down(commune: Commune, day: Day) -> None:
    commune.network.lay("loa-tay-1", "127.0.0.1", free_ports(1)[0])
    commune.crew.add("hub", ["sleep", "60"])
    for act in (
        acts.Start(at_s=0, who="hub"),
        acts.Cut(at_s=0, device="loa-tay-1", mode="silent"),
        acts.Kill(at_s=0, who="hub"),
    ):
        assert day.doer.do(act)
    assert commune.network.is_cut("loa-tay-1")
    assert not commune.crew.running("hub")
    assert day.doer.do(acts.Mend(at_s=0, device="loa-tay-1"))
    assert not commune.network.is_cut("loa-tay-1")
    assert day.doer.do(acts.Slow(at_s=0, device="loa-tay-1", quality=MOBILE))
    assert commune.network.is_slow("loa-tay-1")
    told = list(read_truth(commune.directory))
    assert [line["do"] for line in told] == ["open", "start", "cut", "kill", "mend", "slow"]
    assert told[-1]["bytes_per_s"] == MOBILE.bytes_per_s


def test_rest_comes_only_when_outboxes_are_empty(
    commune: Commune, day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(day_module, "REST_WITHIN_S", 0.5)
    monkeypatch.setattr(day_module, "REST_LOOK_EVERY_S", 0.05)
    node = commune.directory / "devices" / "quay-1-pi" / "rating"
    node.mkdir(parents=True)
    (commune.directory / "hub").mkdir()
    with closing(sqlite3.connect(commune.directory / "hub" / "hub.db")) as hub, hub:
        hub.execute("CREATE TABLE facts (device, node, epoch, seq, kind, at, body)")
    with closing(sqlite3.connect(node / "outbox.db")) as outbox:
        outbox.execute("CREATE TABLE facts (seq INTEGER PRIMARY KEY, fact BLOB)")
        outbox.execute("INSERT INTO facts VALUES (1, '{}')")
        outbox.commit()
        assert not day.rest()
        outbox.execute("DELETE FROM facts")
        outbox.commit()
    assert day.rest()
    assert [line["do"] for line in read_truth(commune.directory)] == ["open", "rest"]


def test_at_closing_time_what_is_broken_is_mended(commune: Commune, day: Day) -> None:
    commune.network.lay("loa-tay-1", "127.0.0.1", free_ports(1)[0])
    commune.network.lay("loa-dong-1", "127.0.0.1", free_ports(1)[0])
    for name in ("hub", "loa-tay-1"):
        commune.crew.add(name, ["sleep", "60"])
        commune.crew.start(name)
    day.doer.do(acts.Kill(at_s=0, who="hub"))
    day.doer.do(acts.Cut(at_s=0, device="loa-tay-1", mode="reset"))
    day.doer.do(acts.Slow(at_s=0, device="loa-dong-1", quality=MOBILE))
    day.close()
    assert commune.crew.running("hub")
    assert commune.troubled_devices() == []
    done = [line["do"] for line in read_truth(commune.directory)]
    assert done == ["open", "kill", "cut", "slow", "mend", "mend", "start", "close"]
