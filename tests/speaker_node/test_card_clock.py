"""A card's clock out of jittery readings, in virtual time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speaker_node.chime import RATE_HZ
from speaker_node.sounding.card_clock import CardClock

FRAMES = 512


def errors_ms(ppm: float, jitter_ms: float, seconds: float, seed: int) -> tuple[CardClock, list[float]]:
    """Return the clock, and how far off it was at each block."""
    chance = np.random.default_rng(seed)
    card = CardClock(RATE_HZ)
    frame_ms = 1000 / RATE_HZ * (1 + ppm * 1e-6)
    off = []
    for block in range(round(seconds * RATE_HZ / FRAMES)):
        truth_ms = 5_000.0 + block * FRAMES * frame_ms
        late_ms = chance.exponential(4.0) if chance.random() < 0.01 else 0.0
        off.append(card.read(truth_ms + chance.uniform(-jitter_ms, jitter_ms) + late_ms, FRAMES) - truth_ms)
    return card, off


@settings(max_examples=25, deadline=None)
@given(ppm=st.floats(-120, 120), jitter_ms=st.floats(0.0, 1.0), seed=st.integers(0, 2**32))
def test_a_crystal_is_learnt_through_its_jitter(ppm: float, jitter_ms: float, seed: int) -> None:
    card, off = errors_ms(ppm, jitter_ms, 60.0, seed)
    assert card.skew_ppm == pytest.approx(ppm, abs=5)
    assert np.quantile(np.abs(off[90:]), 0.99) < 0.4


def test_after_a_gap_it_stands_elsewhere_with_the_same_crystal() -> None:
    card, off = errors_ms(80.0, 0.2, 30.0, 1)
    end_ms = 5_000.0 + len(off) * FRAMES * 1000 / RATE_HZ * (1 + 80e-6)
    card.gap()
    assert card.read(end_ms + 7.0, FRAMES) == pytest.approx(end_ms + 7.0, abs=0.01)
    assert card.skew_ppm == pytest.approx(80.0, abs=2)


def test_one_wild_reading_changes_nothing_and_a_lasting_one_does() -> None:
    card, off = errors_ms(0.0, 0.1, 10.0, 1)
    end_ms = 5_000.0 + len(off) * FRAMES * 1000 / RATE_HZ
    block_ms = FRAMES * 1000 / RATE_HZ
    assert card.read(end_ms + 400.0, FRAMES) == pytest.approx(end_ms, abs=0.2)
    assert card.read(end_ms + block_ms, FRAMES) == pytest.approx(end_ms + block_ms, abs=0.2)
    heard = [card.read(end_ms + 300.0 + block * block_ms, FRAMES) for block in range(2, 6)]
    assert heard[-1] == pytest.approx(end_ms + 300.0 + 5 * block_ms, abs=0.2)
