"""A relay of a real stream, from a station on loopback: short gaps are not heard, long ones are."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.parts.radio import RATE_HZ as STATION_HZ
from sim.parts.radio import Radio
from speaker_node.chime import RATE_HZ
from speaker_node.sounding.relay import RelayReel
from tests.support.waiting import await_condition
from wire.intents import Relay

BLOCK = 512
DELAY_S = 1.5
ENCODER_S = 0.06
"""An MP3 stream begins with some 1,100 samples of silence, the encoder's own delay."""


@pytest.fixture
def radio() -> Iterator[Radio]:
    at_s = np.arange(3 * STATION_HZ) / STATION_HZ
    with Radio(np.rint(12_000 * np.sin(2 * np.pi * 440 * at_s)).astype(np.int16)) as made:
        yield made


def relayed(radio: Radio, lasts_s: float, stall_s: float) -> tuple[NDArray[np.int16], RelayReel]:
    """Return what a card gets that asks in real time, a stall beginning after half a second of it."""
    reel = RelayReel(Relay(url=radio.url, lasts_ms=60_000, delay_ms=round(DELAY_S * 1000)))
    try:
        await_condition(lambda: reel.brought_frames > DELAY_S * RATE_HZ)
        blocks = []
        began_s = time.monotonic()
        for first in range(0, round(lasts_s * RATE_HZ), BLOCK):
            due_s = began_s + first / RATE_HZ
            time.sleep(max(0.0, due_s - time.monotonic()))
            if stall_s and due_s - began_s > 0.5:
                radio.stall(stall_s)
                stall_s = 0.0
            blocks.append(reel.window(first, first + BLOCK))
        return np.concatenate(blocks), reel
    finally:
        reel.close()


def silent_s(sound: NDArray[np.int16]) -> float:
    """Return how much of a steady tone is missing."""
    steps = sound[: len(sound) // 220 * 220].reshape(-1, 220).astype(float)
    return float((np.abs(steps).max(axis=1) < 500).mean()) * len(sound) / RATE_HZ


def test_a_gap_of_the_line_within_the_delay_is_not_heard(radio: Radio) -> None:
    sound, reel = relayed(radio, 2.5, stall_s=0.8)
    assert (reel.gaps, reel.breaks) == (0, 0)
    assert silent_s(sound) < ENCODER_S


def test_a_longer_gap_is_heard_counted_and_over_when_the_stream_is_back(radio: Radio) -> None:
    sound, reel = relayed(radio, 5.0, stall_s=2.2)
    assert reel.gaps >= 1
    assert 0.1 < silent_s(sound) < 3.0
    assert silent_s(sound[-RATE_HZ // 2 :]) == 0.0
