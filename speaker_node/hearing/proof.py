"""Proof that a bulletin was heard: what a microphone or a sense line picked up, beside what was sent.

A loudspeaker that plays into a dead amplifier tells its node nothing. So the node listens: to a microphone
at the pole, to the voltage at the loudspeaker's clamps (the sense line), or to both, and compares.
Pure: two sounds go in, a verdict with its figures comes out. Recordings need not be aligned: the same sound
is looked for within a second or two, through echoes and wind.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FULL_SCALE = 32_768.0
STEP_S = 0.02
"""Loudness is compared in steps of this length: finer than syllables, coarser than echoes."""

TREND_STEPS = 25
"""What changes more slowly than this many steps (half a second) is not compared: any speech swells."""

BANDS_HZ = (250, 450, 800, 1_400, 2_400, 4_000)
"""Edges of the bands that are compared: what horns carry and speech lives in."""

SILENT_DBFS = -70.0
"""Below this there is not even the noise of a microphone: its wire is off."""

ABOVE_NOISE_DB = 6.0
LIKE_ENOUGH = 0.3
"""Correlation of band loudness over time from which two recordings hold the same words. Measured with
espeak-ng: other speech reaches 0.26, the same through wind and three strong echoes 0.35 to 0.46."""

CHANCE_ROOT_S = 1.0
"""Noise alone is as like a sound as this over the root of its seconds, at most. Measured with wind and hiss,
forty sounds each, the best of all shifts: 0.62 of 1.5 s, 0.51 of 3 s, 0.27 of 6 s."""

RISEN_DB = 3.0
"""Where likeness may be chance, it must have grown louder by this, in the bands that horns carry."""

FAINT_DB = 15.0
CLIPPED_SHARE = 0.01
"""Share of samples at the rail from which words suffer."""

SHIFT_MAX_S = 2.0


class Verdict(StrEnum):
    """What the listening says."""

    HEARD = "heard"
    FAINT = "faint"
    """The same words, far weaker than this place usually sounds: a horn hangs loose, or water is in it."""
    CLIPPED = "clipped"
    SILENT = "silent"
    """Nothing but noise: a dead amplifier or a cut wire."""
    OTHER = "other"
    """Something sounds, but not this."""
    DEAF = "deaf"
    """The microphone itself delivers nothing: no proof either way."""


@dataclass(frozen=True)
class Heard:
    """What one ear says."""

    verdict: Verdict
    level_dbfs: float
    """Loudness of what was recorded while it sounded (root mean square, full scale 0)."""
    noise_dbfs: float
    """The same, of the moments before."""
    likeness: float
    """How like what was sent, 0 to 1."""
    delay_ms: float
    """How much later than sent the recording holds it."""

    @property
    def sure(self) -> float:
        """How sure the verdict is, 0 to 1: by how far the likeness stands from the line it was judged by."""
        if self.verdict in (Verdict.SILENT, Verdict.DEAF):
            return 1.0 - self.likeness
        return float(min(1.0, 0.5 + abs(self.likeness - LIKE_ENOUGH) / (2 * LIKE_ENOUGH)))


def judge(
    sent: NDArray[np.int16],
    recorded: NDArray[np.int16],
    before: NDArray[np.int16],
    rate_hz: int,
    usual_dbfs: float | None = None,
) -> Heard:
    """Compare what was sent with what was `recorded` from then on (SHIFT_MAX_S more is good).

    `before` is what was recorded in the seconds before; `usual_dbfs` is how loud this place commonly is.
    All are mono int16 at `rate_hz`.
    """
    level, noise = level_dbfs(recorded), level_dbfs(before)
    likeness, shift = _alike(_loudness(sent, rate_hz), _loudness(recorded, rate_hz))

    def heard(verdict: Verdict) -> Heard:
        return Heard(verdict, level, noise, likeness, shift * STEP_S * 1000)

    if level < SILENT_DBFS:
        return heard(Verdict.DEAF)
    if likeness < LIKE_ENOUGH or not _beyond_chance(likeness, sent, recorded, before, rate_hz):
        return heard(Verdict.OTHER if level > noise + ABOVE_NOISE_DB else Verdict.SILENT)
    if _clipped(recorded):
        return heard(Verdict.CLIPPED)
    if usual_dbfs is not None and level < usual_dbfs - FAINT_DB:
        return heard(Verdict.FAINT)
    return heard(Verdict.HEARD)


class Fault(StrEnum):
    """What two ears together say is broken."""

    NONE = ""
    AMPLIFIER = "amplifier"
    """No voltage at the clamps: amplifier, relay, fuse."""
    HORN = "horn"
    """Voltage at the clamps, and no sound: the horn is gone, or its wire cut behind the sense line."""
    WEAK = "weak"
    OVERDRIVEN = "overdriven"
    UNKNOWN = "unknown"


def fault_of(microphone: Heard | None, sense: Heard | None) -> Fault:
    """Return what is broken, as far as the ears that are there can tell; None: there is no such ear."""
    ears = [each for each in (microphone, sense) if each is not None and each.verdict is not Verdict.DEAF]
    if not ears:
        return Fault.UNKNOWN
    if sense in ears and sense is not None and sense.verdict is Verdict.SILENT:
        return Fault.AMPLIFIER
    if microphone in ears and microphone is not None and microphone.verdict is Verdict.SILENT:
        return Fault.HORN if sense in ears else Fault.UNKNOWN
    verdicts = {each.verdict for each in ears}
    if Verdict.CLIPPED in verdicts:
        return Fault.OVERDRIVEN
    if Verdict.FAINT in verdicts:
        return Fault.WEAK
    return Fault.UNKNOWN if Verdict.OTHER in verdicts else Fault.NONE


def level_dbfs(sound: NDArray[np.int16]) -> float:
    """Return the root mean square of `sound` in dB of full scale; −120 for nothing."""
    if not len(sound):
        return -120.0
    power = float(np.mean((sound / FULL_SCALE) ** 2))
    return max(-120.0, 10 * float(np.log10(max(power, 1e-12))))


def _beyond_chance(
    likeness: float,
    sent: NDArray[np.int16],
    recorded: NDArray[np.int16],
    before: NDArray[np.int16],
    rate_hz: int,
) -> bool:
    """Tell whether likeness is more than noise reaches; what is short must have risen above it, too."""
    if likeness * (len(sent) / rate_hz) ** 0.5 > CHANCE_ROOT_S:
        return True
    return _carried_dbfs(recorded, rate_hz) > _carried_dbfs(before, rate_hz) + RISEN_DB


def _carried_dbfs(sound: NDArray[np.int16], rate_hz: int) -> float:
    """Return `level_dbfs` of what lies in the bands that are compared: no wind, no hum."""
    if not len(sound):
        return -120.0
    power = np.abs(np.fft.rfft(sound / FULL_SCALE)) ** 2
    frequency_hz = np.fft.rfftfreq(len(sound), 1 / rate_hz)
    inside = (frequency_hz >= BANDS_HZ[0]) & (frequency_hz < BANDS_HZ[-1])
    mean = 2 * float(power[inside].sum()) / len(sound) ** 2
    return 10 * float(np.log10(max(mean, 1e-12)))


def _clipped(recorded: NDArray[np.int16]) -> bool:
    rail = int(np.abs(recorded.astype(np.int32)).max())
    at_rail = np.abs(recorded.astype(np.int32)) >= rail - 2
    # A rail is where the sound stands still: single peaks reach their own highest value too.
    standing = at_rail[1:] & at_rail[:-1]
    return bool(rail > 3_000 and standing.mean() > CLIPPED_SHARE)


def _loudness(sound: NDArray[np.int16], rate_hz: int) -> NDArray[np.float64]:
    """Return loudness (dB, bounded below) by band and step: bands × steps, each band around its trend."""
    step = round(STEP_S * rate_hz)
    steps = max(1, len(sound) // step)
    framed = np.zeros((steps, step))
    whole = sound[: steps * step]
    framed.reshape(-1)[: len(whole)] = whole / FULL_SCALE
    power = np.abs(np.fft.rfft(framed * np.hanning(step), axis=1)) ** 2
    frequency_hz = np.fft.rfftfreq(step, 1 / rate_hz)
    trend = np.ones(min(steps, TREND_STEPS)) / min(steps, TREND_STEPS)
    bands = []
    for low_hz, high_hz in pairwise(BANDS_HZ):
        inside = (frequency_hz >= low_hz) & (frequency_hz < high_hz)
        band_db = 10 * np.log10(power[:, inside].sum(axis=1) + 1e-9)
        bands.append(band_db - np.convolve(band_db, trend, "same"))
    return np.array(bands)


def _alike(sent: NDArray[np.float64], recorded: NDArray[np.float64]) -> tuple[float, int]:
    """Return the best correlation over shifts, 0 to 1, and that shift in steps."""
    shifts = range(round(SHIFT_MAX_S / STEP_S) + 1)
    found = [(_correlation(sent, recorded[:, shift:]), shift) for shift in shifts]
    likeness, shift = max(found, key=lambda each: each[0])
    return max(0.0, likeness), shift


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    steps = min(one.shape[1], other.shape[1])
    if steps < one.shape[1] // 2 or steps < 2:
        return 0.0
    left, right = one[:, :steps], other[:, :steps]
    left = left - left.mean(axis=1, keepdims=True)
    right = right - right.mean(axis=1, keepdims=True)
    scale = float(np.linalg.norm(left) * np.linalg.norm(right))
    return float((left * right).sum() / scale) if scale > 0 else 0.0
