"""Loudspeakers of air: a PulseAudio of one's own with null sinks, which keep real time, and their monitors.

Real PortAudio plays into them on machines without a sound card, each process into the sink that its
environment names; what a sink sounded is recorded from its monitor.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SINK_RATE_HZ = 44_100
MONITOR_LATENCY_MS = 20
READY_WITHIN_S = 15.0
GOODBYE_S = 5.0


class Sinks:
    """The server, as long as `running` lasts.

    sinks = Sinks(directory, ["pole-a", "pole-b"])
    with sinks.running():
        subprocess.run([...], env=sinks.environment("pole-a"))
        with sinks.recording("pole-a", rate_hz=22_050) as recorder:
            samples, first_s = recorder.heard()
    """

    def __init__(self, directory: Path, names: Sequence[str] = ("pole",)) -> None:
        self._directory = directory
        self.socket = directory / "pulse"
        conf = directory / "asound.conf"
        server = f'type pulse server "unix:{self.socket}"'
        conf.write_text(
            f"</usr/share/alsa/alsa.conf>\npcm.!default {{ {server} }}\nctl.!default {{ {server} }}\n",
            encoding="ascii",
        )
        self._asound = conf
        sinks = [("-L", f"module-null-sink sink_name={name} rate={SINK_RATE_HZ}") for name in names]
        self._command = [
            *("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"),
            *("--disable-shm=yes", *(word for sink in sinks for word in sink)),
            *("-L", f"module-native-protocol-unix auth-anonymous=1 socket={self.socket}"),
        ]

    def environment(self, sink: str | None = None) -> dict[str, str]:
        """Return the environment of a process that plays into `sink` (None: the first)."""
        return {
            **os.environ,
            "HOME": str(self._directory),
            "XDG_RUNTIME_DIR": str(self._directory),
            "PULSE_RUNTIME_PATH": str(self._directory),
            "PULSE_SERVER": f"unix:{self.socket}",
            "ALSA_CONFIG_PATH": str(self._asound),
            **({"PULSE_SINK": sink} if sink else {}),
        }

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Run the server; raises TimeoutError when it does not come up, OSError when there is none."""
        with _process(self._command, self.environment()):
            until_s = time.monotonic() + READY_WITHIN_S
            while not self.socket.exists():
                if time.monotonic() > until_s:
                    raise TimeoutError("PulseAudio does not come up")
                time.sleep(0.02)
            yield

    @contextlib.contextmanager
    def recording(self, sink: str, rate_hz: int) -> Iterator[Recorder]:
        """Record what `sink` sounds."""
        command = [
            *("parec", f"--device={sink}.monitor", "--format=s16le", "--channels=1"),
            *(f"--rate={rate_hz}", f"--latency-msec={MONITOR_LATENCY_MS}"),
        ]
        with _process(command, self.environment()) as process:
            yield Recorder(process.stdout, rate_hz)


class Recorder:
    """Listens to a sink's monitor, and works out when each sample was heard.

    Samples come in pieces, later or sooner; none comes before it was sounded, so the soonest tells the time.
    """

    def __init__(self, source: IO[bytes] | None, rate_hz: int) -> None:
        if source is None:
            raise ValueError("there is nothing to listen to")
        self._source = source
        self._rate_hz = rate_hz
        self._blocks: list[bytes] = []
        self._first_s = float("inf")
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        frames = 0
        read1 = self._source.read1  # type: ignore[attr-defined]
        while block := read1(4_096):
            self._blocks.append(block)
            frames += len(block) // 2
            self._first_s = min(self._first_s, time.monotonic() - frames / self._rate_hz)

    def heard(self) -> tuple[NDArray[np.int16], float]:
        """Return the samples so far and when the first was heard (CLOCK_MONOTONIC, seconds)."""
        data = b"".join(self._blocks)
        return np.frombuffer(data[: len(data) // 2 * 2], np.int16), self._first_s


@contextlib.contextmanager
def _process(command: Sequence[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()
            process.wait(GOODBYE_S)
