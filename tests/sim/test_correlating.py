"""`docs/correlate.py`, which anyone runs over the WAVs of a run: it must find what is known to be there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

PROGRAM = Path(__file__).parents[2] / "docs" / "correlate.py"
RATE_HZ = 22_050


def murmur(at_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a sound of some two hundred tones at the seconds `at_s`."""
    chance = np.random.default_rng(5)
    tones = zip(chance.uniform(200, 3_000, 200), chance.uniform(0, 6, 200), strict=True)
    return np.asarray(sum(np.sin(2 * np.pi * hz * at_s + phase) for hz, phase in tones) / 400)


def loudspeaker(run: Path, name: str, t0_s: float, begins_s: float) -> None:
    """Write what it sounded: the murmur from `begins_s` of the run on."""
    place = run / "devices" / name / "speaker"
    place.mkdir(parents=True)
    since_s = t0_s + np.arange(10 * RATE_HZ) / RATE_HZ - begins_s
    soundfile.write(place / "heard.wav", murmur(since_s) * (since_s >= 0), RATE_HZ)
    (place / "heard.json").write_text(json.dumps({"t0": t0_s, "rate": RATE_HZ}), encoding="utf-8")


def test_it_finds_how_far_apart_two_loudspeakers_were(tmp_path: Path) -> None:
    loudspeaker(tmp_path, "loa-1", 1.25, 4.0)
    loudspeaker(tmp_path, "loa-2", 2.000_013, 4.003_3)
    both = {"t": 0.5, "do": "bulletin", "devices": ["loa-1", "loa-2"], "at": 4.0, "title": "Họp dân"}
    late = both | {"at": 60.0, "title": "Im"}
    other = both | {"devices": ["loa-1"], "title": "Riêng"}
    lines = [both, late, other, {"t": 1.0, "do": "press", "device": "quay-1-pi"}]
    (tmp_path / "truth.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(tmp_path), "loa-1", "loa-2"], capture_output=True, check=True
    )
    heard, silent = done.stdout.decode().splitlines()
    words = heard.split()
    assert float(words[2]) == pytest.approx(3.3, abs=0.01)
    assert float(words[-3]) > 0.98
    assert "Họp dân" in heard
    assert "im lặng" in silent
