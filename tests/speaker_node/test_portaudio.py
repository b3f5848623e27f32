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
from tests.support.waiting import await_condition

HEARD_WITHIN_S = 0.2
"""The monitor's own delay lies in this; measured some 50 ms on an idle machine."""

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
    told = play(sinks, wav, 2.0)
    chimed_s, likeness = when_chimed(*recorder.heard())
    assert told["began_s"] == pytest.approx(told["due_s"], abs=0.002)
    assert told["duration_s"] == pytest.approx(len(chime()) / RATE_HZ, abs=0.1)
    assert told["underruns"] == 0
    assert likeness > 0.95
    assert chimed_s == pytest.approx(told["due_s"], abs=HEARD_WITHIN_S)


def test_two_loudspeakers_in_processes_of_their_own_sound_together() -> None:
    found = two_sinks(TOGETHER_S)
    assert len(found.apart_ms) >= 3
    assert found.unlike <= 1, "a busy machine may lose a block, once"
    assert np.abs(found.method_ms).max() < 1.0
    assert np.quantile(np.abs(found.apart_ms), 0.75) < APART_MAX_MS


def test_without_a_sound_card_the_error_is_of_the_hardware_seam(tmp_path: Path, wav: Path) -> None:
    assert "card âm thanh" in play(Sinks(tmp_path), wav, 0.1)["error"]
