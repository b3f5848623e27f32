"""Together: how far neighbouring loudspeakers are apart while they sound the same, on cards of their own."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.measure import Found, Measured
from sim.parts.crystal import Crystal, VirtualCard
from speaker_node.chime import RATE_HZ
from speaker_node.sounding.player import BLOCK_FRAMES, Playback

TONE_HZ = 50.0
"""Slow enough that a phase tells apart ±10 ms."""

DUE_MS = 2_000.0
HOUR_S = 3_600
SKEWS_PPM = (-100.0, -40.0, 0.0, 60.0, 100.0)
"""Five cards at the edges of what crystals are sold at, and between."""


def measure_together(_directory: Path) -> Found:
    """Skew of five loudspeakers over an hour, p99 of all pairs, beside cards left to themselves."""
    tone = _tone(HOUR_S)
    offsets = np.array([_offsets_ms(ppm, seed, tone) for seed, ppm in enumerate(SKEWS_PPM)])
    apart_ms = np.abs([one - other for one, other in combinations(offsets, 2)])
    ours = float(np.quantile(apart_ms, 0.99))
    seconds = np.arange(offsets.shape[1])
    free = [abs(one - other) * 1e-6 * seconds * 1000 for one, other in combinations(SKEWS_PPM, 2)]
    peer = float(np.quantile(free, 0.99))
    return Measured(
        name="skew between five loudspeakers over an hour, p99 of all pairs (virtual cards, ±100 ppm, wall "
        "clocks within 0.1 ms)",
        unit="ms",
        better="lower",
        ours=ours,
        peer=peer,
        peer_is="the same cards begun together and then left to their crystals (by arithmetic)",
        ratio=ours / peer,
        rounds_ours=[ours, float(apart_ms.max())],
        rounds_peer=[peer],
    )


def _tone(seconds: float) -> NDArray[np.int16]:
    phase = 2 * np.pi * TONE_HZ * np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    tone: NDArray[np.int16] = np.rint(12_000 * np.sin(phase)).astype(np.int16)
    return tone


def _offsets_ms(skew_ppm: float, seed: int, tone: NDArray[np.int16]) -> NDArray[np.float64]:
    """Return, once a second, how late the card sounds the tone, by true time."""
    card = VirtualCard(Crystal(skew_ppm=skew_ppm), seed)
    playback = Playback(card, tone, 1.0, card.mono_ms)
    playback.aim(DUE_MS)
    playback.arm()
    every = round(RATE_HZ / BLOCK_FRAMES)
    blocks = int(len(tone) / BLOCK_FRAMES + DUE_MS / 1000 * RATE_HZ / BLOCK_FRAMES)
    found = []
    for number in range(blocks):
        heard_ms, block = card.next_block()
        if number % every == 0 and heard_ms > DUE_MS + 100:
            found.append(_late_ms(heard_ms - DUE_MS, block, skew_ppm))
    playback.close()
    return np.array(found[: int(len(tone) / RATE_HZ) - 2])


def _late_ms(at_ms: float, block: NDArray[np.int16], skew_ppm: float) -> float:
    """Return how late `block`, first heard `at_ms` into the tone, is: by its phase over one period."""
    period = round(RATE_HZ / TONE_HZ)
    frame_ms = 1000 / RATE_HZ * (1 + skew_ppm * 1e-6)
    phase = 2 * np.pi * TONE_HZ / 1000 * (at_ms + np.arange(period) * frame_ms)
    sound = block[:period].astype(float)
    return float(-np.arctan2(sound @ np.cos(phase), sound @ np.sin(phase)) / (2 * np.pi * TONE_HZ) * 1000)
