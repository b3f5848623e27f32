"""The callback, sample by sample, on a card that is called by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_agent.hardware import FillBlock, HardwareError
from speaker_node.chime import RATE_HZ
from speaker_node.player import BLOCK_FRAMES, STALLED_AFTER_MS, Playback

SAMPLES = np.arange(1, 2_001, dtype=np.int16)


@dataclass
class BlockTime:
    currentTime: float
    outputBufferDacTime: float


@dataclass
class HandCard:
    """Calls for a block when the test says so; `heard` is all that it played."""

    latency_s: float = 0.1
    now_ms: int = 10_000
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

    def mono_ms(self) -> int:
        return self.now_ms

    def call(self, blocks: int = 1, status: bool = False) -> None:
        for _ in range(blocks):
            out = np.full((BLOCK_FRAMES, 1), 99, np.int16)
            self._fill(out, BLOCK_FRAMES, BlockTime(5.0, 5.0 + self.latency_s), status)
            self.heard += out[:, 0].tolist()


def make(card: HandCard, volume: float = 1.0) -> Playback:
    return Playback(card, SAMPLES, volume, card.mono_ms)


@given(late_ms=st.integers(-200, 22), latency_ms=st.integers(0, 300))
def test_the_first_sample_is_laid_to_its_instant(late_ms: int, latency_ms: int) -> None:
    card = HandCard(latency_ms / 1000)
    playback = make(card)
    block_heard_ms = card.now_ms + latency_ms
    playback.aim(block_heard_ms + late_ms)
    playback.arm()
    card.call(6)
    first = max(0, round(late_ms * RATE_HZ / 1000))
    assert card.heard[:first] == [0] * first
    assert card.heard[first : first + 2_000] == SAMPLES.tolist()
    assert not any(card.heard[first + 2_000 :])
    assert playback.began_mono_ms == pytest.approx(block_heard_ms + max(0, late_ms), abs=0.1)


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
    assert card.heard[:2_000] == (SAMPLES // 2).tolist()


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
