"""The real sound path: PortAudio, ALSA's pulse plugin, null sinks that keep real time, their monitors."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from bench.two_sinks import two_sinks
from sim.parts.sinks import Recorder, Sinks
from speaker_node.chime import RATE_HZ, chime
from tests.support.waiting import HANGS_S, await_condition

HEARD_WITHIN_S = 0.2
"""The monitor's own delay lies in this; measured some 50 ms on an idle machine."""

TRIES = 3
"""A busy machine has PulseAudio lose a block now and then. What is lost each time is lost by us."""

TOGETHER_S = 5.0
APART_MAX_MS = 5.0
"""Measured within 0.4 ms on an idle machine; at 5 ms the ear begins to tell two loudspeakers apart."""


@pytest.fixture
def sinks() -> Iterator[Sinks]:
    with tempfile.TemporaryDirectory(prefix="p-", dir="/tmp") as directory:
        made = Sinks(Path(directory))
        with made.running():
            yield made


@pytest.fixture
def recorder(sinks: Sinks) -> Iterator[Recorder]:
    with sinks.recording("pole", RATE_HZ) as made:
        await_condition(lambda: len(made.heard()[0]) > RATE_HZ // 2)
        yield made


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "chime.wav", chime(), RATE_HZ)
    return tmp_path / "chime.wav"


def play(sinks: Sinks, wav: Path, lead_s: float) -> dict[str, Any]:
    """Play a WAV in a process of its own; return what it told."""
    command = [sys.executable, "-m", "bench.pulse_child", str(wav), str((time.time() + lead_s) * 1000)]
    done = subprocess.run(command, env=sinks.environment(), capture_output=True, timeout=40, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def when_chimed(samples: NDArray[np.int16], first_s: float) -> tuple[float, float]:
    """Return when the chime was heard, and how like the chime that was (1: the same)."""
    pattern = chime().astype(float)
    size = 1 << (len(samples) + len(pattern)).bit_length()
    spectrum = np.fft.rfft(samples.astype(float), size) * np.conj(np.fft.rfft(pattern, size))
    likeness = np.fft.irfft(spectrum, size)[: len(samples) - len(pattern)]
    at = int(likeness.argmax())
    found = samples[at : at + len(pattern)].astype(float)
    return first_s + at / RATE_HZ, float(likeness[at] / (np.linalg.norm(found) * np.linalg.norm(pattern)))


def test_a_sound_is_heard_at_its_time_through_portaudio(sinks: Sinks, recorder: Recorder, wav: Path) -> None:
    for _ in range(TRIES):
        told = play(sinks, wav, 2.0)
        assert told["began_s"] == pytest.approx(told["due_s"], abs=0.002)
        assert told["duration_s"] == pytest.approx(len(chime()) / RATE_HZ, abs=0.1)
        samples, first_s = recorder.heard()
        earlier = round((told["due_s"] - HEARD_WITHIN_S - first_s) * RATE_HZ)
        chimed_s, likeness = when_chimed(samples[earlier:], first_s + earlier / RATE_HZ)
        if told["underruns"] == 0 and likeness > 0.95:
            break
    assert told["underruns"] == 0
    assert likeness > 0.95
    assert chimed_s == pytest.approx(told["due_s"], abs=HEARD_WITHIN_S)


def test_two_loudspeakers_in_processes_of_their_own_sound_together() -> None:
    for _ in range(TRIES):
        found = two_sinks(TOGETHER_S)
        if len(found.apart_ms) >= 3 and found.unlike <= 1:
            break
    assert len(found.apart_ms) >= 3
    assert found.unlike <= 1, "a busy machine may lose a block, once"
    assert np.abs(found.method_ms).max() < 1.0
    assert np.quantile(np.abs(found.apart_ms), 0.75) < APART_MAX_MS


def test_without_a_sound_card_the_error_is_of_the_hardware_seam(tmp_path: Path, wav: Path) -> None:
    assert "card âm thanh" in play(Sinks(tmp_path), wav, 0.1)["error"]


def said(child: subprocess.Popen[str], word: str) -> bool:
    """Read what the child says up to a line that is `word`; tell whether it came."""
    return child.stdout is not None and any(line.strip() == word for line in child.stdout)


def test_a_card_that_comes_late_vanishes_and_returns_is_taken_up_each_time() -> None:
    """PortAudio lists cards only when it starts; here their server goes away and comes back."""
    with tempfile.TemporaryDirectory(prefix="p-", dir="/tmp") as directory:
        _vanish_and_return(Sinks(Path(directory)))


def _vanish_and_return(sinks: Sinks) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.speaker_node.vanishing_child"],
        env=sinks.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as child:
        assert child.stdin is not None
        assert said(child, "absent")
        with sinks.running():
            print(file=child.stdin, flush=True)
            assert said(child, "sounds")
        print(file=child.stdin, flush=True)
        assert said(child, "gone")
        with sinks.running():
            print(file=child.stdin, flush=True)
            assert said(child, "sounds again")
        assert child.wait(HANGS_S) == 0
