"""Reading between samples, against sines that are known everywhere."""

from __future__ import annotations

import numpy as np
import pytest

from speaker_node.chime import RATE_HZ
from speaker_node.sounding.resampler import TAPS, read_between

AT = np.arange(RATE_HZ)


def sine(frequency_hz: float, at: np.ndarray) -> np.ndarray:
    return 20_000 * np.sin(2 * np.pi * frequency_hz * at / RATE_HZ)


@pytest.mark.parametrize("frequency_hz", [100.0, 1_000.0, 4_000.0, 7_500.0])
def test_a_slightly_faster_sine_is_a_sine(frequency_hz: float) -> None:
    """Noise of 16 bits is 0.29 of a step; what the reading adds stays about there: 80 dB below."""
    samples = np.rint(sine(frequency_hz, AT)).astype(np.int16)
    positions = np.linspace(100.25, 20_100.25, 20_000)
    error = read_between(samples, positions) - sine(frequency_hz, positions)
    assert np.sqrt(np.mean(error**2)) < 20_000 / np.sqrt(2) * 1e-4


def test_whole_places_give_the_samples_themselves() -> None:
    samples = np.random.default_rng(1).integers(-20_000, 20_000, 400).astype(np.int16)
    assert read_between(samples, np.arange(400.0)) == pytest.approx(samples, abs=0.6)


def test_around_a_sound_is_silence() -> None:
    samples = np.full(100, 9_000, np.int16)
    outside = np.array([-float(TAPS), -1e6, 100.0 + TAPS, 1e9])
    assert not read_between(samples, outside).any()
    assert not read_between(np.zeros(0, np.int16), np.array([0.0, 5.5])).any()
