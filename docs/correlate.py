"""How far two loudspeakers of a run were apart, from its WAVs alone: nothing of this project is imported.

python docs/correlate.py RUN_DIRECTORY loa-dong-1 loa-dong-2

For each bulletin that both were to sound, one recording is laid over the other: the shift at which they are
most alike, and how alike they are there (1: the same sound).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

WINDOW_S = 6.0
"""So much is compared, from the second at which the bulletin is due."""

Sound = NDArray[np.float64]


def main() -> None:
    """Print a line for each bulletin that both sounded."""
    run, one, other = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    for line in (run / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        done = json.loads(line)
        if done["do"] == "bulletin" and {one, other} <= set(done["devices"]):
            a, rate_hz = heard(run / "devices" / one, done["at"])
            b, _ = heard(run / "devices" / other, done["at"])
            print(f"{done['at']:9.3f} s  {told(a, b, rate_hz)}  {done['title']}")


def heard(device: Path, from_s: float) -> tuple[Sound, int]:
    """Return what a loudspeaker sounded in the window from `from_s` on (seconds of the run), and its rate.

    Sample n of heard.wav sounded t0 + n / rate seconds after the start; what lies between two samples is
    read by a straight line.
    """
    samples, rate_hz = soundfile.read(device / "speaker" / "heard.wav")
    t0_s = json.loads((device / "speaker" / "heard.json").read_text(encoding="utf-8"))["t0"]
    places = (from_s - t0_s) * rate_hz + np.arange(round(WINDOW_S * rate_hz))
    sound: Sound = np.interp(places, np.arange(len(samples)), samples, left=0.0, right=0.0)
    return sound, rate_hz


def told(a: Sound, b: Sound, rate_hz: int) -> str:
    """Return how many milliseconds `b` is behind `a`, and how alike they are."""
    loud = float(np.linalg.norm(a) * np.linalg.norm(b))
    if not loud:
        return "im lặng (silence)"
    size = 2 * len(a)
    alike = np.fft.irfft(np.fft.rfft(b, size) * np.conj(np.fft.rfft(a, size)), size)
    best = int(np.argmax(alike))
    before, top, after = alike[best - 1], alike[best], alike[(best + 1) % size]
    # The top of a parabola through the three: finer than a sample.
    shift = best + (before - after) / (2 * (before - 2 * top + after))
    behind_ms = (shift - size * (best > size // 2)) * 1000 / rate_hz
    return f"{behind_ms:+9.3f} ms  giống (alike) {top / loud:.3f}"


if __name__ == "__main__":
    main()
