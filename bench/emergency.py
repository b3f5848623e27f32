"""An emergency: from the approver's click to the first sound of a hundred loudspeakers, with real processes.

The hub, its broker, a hundred links with certificates of their own and a hundred `SpeakerNode`s are real; the
sound cards are virtual, and the loudspeakers share this machine's processors, which theirs would not. A
hundred Pis have a hundred memory cards: theirs lie in memory here, and each sync takes as long as on a card.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bench.hall import Hall, await_true, sockets
from bench.measure import Measured, Skipped
from bench.speakers_child import NODE
from sim.clock import Start, read_start
from sim.judging.listening import read_wave
from sim.office import Colleague

SPEAKERS = 100
PROCESSES = 10
EMERGENCIES = 6
HAMLET = "thon-dong"
"""Of provisioning's default plan."""
MEMORY = Path("/dev/shm")  # noqa: S108 - no temporary file, the only place that is in memory
GOAL_MS = 1_000.0
READY_WITHIN_S = 90.0
FINISHED_WITHIN_S = 40.0
LOUD = 300


def measure_emergency(directory: Path) -> list[Measured | Skipped]:
    """Milliseconds from an emergency's approval, its text new, to the first sound at each loudspeaker."""
    with (
        tempfile.TemporaryDirectory(dir=directory) as place,
        tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else directory) as cards,
        Hall(Path(place)) as hall,
        sockets() as control,
    ):
        editor, approver = hall.colleague("bien-tap", "editor"), hall.colleague("phe-duyet", "approver")
        configs = [
            hall.enrol(name, [NODE], kind=NODE, place=HAMLET, control=control, out=Path(cards) / name)
            for name in (f"loa-{number}" for number in range(SPEAKERS))
        ]
        hall.start_hub()
        with _sounding(configs):
            rounds = _rounds(hall, editor, approver, [path.parent / NODE for path in configs])
    return _figures(rounds)


def _rounds(
    hall: Hall, editor: Colleague, approver: Colleague, speakers: list[Path]
) -> list[tuple[list[float], list[float]]]:
    """Return of each emergency, in ms since the click: when documents came, when first sounds were heard."""
    await_true(lambda: _count(hall, "intent.applied") >= len(speakers), READY_WITHIN_S)
    start = read_start(hall.directory)
    approver.get("/bulletins")  # the one who approves has signed in before
    rounds: list[tuple[list[float], list[float]]] = []
    for number in range(EMERGENCIES):
        told = editor.post("/bulletins", _emergency(number))
        told = editor.post(f"/bulletins/{told['id']}/submit")
        clicked_s = start.now_s()
        approver.post(f"/bulletins/{told['id']}/approve", {"version": told["version"]})
        # Looked at when all is over: reading a hundred recordings takes what the loudspeakers need.
        _await_finished(hall, len(speakers) * (len(rounds) + 1))
        rounds.append((_arrived_ms(hall, start, clicked_s), _sounded_ms(speakers, clicked_s)))
    return rounds


def _emergency(number: int) -> dict[str, object]:
    return {
        "title": "Khẩn cấp",
        "text": f"Nước lũ đang lên, đợt {number}. Đề nghị bà con lên chỗ cao.",
        "places": [HAMLET],
        "priority": "emergency",
    }


@contextlib.contextmanager
def _sounding(configs: list[Path]) -> Iterator[None]:
    """Run the loudspeakers, some in each process."""
    children = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.speakers_child", *map(str, configs[first::PROCESSES])],
            stdin=subprocess.PIPE,
        )
        for first in range(PROCESSES)
    ]
    try:
        yield
    finally:
        for child in children:
            child.communicate()


def _await_finished(hall: Hall, count: int) -> None:
    await_true(lambda: _count(hall, "playback.finished") >= count, FINISHED_WITHIN_S)


def _count(hall: Hall, kind: str) -> int:
    return int(hall.ask("SELECT count(*) FROM facts WHERE kind = ?", [kind])[0][0])


def _arrived_ms(hall: Hall, start: Start, clicked_s: float) -> list[float]:
    """Return when each loudspeaker took the document, by what it told the hub."""
    clicked = datetime.fromtimestamp(start.at_wall_ms(clicked_s) / 1000, UTC)
    rows = hall.ask("SELECT at FROM facts WHERE kind = 'intent.applied'")
    found = [(datetime.fromisoformat(at) - clicked).total_seconds() * 1_000 for (at,) in rows]
    return sorted(each for each in found if each >= 0)[:SPEAKERS]


def _sounded_ms(speakers: list[Path], clicked_s: float) -> list[float]:
    """Return when each loudspeaker was first heard."""
    return [(_first_sound_s(each / "heard.wav", clicked_s) - clicked_s) * 1_000 for each in speakers]


def _first_sound_s(heard: Path, after_s: float) -> float:
    about = json.loads(heard.with_suffix(".json").read_text(encoding="utf-8"))
    samples, rate_hz = read_wave(heard)
    begin = max(0, round((after_s - about["t0"]) * rate_hz))
    loud = np.flatnonzero(np.abs(samples[begin:].astype(np.int32)) > LOUD)
    if not len(loud):
        raise RuntimeError(f"{heard.parent}: told that it played, and was never heard")
    return float(about["t0"] + (begin + loud[0]) / rate_hz)


def _figures(rounds: list[tuple[list[float], list[float]]]) -> list[Measured | Skipped]:
    """Medians over the emergencies, as everywhere; the first one after the start stands by itself."""
    what = f"an emergency approved, to {SPEAKERS} loudspeakers on one machine"
    arrived, sounded = ([each[which] for each in rounds] for which in (0, 1))
    first, later = sounded[:1], sounded[1:]
    return [
        _figure(f"{what}: the document is there, p99", [_share(each, 0.99) for each in arrived[1:]]),
        _figure(f"{what}: first sound, p50", [_share(each, 0.5) for each in later]),
        _figure(f"{what}: first sound, p99", [_share(each, 0.99) for each in later]),
        _figure(
            f"{what}: first sound, p99, the first after the start", [_share(each, 0.99) for each in first]
        ),
        _figure(f"{what}: between the first and the last of them", [max(each) - min(each) for each in later]),
    ]


def _share(found_ms: list[float], share: float) -> float:
    return float(np.quantile(found_ms, share))


def _figure(name: str, each_ms: list[float]) -> Measured:
    ours = statistics.median(each_ms)
    goal = "our goal for first sounds"
    return Measured(name, "ms", "lower", ours, GOAL_MS, goal, ours / GOAL_MS, each_ms, [GOAL_MS])
