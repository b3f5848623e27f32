"""Two loudspeakers through the real PortAudio, side by side, and two Snapcast clients measured the same way.

Each plays into a PulseAudio null sink of its own; both monitors are recorded, and windows of the recordings
are laid over each other: how far they must be shifted is the skew. A second recording of the first monitor is
compared with the first in the same way: what is found there is the error of the method.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from bench.measure import Found, Measured, Skipped, one_to_one
from sim.parts.sinks import Sinks
from sim.ports import free_ports
from speaker_node.chime import RATE_HZ

POLES = ("pole-a", "pole-b")
LASTS_S = 300
WINDOW_S = 1.0
LIKE = 0.8
"""Correlation from which two windows count as the same sound; a blunder within one makes it less."""
SEARCH_S = 0.25
"""Skews up to this are found."""
LEAD_S = 4.0
LATE_MAX_S = 0.002
SNAPCAST_BUFFER_MS = 1_000
GOAL_MS = 5.0
"""Sound goes 1.7 m in it: less than neighbouring loudspeakers are apart, so that the ear cannot tell."""


@dataclass(frozen=True)
class Skews:
    """How far two recordings are apart, in ms, window by window; and a recording from itself."""

    apart_ms: NDArray[np.float64]
    method_ms: NDArray[np.float64]
    unlike: int
    """Windows in which both sounded, but not the same."""


def measure_two_sinks(_directory: Path) -> Found:
    """Skew between two loudspeakers on real PortAudio, p99 and largest, beside Snapcast's."""
    if shutil.which("pulseaudio") is None:
        return Skipped("skew of two loudspeakers on real PortAudio", "pulseaudio is not installed")
    ours = two_sinks(LASTS_S)
    name = f"skew between two loudspeakers on real PortAudio over {LASTS_S} s"
    method = float(np.abs(ours.method_ms).max())
    found: list[Measured | Skipped] = [
        one_to_one(f"{name}: the method's own error, largest", "ms", "lower", method, GOAL_MS, "our goal"),
        one_to_one(f"{name}: seconds that differ", "s", "lower", ours.unlike, LASTS_S, "all of them"),
    ]
    if shutil.which("snapserver") is None or shutil.which("snapclient") is None:
        return [*found, *_beside(name, ours, None), Skipped(f"{name}: Snapcast", "it is not installed")]
    try:
        peer = _measured(_play_snapcast, LASTS_S)
    except (TimeoutError, ValueError) as error:
        return [*found, *_beside(name, ours, None), Skipped(f"{name}: Snapcast", str(error))]
    return [*found, *_beside(name, ours, peer)]


def _beside(name: str, ours: Skews, peer: Skews | None) -> Iterator[Measured]:
    what: list[tuple[str, Callable[[NDArray[np.float64]], float]]] = [
        ("median", lambda skews: float(np.median(np.abs(skews)))),
        ("p99", lambda skews: float(np.quantile(np.abs(skews), 0.99))),
        ("largest", lambda skews: float(np.abs(skews).max())),
    ]
    for word, of in what:
        other = GOAL_MS if peer is None else of(peer.apart_ms)
        peer_is = (
            "our goal" if peer is None else "two clients of Debian's Snapcast, raw PCM, measured the same way"
        )
        yield one_to_one(f"{name}: {word}", "ms", "lower", of(ours.apart_ms), other, peer_is)


def two_sinks(lasts_s: float) -> Skews:
    """Measure our own players for so long; raises TimeoutError, ValueError."""
    return _measured(_play_ours, lasts_s)


def _measured(play: Callable[[Sinks, Path, float], None], lasts_s: float) -> Skews:
    # A socket's path is short.
    with tempfile.TemporaryDirectory(prefix="p-", dir="/tmp") as place:
        sinks = Sinks(Path(place), POLES)
        with sinks.running(), contextlib.ExitStack() as stack:
            recorders = [stack.enter_context(sinks.recording(pole, RATE_HZ)) for pole in (*POLES, POLES[0])]
            play(sinks, Path(place), lasts_s)
            one, other, again = (recorder.heard() for recorder in recorders)
    apart_ms, unlike = skews_ms(one, other)
    return Skews(apart_ms, skews_ms(one, again)[0], unlike)


def _play_ours(sinks: Sinks, place: Path, lasts_s: float) -> None:
    wav = place / "sound.wav"
    soundfile.write(wav, murmur(lasts_s), RATE_HZ)
    at_ms = (time.time() + LEAD_S) * 1000
    command = [sys.executable, "-m", "bench.pulse_child", str(wav), str(at_ms)]
    players = [
        subprocess.Popen(command, env=sinks.environment(pole), stdout=subprocess.PIPE) for pole in POLES
    ]
    for player in players:
        told, _ = player.communicate(timeout=lasts_s + 60)
        lines = told.splitlines() or [json.dumps({"error": f"exit {player.returncode}"}).encode()]
        how: dict[str, Any] = json.loads(lines[-1])
        if "error" in how or abs(how["began_s"] - how["due_s"]) > LATE_MAX_S:
            raise ValueError(f"a player did not begin at its time: {how}")


