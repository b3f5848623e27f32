"""The microphone hears the village: late and faint by the distance, through wind, deaf or clipping."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.parts.heard import HeardFile
from sim.parts.microphone import BEHIND_S, SOUND_M_PER_S, Loudspeaker, SimMicrophone, Wind
from speaker_node.chime import RATE_HZ
from tests.support.waiting import await_condition

SOUNDED_S = 2.0


def sounded(path: Path, seed: int) -> NDArray[np.int16]:
    """Let a loudspeaker have sounded noise for a second from second 2 of the run on; return it."""
    noise = np.random.default_rng(seed).integers(-8_000, 8_000, RATE_HZ).astype(np.int16)
    heard = HeardFile(path, RATE_HZ, now_s=0.5)
    heard.write(heard.frame_at(SOUNDED_S), noise)
    heard.close()
    return noise


def test_each_loudspeaker_comes_late_and_faint_by_its_distance(tmp_path: Path) -> None:
    near, far = sounded(tmp_path / "near.wav", 1), sounded(tmp_path / "far.wav", 2)
    silent = Loudspeaker(tmp_path / "never.wav", 1.0)
    microphone = SimMicrophone(
        [Loudspeaker(tmp_path / "near.wav", 2.0), Loudspeaker(tmp_path / "far.wav", 20.0), silent],
        lambda: 4.0,
    )
    recorded = microphone.record(SOUNDED_S, 2 * RATE_HZ, RATE_HZ).astype(float)
    for noise, distance_m in ((near, 2.0), (far, 20.0)):
        spectrum = np.fft.rfft(recorded, 2**17) * np.conj(np.fft.rfft(noise.astype(float), 2**17))
        likeness = np.fft.irfft(spectrum, 2**17)[:RATE_HZ]
        assert likeness.argmax() / RATE_HZ == pytest.approx(distance_m / SOUND_M_PER_S, abs=1e-4)
        assert likeness.max() / (noise.astype(float) @ noise) == pytest.approx(1 / distance_m, rel=0.25)


def test_its_bad_days(tmp_path: Path) -> None:
    sounded(tmp_path / "near.wav", 1)
    microphone = SimMicrophone([Loudspeaker(tmp_path / "near.wav", 1.0)], lambda: 4.0)
    assert np.abs(microphone.record(2.1, 5_000, RATE_HZ)).max() > 5_000
    microphone.gain = 30.0
    assert (np.abs(microphone.record(2.1, 5_000, RATE_HZ).astype(int)) >= 32_767).mean() > 0.5
    microphone.deaf = True
    assert not microphone.record(2.1, 5_000, RATE_HZ).any()
    with pytest.raises(ValueError, match="22050"):
        SimMicrophone([Loudspeaker(tmp_path / "near.wav", 1.0)], lambda: 4.0).record(2.1, 10, 44_100)


def test_wind_is_low_as_loud_as_said_and_comes_in_gusts() -> None:
    wind = Wind(0.05, RATE_HZ, seed=3)
    blocks = [wind.blow(512) for _ in range(1_500)]
    noise = np.concatenate(blocks)
    assert noise.std() / 32_767 == pytest.approx(0.05, rel=0.4)
    power = np.abs(np.fft.rfft(noise)) ** 2
    below = power[: round(500 / RATE_HZ * len(noise))].sum()
    assert below > 0.85 * power.sum()
    seconds = [np.concatenate(blocks[first : first + 43]).std() for first in range(0, 1_400, 43)]
    assert max(seconds) > 1.5 * min(seconds)


def test_blocks_come_without_a_gap_and_with_their_time(tmp_path: Path) -> None:
    began_s = time.monotonic()
    taken: list[tuple[float, float, int]] = []
    enough = threading.Event()

    def take(block: NDArray[np.int16], frames: int, at: Any, _status: Any) -> None:
        assert block.shape == (frames, 1)
        taken.append((at.inputBufferAdcTime, at.currentTime, frames))
        if len(taken) == 12:
            enough.set()

    microphone = SimMicrophone([Loudspeaker(tmp_path / "a.wav", 5.0)], lambda: time.monotonic() - began_s)
    stream = microphone.open_input(RATE_HZ, 512, take)
    stream.start()
    await_condition(enough.is_set)
    stream.close()
    first_s = np.array([each[0] for each in taken])
    assert np.diff(first_s) == pytest.approx(512 / RATE_HZ)
    assert all(current - heard >= BEHIND_S for heard, current, _ in taken)
