"""The virtual sound card: its time line is true, whatever happens to its thread, its stream, its process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_agent.hardware import HardwareError
from sim.parts.crystal import STEADY, Crystal
from sim.parts.heard import HeardFile
from sim.parts.sound import SimSoundCard
from tests.support.waiting import await_condition

RATE_HZ = 22_050
TRUE_WITHIN_S = 0.003
LATENCY_S = STEADY.latency_ms / 1000


class Run:
    """A run that began when this was made."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()

    def since_s(self) -> float:
        return time.monotonic() - self._began_s


def read(path: Path) -> tuple[NDArray[np.int16], float]:
    """Return the samples and when the first was heard."""
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE_HZ)
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    return samples, json.loads(path.with_suffix(".json").read_text())["t0"]


class Clicks:
    """Fills with silence and, when asked, one full-scale sample; notes when it will be heard."""

    def __init__(self, on_fill: Callable[[], None] = lambda: None) -> None:
        self.wanted = threading.Event()
        self.heard_s: list[float] = []
        self.late = 0
        self.leads_s: list[float] = []
        self._on_fill = on_fill

    def fill(self, out: NDArray[np.int16], frames: int, at: Any, status: Any) -> None:
        self._on_fill()
        self.late += bool(status)
        self.leads_s.append(at.outputBufferDacTime - at.currentTime)
        if self.wanted.is_set():
            self.wanted.clear()
            out[100, 0] = 30_000
            self.heard_s.append(at.outputBufferDacTime + 100 / RATE_HZ)

    def click(self, run: Run) -> None:
        """Ask for a click and wait until it was heard."""
        before = len(self.heard_s)
        self.wanted.set()
        await_condition(lambda: len(self.heard_s) > before and run.since_s() > self.heard_s[-1] + 0.03)


def clicks_in(path: Path) -> list[float]:
    samples, t0_s = read(path)
    return [t0_s + float(each) / RATE_HZ for each in np.flatnonzero(samples)]


def test_what_sounds_stands_at_its_time_in_the_file(tmp_path: Path) -> None:
    run, clicks = Run(), Clicks()
    card = SimSoundCard(tmp_path / "heard.wav", run.since_s)
    stream = card.open_output(RATE_HZ, 512, clicks.fill)
    stream.start()
    for _ in range(3):
        clicks.click(run)
    stream.close()
    assert clicks_in(tmp_path / "heard.wav") == pytest.approx(clicks.heard_s, abs=TRUE_WITHIN_S)
    assert 0 < min(clicks.leads_s) <= max(clicks.leads_s) <= LATENCY_S + 0.001
    samples, t0_s = read(tmp_path / "heard.wav")
    assert t0_s + len(samples) / RATE_HZ == pytest.approx(run.since_s(), abs=0.05)


def test_it_keeps_real_time(tmp_path: Path) -> None:
    run = Run()
    asked_s: list[float] = []
    clicks = Clicks(lambda: asked_s.append(run.since_s()))
    stream = SimSoundCard(tmp_path / "heard.wav", run.since_s).open_output(RATE_HZ, 512, clicks.fill)
    stream.start()
    await_condition(lambda: len(asked_s) >= 30)
    stream.close()
    lasted_s = asked_s[29] - asked_s[0]
    assert lasted_s > 29 * 512 / RATE_HZ - 0.05  # never ahead of time, as ALSA's null plugin is
    assert lasted_s < 29 * 512 / RATE_HZ + 0.05 + clicks.late * 3 * LATENCY_S


def test_a_late_callback_is_an_underrun_and_bends_no_time_line(tmp_path: Path) -> None:
    run = Run()
    slow = threading.Event()

    def dawdle() -> None:
        if slow.is_set():
            slow.clear()
            time.sleep(3 * LATENCY_S)

    clicks = Clicks(dawdle)
    card = SimSoundCard(tmp_path / "heard.wav", run.since_s)
    stream = card.open_output(RATE_HZ, 512, clicks.fill)
    stream.start()
    clicks.click(run)
    before = clicks.late
    slow.set()
    await_condition(lambda: clicks.late > before)
    clicks.click(run)
    stream.close()
    assert clicks_in(tmp_path / "heard.wav") == pytest.approx(clicks.heard_s, abs=TRUE_WITHIN_S)


