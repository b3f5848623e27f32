"""Neighbouring loudspeakers on cards whose crystals differ, in virtual time."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.parts.crystal import Crystal, VirtualCard
from speaker_node.chime import RATE_HZ
from speaker_node.sounding.player import Playback

TONE_HZ = 50.0
SECONDS = 40
PERIOD = round(RATE_HZ / TONE_HZ)


def lateness_ms(crystal: Crystal, seed: int) -> NDArray[np.float64]:
    """Return how late each block of a tone due at second 2 sounds, by true time."""
    phase = 2 * np.pi * TONE_HZ * np.arange(SECONDS * RATE_HZ) / RATE_HZ
    card = VirtualCard(crystal, seed)
    playback = Playback(card, np.rint(12_000 * np.sin(phase)).astype(np.int16), 1.0, card.mono_ms)
    playback.aim(2_000.0)
    playback.arm()
    late = []
    frame_ms = 1000 / RATE_HZ * (1 + crystal.skew_ppm * 1e-6)
    while not playback.heard_out():
        heard_ms, block = card.next_block()
        at_ms = heard_ms - 2_000 + np.arange(PERIOD) * frame_ms
        if at_ms[0] > 50 and at_ms[-1] < SECONDS * 1000 - 50:
            turned = 2 * np.pi * TONE_HZ * at_ms / 1000
            sound = block[:PERIOD].astype(float)
            late.append(-np.arctan2(sound @ np.cos(turned), sound @ np.sin(turned)))
    return np.array(late) / (2 * np.pi * TONE_HZ) * 1000


@pytest.mark.parametrize("skew_ppm", [-100.0, 100.0])
def test_a_card_of_its_own_mind_stays_within_half_a_millisecond(skew_ppm: float) -> None:
    late_ms = lateness_ms(Crystal(skew_ppm=skew_ppm), seed=3)
    assert len(late_ms) > 1_500
    assert np.quantile(np.abs(late_ms), 0.99) < 0.5


def test_a_clock_that_is_off_is_followed_as_it_is() -> None:
    """Together means by the wall clock: a device whose clock is 3 ms off sounds 3 ms off."""
    late_ms = lateness_ms(Crystal(skew_ppm=50.0, clock_ms=3.0), seed=5)
    assert np.quantile(np.abs(late_ms), 0.99) > 1.0
