"""A microphone in the village: hears what each loudspeaker in earshot sounded, late and faint by distance.

It listens to the files that the virtual sound cards write (`sim.parts.heard`), so it hears exactly what was
sounded: the dead amplifier, the clipping, the gaps. Wind blows into it, its wire breaks, it is set too loud.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from firmware_agent.hardware import TakeBlock
from sim.parts.heard import HEADER_BYTES

if TYPE_CHECKING:
    from numpy.typing import NDArray

SOUND_M_PER_S = 343.0
"""In dry air at 20 °C."""

NEAREST_M = 0.1
"""Sound falls off as one over the distance, from here on."""

BEHIND_S = 0.25
"""Blocks come this long after they were heard: by then every card has written what it sounded."""

GUST_S = 1.5
"""How long a gust lasts, about."""

WIND_HZ = 120.0
"""Wind in a microphone is noise below some hundred hertz."""

HISS = 20.0
"""Noise of the input itself, in samples of 16 bits (root mean square): only a broken wire gives zeros."""

FULL_SCALE = 32_767

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Loudspeaker:
    """One that is in earshot."""

    heard: Path
    """Its `heard.wav`."""
    distance_m: float

    @property
    def delay_s(self) -> float:
        """How long its sound is under way."""
        return self.distance_m / SOUND_M_PER_S


@dataclass
class _BlockTime:
    currentTime: float
    inputBufferAdcTime: float


class Wind:
    """Noise that wind makes in a microphone, gust by gust; `level` is its usual loudness in full scale."""

    def __init__(self, level: float, rate_hz: int, seed: int) -> None:
        self._chance = np.random.default_rng(seed)
        self._level = level
        self._rate_hz = rate_hz
        self._low = 0.0
        self._gust = 1.0

    def hiss(self, frames: int) -> NDArray[np.float64]:
        """Return so much of the input's own noise, in samples of 16 bits."""
        return self._chance.normal(0.0, HISS, frames)

    def blow(self, frames: int) -> NDArray[np.float64]:
        """Return so much of it, in samples of 16 bits."""
        if not self._level:
            return np.zeros(frames)
        pull = frames / self._rate_hz / GUST_S
        self._gust = max(0.2, self._gust + pull * (1 - self._gust) + self._chance.normal(0.0, pull**0.5 / 2))
        keep = float(np.exp(-2 * np.pi * WIND_HZ / self._rate_hz))
        # An average over the past, kept to what lies within a block and one number before it.
        weights = (1 - keep) * keep ** np.arange(min(frames, round(8 / (1 - keep))))
        noise = np.convolve(self._chance.normal(0.0, 1.0, frames), weights)[:frames]
        noise += self._low * keep ** np.arange(1, frames + 1)
        self._low = float(noise[-1])
        usual = ((1 - keep) / (1 + keep)) ** 0.5
        return np.asarray(noise / usual * self._gust * self._level * FULL_SCALE)


class SimMicrophone:
    """A microphone with one input (`firmware_agent.hardware.Microphone`).

        microphone = SimMicrophone([Loudspeaker(path, 12.0), Loudspeaker(other, 350.0)], since_s)
        stream = microphone.open_input(22_050, 512, take)
        stream.start()
        stream.close()
        microphone.deaf = True      # its wire is off: nothing but zeros
        microphone.gain = 30.0      # set too loud: it clips

    `since_s` returns the seconds since the start of the run; `wind` is the wind's loudness in full scale.
    """

    def __init__(
        self,
        loudspeakers: Sequence[Loudspeaker],
        since_s: Callable[[], float],
        wind: float = 0.0,
        seed: int = 0,
    ) -> None:
        self._loudspeakers = tuple(loudspeakers)
        self._since_s = since_s
        self._wind = wind
        self._seed = seed
        self.deaf = False
        """Whether its wire is off."""
        self.gain = 1.0
        """1: a loudspeaker at full scale is at full scale in one metre."""

    def open_input(self, rate_hz: int, block_frames: int, take: TakeBlock) -> SimInput:
        """Open the input; nothing comes before it is started."""
        return SimInput(
            self, Wind(self._wind, rate_hz, self._seed), rate_hz, block_frames, take, self._since_s
        )

    def record(
        self, first_s: float, frames: int, rate_hz: int, wind: Wind | None = None
    ) -> NDArray[np.int16]:
        """Return what was heard here from `first_s` of the run on, as far as the cards have written it.

        With `wind`, that and the input's own hiss are in it.
        """
        if self.deaf:
            return np.zeros(frames, np.int16)
        total = wind.blow(frames) + wind.hiss(frames) if wind else np.zeros(frames)
        for each in self._loudspeakers:
            sound = heard_from(each.heard, first_s - each.delay_s, frames, rate_hz)
            total = total + sound / max(NEAREST_M, each.distance_m)
        return np.asarray(np.clip(np.rint(total * self.gain), -FULL_SCALE - 1, FULL_SCALE), np.int16)


class SimInput:
    """A running input (`firmware_agent.hardware.InputStream`): hands a block over when it is complete."""

    def __init__(
        self,
        microphone: SimMicrophone,
        wind: Wind,
        rate_hz: int,
        block_frames: int,
        take: TakeBlock,
        since_s: Callable[[], float],
    ) -> None:
        self._microphone = microphone
        self._wind = wind
        self._rate_hz = rate_hz
        self._block_frames = block_frames
        self._take = take
        self._since_s = since_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sim-microphone", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        self._stop.set()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        try:
            self._listen()
        except Exception:
            log.exception("the microphone's callback failed; it stands still, as PortAudio's would")

    def _listen(self) -> None:
        began_s = self._since_s()
        lasts_s = self._block_frames / self._rate_hz
        number = 0
        while not self._stop.wait(began_s + (number + 1) * lasts_s + BEHIND_S - self._since_s()):
            first_s = began_s + number * lasts_s
            block = self._microphone.record(first_s, self._block_frames, self._rate_hz, self._wind)
            self._take(block[:, None], self._block_frames, _BlockTime(self._since_s(), first_s), False)
            number += 1


def heard_from(path: Path, first_s: float, frames: int, rate_hz: int) -> NDArray[np.float64]:
    """Return what a card sounded from `first_s` of the run on, silence where there is nothing.

    To the nearest sample: 15 mm of the way of sound. Raises ValueError for another rate.
    """
    out = np.zeros(frames)
    try:
        about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        if about["rate"] != rate_hz:
            raise ValueError(f"{path}: {about['rate']} Hz, not {rate_hz}")
        first = round((first_s - about["t0"]) * rate_hz)
        begin = max(0, first)
        with path.open("rb") as file:
            file.seek(HEADER_BYTES + 2 * begin)
            content = file.read(2 * max(0, first + frames - begin))
    except FileNotFoundError:
        return out  # it never sounded
    sound = np.frombuffer(content[: len(content) // 2 * 2], "<i2")
    out[begin - first : begin - first + len(sound)] = sound
    return out
