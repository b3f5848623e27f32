"""The judge: holds a good run to be good, and catches each kind of fault in a small made one."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import wave
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.clock import START_FILE
from sim.judging.listening import soundings
from sim.judging.report import all_held, judge_run

START_MS = 1_760_000_000_000
RATE_HZ = 8_000
T0_S = 5.0
EPOCH = "0123456789abcdef"
CLIP = b"not really a film"


class Made:
    """A small run directory, good as it is made; tests spoil it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.truth: list[dict[str, Any]] = [
            {
                "t": 10.0,
                "do": "open",
                "devices": {"quay-1-pi": ["rating", "camera"], "loa-1": ["speaker"], "loa-2": ["speaker"]},
            },
            {"t": 11.0, "do": "press", "device": "quay-1-pi", "button": 1, "level": 1},
            {"t": 13.0, "do": "press", "device": "quay-1-pi", "button": 1, "level": 1},
            {"t": 14.0, "do": "press", "device": "quay-1-pi", "button": 3, "level": 3},
            {"t": 15.0, "do": "ticket", "device": "sanh-pi", "field": "ho-tich"},
            {"t": 15.5, "do": "arrive", "device": "quay-1-pi"},
            {"t": 16.0, "do": "call", "counter": "quay-1", "number": "A001"},
            {"t": 12.0, "do": "bulletin", "id": "b1", "devices": ["loa-1"], "at": 20.0, "text": "…"},
            {"t": 25.0, "do": "close"},
            {"t": 27.0, "do": "rest"},
        ]
        sha = hashlib.sha256(CLIP).hexdigest()
        self.facts: list[tuple[str, str, str, float, dict[str, Any]]] = [
            ("quay-1-pi", "rating", "rating.pressed", 11.1, {"level": 1}),
            ("quay-1-pi", "rating", "rating.pressed", 13.1, {"level": 1}),
            ("quay-1-pi", "rating", "rating.pressed", 14.1, {"level": 3}),
            (
                "sanh-pi",
                "ticket",
                "ticket.issued",
                15.2,
                {"ticket": "x", "number": "A001", "field": "ho-tich"},
            ),
            ("hub", "queue", "ticket.called", 16.0, {"counter": "quay-1", "number": "A001"}),
            ("quay-1-pi", "camera", "clip.recorded", 20.0, {"file": "c.mp4", "sha256": sha}),
            ("loa-1", "speaker", "playback.started", 20.0, {"bulletin": "b1"}),
            ("loa-1", "speaker", "playback.finished", 23.0, {"bulletin": "b1"}),
        ]
        self.sound: dict[str, list[tuple[float, float]]] = {"loa-1": [(20.05, 23.0)], "loa-2": []}
        self.left: list[tuple[str, float]] = []
        self.spoil_rows: Callable[[sqlite3.Connection], object] = lambda _: None

    def judge(self) -> dict[str, Any]:
        (self.root / START_FILE).write_text(json.dumps({"wall_ms": START_MS, "mono_ns": 0}))
        (self.root / "truth.jsonl").write_text("".join(json.dumps(line) + "\n" for line in self.truth))
        self._write_hub()
        for name, stretches in self.sound.items():
            self._write_sound(name, stretches)
        for node in ("rating", "camera"):
            self._write_outbox(node)
        return judge_run(self.root)

    def verdicts(self) -> dict[str, bool]:
        return {each["name"]: each["held"] for each in self.judge()["expectations"]}

    def _write_hub(self) -> None:
        (self.root / "hub" / "clips").mkdir(parents=True, exist_ok=True)
        (self.root / "hub" / "clips" / "x.mp4").write_bytes(CLIP)
        with closing(sqlite3.connect(self.root / "hub" / "hub.db")) as database, database:
            database.execute("CREATE TABLE facts (device, node, epoch, seq, kind, at, body)")
            numbers: dict[tuple[str, str], int] = {}
            for device, node, kind, t_s, body in self.facts:
                numbers[device, node] = numbers.get((device, node), 0) + 1
                row = [device, node, EPOCH, numbers[device, node], kind, iso(t_s), json.dumps(body)]
                database.execute("INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            self.spoil_rows(database)

    def _write_sound(self, name: str, stretches: list[tuple[float, float]]) -> None:
        directory = self.root / "devices" / name / "speaker"
        directory.mkdir(parents=True, exist_ok=True)
        times = T0_S + np.arange(round(25 * RATE_HZ)) / RATE_HZ
        samples = np.zeros(len(times))
        for start_s, end_s in stretches:
            inside = (times >= start_s) & (times < end_s)
            samples[inside] = 8_000 * np.sin(2 * np.pi * 440 * times[inside])
        with wave.open(str(directory / "heard.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            file.writeframes(samples.astype(np.int16).tobytes())
        (directory / "heard.json").write_text(json.dumps({"t0": T0_S, "rate": RATE_HZ}))

    def _write_outbox(self, node: str) -> None:
        directory = self.root / "devices" / "quay-1-pi" / node
        directory.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(directory / "outbox.db")) as database, database:
            database.execute("CREATE TABLE facts (seq INTEGER PRIMARY KEY, fact BLOB)")
            for kind, t_s in self.left if node == "rating" else []:
                fact = {"kind": kind, "moment": {"at_ms": START_MS + round(t_s * 1000)}, "body": {}}
                database.execute("INSERT INTO facts (fact) VALUES (?)", [json.dumps(fact).encode()])


def iso(t_s: float) -> str:
    moment = datetime.fromtimestamp(START_MS / 1000 + t_s, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path)


def test_a_good_run_holds_and_has_figures(made: Made) -> None:
    report = made.judge()
    assert all_held(report), report
    assert report["figures"]["presses"] == 3
    assert report["figures"]["tickets"] == 1
    assert report["figures"]["bulletins"] == 1
    assert 40 <= report["figures"]["worst_start_error_ms"] <= 60
    assert json.loads((made.root / "report.json").read_text()) == report


def test_what_the_machine_stood_still_is_no_fault_of_a_loudspeaker(made: Made) -> None:
    start_late(made)
    (made.root / "stalls.txt").write_text("19.5 19.8\n")
    report = made.judge()
    assert all_held(report), report
    assert report["figures"]["stood_still_s"] == 0.3


def test_what_it_stood_still_at_another_time_excuses_nothing(made: Made) -> None:
    start_late(made)
    (made.root / "stalls.txt").write_text("12.0 14.0\n")
    assert not made.verdicts()["bulletins"]


def lose_press(made: Made) -> None:
    made.facts.pop(1)


def double_press(made: Made) -> None:
    made.facts.insert(1, made.facts[1])


def move_press(made: Made) -> None:
    made.facts[2] = ("quay-1-pi", "rating", "rating.pressed", 14.1, {"level": 2})


def stamp_wrong(made: Made) -> None:
    made.facts[2] = ("quay-1-pi", "rating", "rating.pressed", 22.0, {"level": 3})


def lose_ticket(made: Made) -> None:
    made.facts.pop(3)


def give_number_twice(made: Made) -> None:
    made.facts.append(
        ("sanh-pi", "ticket", "ticket.issued", 18.0, {"ticket": "y", "number": "A001", "field": "x"})
    )
    made.truth.append({"t": 18.0, "do": "ticket", "device": "sanh-pi", "field": "x"})


def lose_call(made: Made) -> None:
    made.facts.pop(4)


def call_other_counter(made: Made) -> None:
    made.facts[4] = ("hub", "queue", "ticket.called", 16.0, {"counter": "quay-2", "number": "A001"})


def be_silent(made: Made) -> None:
    made.sound["loa-1"] = []


def start_late(made: Made) -> None:
    made.sound["loa-1"] = [(20.4, 23.0)]


def start_early(made: Made) -> None:
    made.sound["loa-1"] = [(19.7, 23.0)]


def not_tell_finished(made: Made) -> None:
    made.facts.pop()


def tell_finished_twice(made: Made) -> None:
    made.facts.append(made.facts[-1])


def sound_elsewhere(made: Made) -> None:
    made.sound["loa-2"] = [(20.0, 23.0)]


def sound_again(made: Made) -> None:
    made.sound["loa-1"].append((26.0, 28.0))


def lose_clip(made: Made) -> None:
    made.facts[5] = ("quay-1-pi", "camera", "clip.recorded", 20.0, {"file": "c.mp4", "sha256": "0" * 64})


def record_nothing(made: Made) -> None:
    made.facts.pop(5)


def leave_gap(made: Made) -> None:
    made.spoil_rows = lambda database: database.execute("UPDATE facts SET seq = 9 WHERE seq = 3")


def repeat_number(made: Made) -> None:
    made.spoil_rows = lambda database: database.execute(
        "INSERT INTO facts SELECT * FROM facts WHERE kind = 'playback.started'"
    )


def keep_fact(made: Made) -> None:
    made.left = [("rating.pressed", 20.0)]


def never_rest(made: Made) -> None:
    made.truth.pop()


def fall(made: Made) -> None:
    made.truth.append({"t": 17.0, "do": "fallen", "who": "quay-1-pi", "exit_code": -11})


def die(made: Made) -> None:
    made.facts.append(("quay-1-pi", "agent", "node.died", 17.0, {"node": "camera"}))


def fail_act(made: Made) -> None:
    made.truth.append({"t": 17.0, "do": "failed", "act": {"do": "call"}, "error": "x"})


@pytest.mark.parametrize(
    ("spoil", "caught_by"),
    [
        (lose_press, {"presses"}),
        (double_press, {"presses"}),
        (move_press, {"presses"}),
        (stamp_wrong, {"presses"}),
        (lose_ticket, {"tickets"}),
        (give_number_twice, {"tickets"}),
        (lose_call, {"calls"}),
        (call_other_counter, {"calls"}),
        (be_silent, {"bulletins"}),
        (start_late, {"bulletins"}),
        (start_early, {"bulletins"}),
        (not_tell_finished, {"bulletins"}),
        (tell_finished_twice, {"bulletins"}),
        (sound_elsewhere, {"silence"}),
        (sound_again, {"silence"}),
        (lose_clip, {"clips"}),
        (record_nothing, {"clips"}),
        (leave_gap, {"streams"}),
        (repeat_number, {"streams"}),
        (keep_fact, {"outboxes"}),
        (never_rest, {"outboxes"}),
        (fall, {"processes"}),
        (die, {"processes"}),
        (fail_act, {"processes"}),
    ],
)
def test_each_fault_is_caught_by_its_judge_alone(
    made: Made, spoil: Callable[[Made], None], caught_by: set[str]
) -> None:
    spoil(made)
    verdicts = made.verdicts()
    assert {name for name, held in verdicts.items() if not held} == caught_by


@pytest.mark.parametrize(
    ("sounded", "held"),
    [
        ([(16.0, 18.2)], True),
        ([(16.0, 18.2), (24.0, 25.5)], True),  # the day closed while it spoke the next one
        ([(16.0, 20.0)], False),
        ([(16.0, 18.2), (21.0, 22.0)], False),
    ],
)
def test_a_loudspeaker_of_the_hall_may_speak_the_calls_that_it_tells_of_and_no_more(
    made: Made, sounded: list[tuple[float, float]], held: bool
) -> None:
    for at_s in (17.0, 18.2):
        spoken = {"call": "c", "counter": "quay-1", "number": "A001", "duration_ms": 1_000}
        made.facts.append(("loa-2", "speaker", "call.spoken", at_s, spoken))
    made.sound["loa-2"] = sounded
    assert made.verdicts()["silence"] == held


def test_what_was_killed_on_purpose_is_no_fault(made: Made) -> None:
    made.truth.append({"t": 16.5, "do": "kill", "who": "quay-1-pi/camera"})
    die(made)
    assert made.verdicts()["processes"]


def test_a_loudspeaker_without_power_need_not_sound(made: Made) -> None:
    made.truth.append({"t": 18.0, "do": "kill", "who": "loa-1"})
    be_silent(made)
    made.facts = made.facts[:-2]
    assert made.verdicts()["bulletins"]


def test_facts_from_after_the_rest_may_still_lie_in_an_outbox(made: Made) -> None:
    made.left = [("health.sampled", 29.0)]
    assert made.verdicts()["outboxes"]


def test_a_run_that_cannot_be_read_does_not_hold(tmp_path: Path) -> None:
    report = judge_run(tmp_path)
    assert not all_held(report)
    assert report["expectations"][0]["name"] == "evidence"


def test_an_empty_report_holds_nothing() -> None:
    assert not all_held({"expectations": [], "figures": {}})


def test_soundings_join_over_pauses_of_speech() -> None:
    rate_hz = 1_000
    samples = np.zeros(10_000, dtype=np.int16)
    samples[1_000:2_000] = 5_000
    samples[3_000:4_000] = 5_000
    samples[8_000:8_500] = -5_000
    found = soundings(samples, rate_hz, 100.0)
    assert [(round(each.start_s, 2), round(each.end_s, 2)) for each in found] == [
        (101.0, 104.0),
        (108.0, 108.5),
    ]
    assert soundings(np.zeros(100, dtype=np.int16), rate_hz, 0.0) == []
