"""The callback, sample by sample, on a card that is called by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from firmware_agent.hardware import FillBlock, HardwareError
from speaker_node.chime import RATE_HZ
from speaker_node.sounding.player import BLOCK_FRAMES, STALLED_AFTER_MS, Playback

SAMPLES = np.rint(8_000 * np.hanning(2_000) * np.sin(2 * np.pi * 700 * np.arange(2_000) / RATE_HZ)).astype(
    np.int16
)
"""A soft tone: known between its samples, too."""


@dataclass
class BlockTime:
    currentTime: float
    outputBufferDacTime: float


@dataclass
class HandCard:
    """Calls for a block when the test says so; `heard` is all that it played."""

    latency_s: float = 0.1
    now_ms: float = 10_000.0
    skew: float = 0.0
    """How much longer than nominal a frame of this card takes."""
    does_not_start: bool = False
    closed: int = 0
    heard: list[int] = field(default_factory=list)

    def open_output(self, rate_hz: int, block_frames: int, fill: FillBlock) -> Any:
        assert (rate_hz, block_frames) == (RATE_HZ, BLOCK_FRAMES)
        self._fill = fill
        return self

    def start(self) -> None:
        if self.does_not_start:
            raise HardwareError("does not start")

    def close(self) -> None:
        self.closed += 1

    def mono_ms(self) -> float:
        return self.now_ms

    def call(self, blocks: int = 1, status: bool = False) -> None:
        for _ in range(blocks):
            out = np.full((BLOCK_FRAMES, 1), 99, np.int16)
            self._fill(out, BLOCK_FRAMES, BlockTime(5.0, 5.0 + self.latency_s), status)
            self.heard += out[:, 0].tolist()
            self.now_ms += BLOCK_FRAMES * 1000 / RATE_HZ * (1 + self.skew)


def make(card: HandCard, volume: float = 1.0) -> Playback:
    return Playback(card, SAMPLES, volume, card.mono_ms)


def tone_at(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the tone at `places`, samples after its beginning."""
    inside = (places >= 0) & (places <= 1_999)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * places / 1_999)
    return np.where(inside, 8_000 * hann * np.sin(2 * np.pi * 700 * places / RATE_HZ), 0.0)


@given(late_ms=st.floats(-200, 22), latency_ms=st.integers(0, 300))
def test_the_first_sample_is_laid_to_its_instant(late_ms: float, latency_ms: int) -> None:
    card = HandCard(latency_ms / 1000)
    playback = make(card)
    block_heard_ms = card.now_ms + latency_ms
    playback.aim(block_heard_ms + late_ms)
    playback.arm()
    card.call(6)
    places = np.arange(len(card.heard), dtype=np.float64) - max(0.0, late_ms) * RATE_HZ / 1000
    assert card.heard == pytest.approx(tone_at(places), abs=4)
    assert playback.began_mono_ms == pytest.approx(block_heard_ms + max(0.0, late_ms), abs=1e-6)


@pytest.mark.parametrize("skew_ppm", [-100, 0, 100])
def test_a_card_that_runs_wrong_is_held_to_the_clock(skew_ppm: float) -> None:
    """Ten seconds on a card that is 100 ppm off: each frame sounds at its instant by the clock."""
    seconds = 10
    sound = np.rint(8_000 * np.sin(2 * np.pi * 400 * np.arange(RATE_HZ * seconds) / RATE_HZ)).astype(np.int16)
    card = HandCard(skew=skew_ppm * 1e-6)
    playback = Playback(card, sound, 1.0, card.mono_ms)
    begun_ms = card.now_ms + 1_000 * card.latency_s
    playback.aim(begun_ms + 2_000)
    playback.arm()
    card.call(round((2 + seconds) * RATE_HZ / BLOCK_FRAMES) + 2)
    at_ms = np.arange(len(card.heard)) * 1000 / RATE_HZ * (1 + card.skew) - 2_000
    last_s = slice(round(11 * RATE_HZ), round(11.8 * RATE_HZ))
    phase = 2 * np.pi * 0.4 * at_ms[last_s]
    heard = np.array(card.heard[last_s], float)
    off_ms = np.arctan2(heard @ np.cos(phase), heard @ np.sin(phase)) / (2 * np.pi * 0.4)
    assert abs(off_ms) < 0.02
    assert playback.ended_mono_ms == pytest.approx(begun_ms + 2_000 + seconds * 1_000, abs=0.1)


def test_what_a_gap_swallowed_is_leapt_over() -> None:
    """After a gap of 300 ms the tone stands where it would have stood without."""
    sound = np.rint(8_000 * np.sin(2 * np.pi * 400 * np.arange(RATE_HZ * 3) / RATE_HZ)).astype(np.int16)
    card = HandCard()
    playback = Playback(card, sound, 1.0, card.mono_ms)
    playback.aim(card.now_ms + 1_000 * card.latency_s)
    playback.arm()
    card.call(40)
    card.now_ms += 300.0
    card.call(status=True)
    card.call(40)
    begin = 42 * BLOCK_FRAMES
    places = np.arange(begin, len(card.heard)) + 0.3 * RATE_HZ
    expected = 8_000 * np.sin(2 * np.pi * 400 * places / RATE_HZ)
    assert card.heard[begin:] == pytest.approx(expected, abs=40)
    assert playback.underruns == 1


def test_the_clock_is_followed_while_it_is_slewed_but_not_over_a_step() -> None:
    card = HandCard()
    playback = make(card)
    due_ms = card.now_ms + 100.0
    playback.aim(due_ms)
    playback.arm()
    card.call()
    playback.aim(due_ms + 3_600_000)
    card.call()
    playback.aim(due_ms + 3_600_000 - 1.0)
    card.call(4)
    assert playback.ended_mono_ms == pytest.approx(due_ms + 2_000 * 1000 / RATE_HZ - 1.0, abs=1.0)


def test_nothing_sounds_before_it_is_armed_or_before_its_time() -> None:
    card = HandCard()
    playback = make(card)
    card.call()
    playback.aim(card.now_ms + 100_000)
    playback.arm()
    card.call()
    assert not any(card.heard)
    assert playback.began_mono_ms is None


def test_it_is_over_when_the_last_sample_was_heard() -> None:
    card = HandCard()
    playback = make(card)
    playback.arm()
    card.call(4)
    assert playback.ended_mono_ms is not None
    assert not playback.heard_out()
    card.now_ms += 1_000
    assert playback.heard_out()


def test_the_volume_is_applied() -> None:
    card = HandCard()
    playback = make(card, volume=0.5)
    playback.arm()
    card.call(5)
    assert card.heard[:2_000] == pytest.approx(SAMPLES / 2, abs=1)


def test_gaps_are_counted_while_it_sounds_only() -> None:
    card = HandCard()
    playback = make(card)
    card.call(status=True)
    playback.arm()
    card.call()
    card.call(2, status=True)
    card.call(2)
    card.call(3, status=True)
    assert playback.underruns == 2


def test_a_card_that_asks_for_nothing_has_stalled() -> None:
    card = HandCard()
    playback = make(card)
    card.now_ms += STALLED_AFTER_MS
    assert not playback.stalled()
    card.now_ms += 1
    assert playback.stalled()
    card.call()
    assert not playback.stalled()


def test_after_close_nothing_begins() -> None:
    card = HandCard()
    playback = make(card)
    playback.arm()
    playback.close()
    card.call()
    assert card.closed == 1
    assert playback.began_mono_ms is None


def test_a_stream_that_does_not_start_is_closed() -> None:
    card = HandCard(does_not_start=True)
    with pytest.raises(HardwareError):
        make(card)
    assert card.closed == 1
