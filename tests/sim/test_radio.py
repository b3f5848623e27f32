"""The radio station: what is heard is what was on the air, and it has bad days on command."""

from __future__ import annotations

import time
from collections.abc import Iterator

import av
import numpy as np
import pytest
from av.error import FFmpegError
from numpy.typing import NDArray

from sim.parts.radio import BURST_S, RATE_HZ, Radio
from tests.support.waiting import HANGS_S

LENGTH_S = 4.0


def melody() -> NDArray[np.int16]:
    """A tone that rises for four seconds: each place of it sounds like no other."""
    at_s = np.arange(round(LENGTH_S * RATE_HZ)) / RATE_HZ
    tone: NDArray[np.int16] = np.rint(12_000 * np.sin(2 * np.pi * (300 + 200 * at_s) * at_s)).astype(np.int16)
    return tone


@pytest.fixture
def radio() -> Iterator[Radio]:
    with Radio(melody()) as made:
        yield made


def listen(radio: Radio, lasts_s: float) -> tuple[NDArray[np.float64], float]:
    """Return so much of what is heard, and how long it took to come."""
    pieces: list[NDArray[np.float64]] = []
    began_s = time.monotonic()
    with av.open(radio.url, options={"probesize": "4096", "analyzeduration": "0"}, timeout=HANGS_S) as stream:
        for frame in stream.decode(audio=0):
            pieces.append(frame.to_ndarray().reshape(-1).astype(float))
            if sum(map(len, pieces)) >= lasts_s * RATE_HZ:
                break
    return np.concatenate(pieces)[: round(lasts_s * RATE_HZ)], time.monotonic() - began_s


def place_s(heard: NDArray[np.float64]) -> float:
    """Return where in the programme what was heard begins."""
    programme = melody().astype(float)
    spectrum = np.fft.rfft(programme) * np.conj(np.fft.rfft(heard, len(programme)))
    return float(np.fft.irfft(spectrum, len(programme)).argmax()) / RATE_HZ


def test_what_is_heard_is_what_was_on_the_air(radio: Radio) -> None:
    before_s = radio.on_air_s()
    heard, took_s = listen(radio, 1.5)
    behind_s = (before_s - place_s(heard)) % LENGTH_S
    assert behind_s == pytest.approx(BURST_S, abs=0.15)
    assert took_s == pytest.approx(0.5, abs=0.3)  # the burst at once, the rest as it is sent


def test_a_stall_holds_the_stream_up_and_loses_nothing(radio: Radio) -> None:
    radio.stall(0.6)
    heard, took_s = listen(radio, 1.2)
    assert took_s >= 0.55
    at_s = place_s(heard[: RATE_HZ // 2])
    assert place_s(heard[-RATE_HZ // 2 :]) == pytest.approx((at_s + 0.7) % LENGTH_S, abs=0.01)


def test_dead_air_is_silence_in_a_stream_that_goes_on(radio: Radio) -> None:
    radio.dead_air = True
    heard, _ = listen(radio, 1.0)
    assert np.abs(heard).max() < 1e-3


def test_refused_then_let_in_then_thrown_out(radio: Radio) -> None:
    radio.refusing = True
    with pytest.raises(FFmpegError):
        listen(radio, 0.1)
    radio.refusing = False
    with av.open(radio.url, timeout=HANGS_S) as stream:
        frames = stream.decode(audio=0)
        next(frames)
        radio.break_off()
        with pytest.raises(FFmpegError):
            list(frames)
    assert radio.listeners == 1
    assert len(listen(radio, 0.5)[0])
    assert radio.listeners == 2


def test_a_programme_has_something_in_it() -> None:
    with pytest.raises(ValueError, match="without a sample"):
        Radio(np.zeros(0, np.int16))