def _play_snapcast(sinks: Sinks, place: Path, lasts_s: float) -> None:
    """One server of raw samples, two clients with PulseAudio as their player."""
    raw = place / "sound.raw"
    raw.write_bytes(np.tile(murmur(lasts_s)[:, None], 2).astype("<i2").tobytes())
    port, tcp, http = free_ports(3)
    conf = place / "snapserver.conf"
    source = f"file://{raw}?name=murmur&sampleformat={RATE_HZ}:16:2&codec=pcm"
    conf.write_text(
        f"[server]\ndatadir = {place}\n[http]\nenabled = false\nport = {http}\n"
        f"[tcp]\nenabled = false\nport = {tcp}\n"
        f"[stream]\nbind_to_address = 127.0.0.1\nport = {port}\nbuffer = {SNAPCAST_BUFFER_MS}\n"
        f"source = {source}\n[logging]\nsink = stderr\n",
        encoding="utf-8",
    )
    with contextlib.ExitStack() as stack:
        log = stack.enter_context((place / "snapcast.log").open("wb"))
        commands: list[tuple[list[str], str | None]] = [(["snapserver", "-c", str(conf)], None)]
        for number, pole in enumerate(POLES, 1):
            client = ["snapclient", "-h", "127.0.0.1", "-p", str(port), "-i", str(number), "--hostID", pole]
            commands.append(([*client, "--player", "pulse", "--logsink", "stderr"], pole))
        for command, sink in commands:
            process = subprocess.Popen(
                command, env=sinks.environment(sink), stdout=log, stderr=subprocess.STDOUT
            )
            stack.callback(process.wait, 10)
            stack.callback(process.kill)
            time.sleep(0.5)
        time.sleep(lasts_s)
        if any(
            b"rror" in line for line in (place / "snapcast.log").read_bytes().splitlines() if b"Pulse" in line
        ):
            raise ValueError((place / "snapcast.log").read_text(encoding="utf-8", errors="replace")[-300:])


def murmur(lasts_s: float) -> NDArray[np.int16]:
    """Return a sound in which no two places are alike: noise, hardly any of it above some 700 Hz, where
    a tenth of a millisecond more or less does not make another sound of it."""
    chance = np.random.default_rng(7)
    white = chance.normal(0.0, 1.0, round(lasts_s * RATE_HZ) + 64)
    band = np.convolve(white, np.hanning(64) / np.hanning(64).sum(), "same")[: round(lasts_s * RATE_HZ)]
    made: NDArray[np.int16] = np.clip(band * 40_000, -32_000, 32_000).astype(np.int16)
    return made


def skews_ms(
    one: tuple[NDArray[np.int16], float], other: tuple[NDArray[np.int16], float]
) -> tuple[NDArray[np.float64], int]:
    """Return, for each window, how much later `other` sounds it than `one`; and how many are not the same.

    Both are samples and when the first was heard. Raises ValueError where nothing is in common.
    """
    size = round(WINDOW_S * RATE_HZ)
    reach = round(SEARCH_S * RATE_HZ)
    found = []
    unlike = 0
    for begin in range(reach, len(one[0]) - size - reach, size):
        window = one[0][begin : begin + size].astype(float)
        at = begin + round((one[1] - other[1]) * RATE_HZ)
        near = other[0][max(0, at - reach) : at + size + reach].astype(float)
        if at < reach or len(near) < size + 2 * reach or not (_sounds(window) and _sounds(near)):
            continue
        shift, likeness = _shift(window, near)
        if likeness < LIKE:
            unlike += 1
        else:
            exact_ms = (one[1] - other[1]) * 1000 - (at - begin) / RATE_HZ * 1000
            found.append((shift - reach) / RATE_HZ * 1000 - exact_ms)
    if not found:
        raise ValueError("the two recordings have nothing in common")
    return np.array(found), unlike


def _sounds(samples: NDArray[np.float64]) -> bool:
    """Tell whether it sounds from its beginning to its end."""
    edge = RATE_HZ // 10
    return bool(min(np.abs(samples[:edge]).mean(), np.abs(samples[-edge:]).mean()) > 100)


def _shift(window: NDArray[np.float64], near: NDArray[np.float64]) -> tuple[float, float]:
    """Return at which place of `near` `window` is found, in fractions of a sample, and how like it is."""
    size = 1 << (len(near) + len(window)).bit_length()
    spectrum = np.fft.rfft(near, size) * np.conj(np.fft.rfft(window, size))
    likeness = np.fft.irfft(spectrum, size)[: len(near) - len(window) + 1]
    best = min(max(int(likeness.argmax()), 1), len(likeness) - 2)
    before, peak, after = likeness[best - 1 : best + 2]
    place = best + 0.5 * (before - after) / (before - 2 * peak + after)
    found = near[best : best + len(window)]
    return float(place), float(peak / (np.linalg.norm(found) * np.linalg.norm(window)))