def rest(run: Run) -> None:
    """Wait a moment in which no output is open."""
    until_s = run.since_s() + 0.2
    await_condition(lambda: run.since_s() > until_s)


def test_a_reopened_output_continues_the_file_after_silence(tmp_path: Path) -> None:
    run, clicks = Run(), Clicks()
    for _ in range(2):
        card = SimSoundCard(tmp_path / "heard.wav", run.since_s)  # another card: the node was restarted
        stream = card.open_output(RATE_HZ, 512, clicks.fill)
        stream.start()
        clicks.click(run)
        stream.close()
        rest(run)
    assert clicks_in(tmp_path / "heard.wav") == pytest.approx(clicks.heard_s, abs=TRUE_WITHIN_S)


def fill_nine(out: NDArray[np.int16], frames: int, at: Any, status: Any) -> None:
    out.fill(9)


def test_close_drops_what_was_not_heard_yet(tmp_path: Path) -> None:
    run = Run()
    card = SimSoundCard(tmp_path / "heard.wav", run.since_s)
    stream = card.open_output(RATE_HZ, 512, fill_nine)
    stream.start()
    await_condition(lambda: (tmp_path / "heard.wav").stat().st_size > 10_000)
    closed_s = run.since_s()
    stream.close()
    stream.close()
    assert clicks_in(tmp_path / "heard.wav")[-1] < closed_s + 0.03


