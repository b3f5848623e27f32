"""Calling a number: from the officer's click to the first sound in the hall, with real processes."""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bench.hall import Hall, await_true, open_desk, sockets
from bench.measure import Measured, Skipped, one_to_one
from provisioning.plan import HALL
from sim.clock import read_start
from sim.judging.listening import read_wave
from wire.facts import TicketIssued

CALLS = 10
GOAL_MS = 500.0
COUNTERS = ("quay-1", "quay-2")
"""Of provisioning's default plan."""
SPEAKER = "loa-sanh"
KIOSK = "sanh-pi"
WORDS_PER_MINUTE = 300
"""Quick speech: what is measured is the beginning, not how long it takes to say a number."""
READY_WITHIN_S = 40.0
SPOKEN_WITHIN_S = 15.0
LOUD = 300


def measure_calling(directory: Path) -> list[Measured | Skipped]:
    """Milliseconds from `call-next` at the hub to the first sample at the sound card: median and p95."""
    if shutil.which("espeak-ng") is None:
        return [Skipped("call-next to the first sound", "espeak-ng is not installed")]
    with (
        tempfile.TemporaryDirectory(dir=directory) as place,
        Hall(Path(place)) as hall,
        sockets() as control,
    ):
        found_ms = _calls(hall, control)
    p95_ms = sorted(found_ms)[max(0, round(0.95 * len(found_ms)) - 1)]
    return [
        one_to_one(
            f"call-next at the hub to the first sound in the hall: {name}",
            "ms",
            "lower",
            ms,
            GOAL_MS,
            "our goal",
        )
        for name, ms in (("median", statistics.median(found_ms)), ("p95", p95_ms))
    ]


def _calls(hall: Hall, control: str) -> list[float]:
    quick = {"words_per_minute": WORDS_PER_MINUTE}
    speaker = hall.enrol(SPEAKER, ["speaker"], kind="speaker", place=HALL, control=control, settings=quick)
    kiosk = hall.enrol(KIOSK, ["ticket"], kind="ticket", place=HALL, series="A", control=control)
    officer = hall.colleague("can-bo", "officer")
    hall.start_hub()
    hall.crew.add(SPEAKER, [sys.executable, "-m", "firmware_agent", "run", str(speaker)])
    hall.crew.start(SPEAKER)
    _take_tickets(hall, kiosk)
    stems = hall.directory / "devices" / SPEAKER / "speaker" / "stems"
    await_true(lambda: len(list(stems.glob("*.wav"))) >= 2 + 10 + len(COUNTERS), READY_WITHIN_S)
    heard = stems.parent / "heard.wav"
    start = read_start(hall.directory)
    found_ms = []
    for index in range(CALLS):
        called_s = start.now_s()
        officer.post(f"/counters/{COUNTERS[index % len(COUNTERS)]}/call-next")
        _await_spoken(hall, index + 1)
        found_ms.append((_first_sound_s(heard, called_s) - called_s) * 1_000)
    return found_ms


def _take_tickets(hall: Hall, kiosk: Path) -> None:
    desk = open_desk(kiosk, "ticket")
    desk.start()
    day = datetime.fromtimestamp(time.time() + 7 * 3_600, UTC).date().isoformat()
    for number in range(1, CALLS + 1):
        name = f"A{number:03}"
        desk.record(
            TicketIssued(ticket=f"{KIOSK}-{day}-{name}", number=name, field="ho-tich", day=day, printed=True)
        )
    await_true(lambda: hall.ask("SELECT count(*) FROM tickets")[0][0] == CALLS, READY_WITHIN_S)
    desk.stop()


def _await_spoken(hall: Hall, count: int) -> None:
    """Wait until the hub knows of so many calls that were spoken to their end."""
    asked = "SELECT count(*) FROM facts WHERE kind = 'call.spoken'"
    await_true(lambda: hall.ask(asked)[0][0] >= count, SPOKEN_WITHIN_S)


def _first_sound_s(heard: Path, after_s: float) -> float:
    """Return when the first sound after `after_s` was heard, in seconds of the run."""
    about = json.loads(heard.with_suffix(".json").read_text(encoding="utf-8"))
    samples, rate_hz = read_wave(heard)
    begin = max(0, round((after_s - about["t0"]) * rate_hz))
    loud = np.flatnonzero(np.abs(samples[begin:].astype(np.int32)) > LOUD)
    return float(about["t0"] + (begin + loud[0]) / rate_hz)
