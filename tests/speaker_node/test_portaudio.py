"""The real sound path: PortAudio, ALSA's pulse plugin, a null sink that keeps real time, its monitor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from speaker_node.chime import RATE_HZ, chime
from speaker_node.speech import render_bulletin
from tests.speaker_node.stand_ins import ToneVoice
from tests.support.processes import running
from tests.support.waiting import await_condition

HEARD_WITHIN_S = 0.2
"""The monitor's own delay lies in this; measured some 50 ms on an idle machine."""


class Pulse:
    """A PulseAudio of the test's own, with one null sink."""

    def __init__(self, directory: Path) -> None:
        self.socket = directory / "pulse"
        self._conf = directory / "asound.conf"
        self._conf.write_text(
            "</usr/share/alsa/alsa.conf>\n"
            f'pcm.!default {{ type pulse server "unix:{self.socket}" }}\n'
            f'ctl.!default {{ type pulse server "unix:{self.socket}" }}\n'
        )
        self.environment = {
            **os.environ,
            "HOME": str(directory),
            "XDG_RUNTIME_DIR": str(directory),
            "PULSE_RUNTIME_PATH": str(directory),
            "PULSE_SERVER": f"unix:{self.socket}",
            "ALSA_CONFIG_PATH": str(self._conf),
        }
        self.command = [
            *("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"),
            *("--disable-shm=yes", "-L", "module-null-sink sink_name=pole rate=44100"),
            *("-L", f"module-native-protocol-unix auth-anonymous=1 socket={self.socket}"),
        ]

    def play(self, wav: Path, lead_ms: int) -> dict[str, Any]:
        """Play a WAV in a process of its own; return what it told."""
        command = [sys.executable, "-m", "tests.speaker_node.play_for_real", str(wav), str(lead_ms)]
        done = subprocess.run(command, env=self.environment, capture_output=True, timeout=40, check=True)
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return told


class Recorder:
    """Listens to the sink's monitor, and works out when each sample was heard."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self._blocks: list[bytes] = []
        self._first_s = float("inf")
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        frames = 0
        while block := self._source.read1(4_096):
            self._blocks.append(block)
            frames += len(block) // 2
            self._first_s = min(self._first_s, time.monotonic() - frames / RATE_HZ)

    def heard(self) -> tuple[NDArray[np.int16], float]:
        """Return the samples so far and when the first was heard (CLOCK_MONOTONIC, seconds)."""
        data = b"".join(self._blocks)
        return np.frombuffer(data[: len(data) // 2 * 2], np.int16), self._first_s


@pytest.fixture
def pulse() -> Iterator[Pulse]:
    with tempfile.TemporaryDirectory(prefix="pulse-") as directory:
        made = Pulse(Path(directory))
        with running(made.command, env=made.environment):
            await_condition(made.socket.exists)
            yield made


@pytest.fixture
def recorder(pulse: Pulse) -> Iterator[Recorder]:
    command = [*("parec", "--device=pole.monitor", "--format=s16le", "--channels=1"), f"--rate={RATE_HZ}"]
    with running([*command, "--latency-msec=20"], env=pulse.environment) as process:
        made = Recorder(process.stdout)
        await_condition(lambda: len(made.heard()[0]) > RATE_HZ // 2)
        yield made


def when_chimed(samples: NDArray[np.int16], first_s: float) -> tuple[float, float]:
    """Return when the chime was heard, and how like the chime that was (1: the same)."""
    pattern = chime().astype(float)
    size = 1 << (len(samples) + len(pattern)).bit_length()
    spectrum = np.fft.rfft(samples.astype(float), size) * np.conj(np.fft.rfft(pattern, size))
    likeness = np.fft.irfft(spectrum, size)[: len(samples) - len(pattern)]
    at = int(likeness.argmax())
    found = samples[at : at + len(pattern)].astype(float)
    return first_s + at / RATE_HZ, float(likeness[at] / (np.linalg.norm(found) * np.linalg.norm(pattern)))


def test_a_bulletin_is_heard_at_its_time_through_portaudio(
    pulse: Pulse, recorder: Recorder, tmp_path: Path
) -> None:
    rendered = render_bulletin("Kính mời", tmp_path, ToneVoice())
    told = pulse.play(rendered.path, 1_500)
    chimed_s, likeness = when_chimed(*recorder.heard())
    assert told["began_s"] == pytest.approx(told["due_s"], abs=0.002)
    assert told["duration_s"] == pytest.approx(rendered.duration_s, abs=0.1)
    assert told["underruns"] == 0
    assert likeness > 0.95
    assert chimed_s == pytest.approx(told["due_s"], abs=HEARD_WITHIN_S)


def test_without_a_sound_card_the_error_is_of_the_hardware_seam(tmp_path: Path) -> None:
    rendered = render_bulletin("Kính mời", tmp_path, ToneVoice())
    nowhere = Pulse(tmp_path)
    assert "card âm thanh" in nowhere.play(rendered.path, 100)["error"]