def test_the_file_is_a_wav_at_any_moment_also_after_a_kill(tmp_path: Path) -> None:
    heard = tmp_path / "heard.wav"
    script = (
        "import time; from pathlib import Path; from sim.parts.sound import SimSoundCard\n"
        f"card = SimSoundCard(Path({str(heard)!r}), time.monotonic)\n"
        f"stream = card.open_output({RATE_HZ}, 64, lambda out, *_: out.fill(7))\n"
        "stream.start(); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script]) as child:
        await_condition(lambda: heard.exists() and len(read(heard)[0]) > 4_000)
        for _ in range(50):
            read(heard)
        os.kill(child.pid, signal.SIGKILL)
    before, t0_s = read(heard)
    assert (before == 7).sum() > 1_000
    card = SimSoundCard(heard, time.monotonic)
    opened_s = time.monotonic()
    card.open_output(RATE_HZ, 512, lambda *_: None).close()
    closed_s = time.monotonic()
    after, _ = read(heard)
    assert np.array_equal(after[: len(before)], before)
    assert opened_s - 0.1 < t0_s + len(after) / RATE_HZ < closed_s + 0.1


def test_its_bad_days(tmp_path: Path) -> None:
    run, clicks = Run(), Clicks()
    card = SimSoundCard(tmp_path / "heard.wav", run.since_s)
    card.unplugged = True
    with pytest.raises(HardwareError, match="no sound card"):
        card.open_output(RATE_HZ, 512, lambda *_: None)
    card.unplugged = False
    stream = card.open_output(RATE_HZ, 512, clicks.fill)
    stream.start()
    with pytest.raises(HardwareError, match="busy"):
        card.open_output(RATE_HZ, 512, lambda *_: None)
    await_condition(lambda: clicks.leads_s)
    card.unplugged = True
    await_condition(lambda: not stream._thread.is_alive())  # type: ignore[attr-defined]
    stream.close()
    card.unplugged = False
    with pytest.raises(HardwareError, match="22050"):
        card.open_output(44_100, 512, lambda *_: None)


def test_what_has_sounded_cannot_be_written_again(tmp_path: Path) -> None:
    heard = HeardFile(tmp_path / "heard.wav", RATE_HZ, now_s=0.0)
    heard.write(10, np.ones(10, np.int16))
    with pytest.raises(ValueError, match="has sounded"):
        heard.write(19, np.ones(1, np.int16))
    heard.pad(now_s=1.0)
    heard.close()
    samples, _ = read(tmp_path / "heard.wav")
    assert samples.tolist() == [0] * 10 + [1] * 10 + [0] * (RATE_HZ - 20)


class Ramp:
    """Fills with a slow sine by the card's own frames, and notes when the first is heard."""

    def __init__(self) -> None:
        self.frames = 0
        self.underruns = 0
        self.first_s: float | None = None

    def fill(self, out: NDArray[np.int16], frames: int, at: Any, status: Any) -> None:
        if self.first_s is None:
            self.first_s = at.outputBufferDacTime
        self.underruns += bool(status)
        out[:, 0] = np.rint(8_000 * np.sin(2 * np.pi * 400 / RATE_HZ * (self.frames + np.arange(frames))))
        self.frames += frames


def test_a_slow_crystal_is_drawn_out_on_a_true_time_line(tmp_path: Path) -> None:
    """0.5 % slow, far more than any crystal, to be seen in a second: 400 Hz are heard as 398 Hz."""
    run, ramp = Run(), Ramp()
    crystal = Crystal(skew_ppm=5_000.0, jitter_ms=0.0, late_ms=0.0)
    stream = SimSoundCard(tmp_path / "heard.wav", run.since_s, crystal).open_output(RATE_HZ, 512, ramp.fill)
    stream.start()
    await_condition(lambda: ramp.frames > 1.3 * RATE_HZ)
    stream.close()
    samples, t0_s = read(tmp_path / "heard.wav")
    begin = round(((ramp.first_s or 0.0) - t0_s) * RATE_HZ)
    heard = samples[begin + 100 : begin + RATE_HZ].astype(float)
    expected = 8_000 * np.sin(2 * np.pi * 400 / 1.005 * np.arange(100, RATE_HZ) / RATE_HZ)
    assert np.abs(heard - expected).max() < 8_000 * 0.02


def test_lost_blocks_dead_amplifier_and_one_turned_up(tmp_path: Path) -> None:
    run, ramp = Run(), Ramp()
    card = SimSoundCard(tmp_path / "heard.wav", run.since_s)
    stream = card.open_output(RATE_HZ, 512, ramp.fill)
    stream.start()

    def mark(frames: int) -> float:
        upto = ramp.frames + frames
        await_condition(lambda: ramp.frames >= upto)
        return run.since_s()

    mark(8_000)
    card.lose(0.3)
    await_condition(lambda: ramp.underruns == 1)
    lost_s = run.since_s()
    mark(12_000)
    card.gain = 0.0
    dead_s = mark(4_000)
    card.gain = 10.0
    loud_s = mark(8_000)
    stream.close()
    samples, t0_s = read(tmp_path / "heard.wav")

    def between(first_s: float, last_s: float) -> NDArray[np.int16]:
        return samples[round((first_s - t0_s) * RATE_HZ) : round((last_s - t0_s) * RATE_HZ)]

    silent = between(lost_s + LATENCY_S + 0.03, lost_s + LATENCY_S + 0.27)
    assert not silent.any()
    assert not between(dead_s - 0.02, dead_s + 0.02).any()
    clipped = between(loud_s - 0.03, loud_s)
    assert (clipped == 32_767).mean() > 0.2


def test_a_pulled_card_is_silent_at_once_and_sounds_again_when_it_is_back(tmp_path: Path) -> None:
    run = Run()
    card = SimSoundCard(tmp_path / "heard.wav", run.since_s)
    stream = card.open_output(RATE_HZ, 512, fill_nine)
    stream.start()
    await_condition(lambda: (tmp_path / "heard.wav").stat().st_size > 20_000)
    card.unplugged = True
    await_condition(lambda: not stream._thread.is_alive())  # type: ignore[attr-defined]
    stream.close()
    pulled_s = run.since_s()
    rest(run)
    card.unplugged = False
    stream = card.open_output(RATE_HZ, 512, fill_nine)
    stream.start()
    back_s = run.since_s()
    await_condition(lambda: run.since_s() > back_s + 2 * LATENCY_S)
    stream.close()
    heard = np.array(clicks_in(tmp_path / "heard.wav"))
    assert not ((heard > pulled_s + 0.03) & (heard < back_s)).any()
    assert heard[-1] > back_s + LATENCY_S
