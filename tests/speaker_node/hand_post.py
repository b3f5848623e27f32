"""A loudspeaker in virtual time: hours pass in seconds, and every block that the card was given is known."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_agent.hardware import FillBlock, HardwareError
from speaker_node.chime import RATE_HZ
from speaker_node.sounding.player import BLOCK_FRAMES
from speaker_node.sounding.reel import Reel
from speaker_node.sounding.relay import StreamReel
from tests.speaker_node.stand_ins import Post
from tests.support.clocks import HandClock
from tests.support.waiting import HANGS_S

LATENCY_S = 0.1
BLOCK_MS = BLOCK_FRAMES * 1000 / RATE_HZ
LOOK_EVERY_BLOCKS = 2
KEPT_BLOCKS = 40_000
"""Quarter of an hour."""


@dataclass
class FineClock(HandClock):
    """A clock that is set by hand to fractions of a millisecond."""

    def wall_ms(self) -> int:
        return int(self._wall_ms)

    def mono_ms(self) -> int:
        return int(self._mono_ms)

    def exact_mono_ms(self) -> float:
        return self._mono_ms


@dataclass
class _BlockTime:
    currentTime: float
    outputBufferDacTime: float


class SteppedCard:
    """A sound card that asks for a block when time is let pass."""

    def __init__(self, clock: FineClock) -> None:
        self._clock = clock
        self._fill: FillBlock | None = None
        self.unplugged = False
        self.opened = 0
        self.heard: deque[tuple[float, NDArray[np.int16]]] = deque(maxlen=KEPT_BLOCKS)
        """When the first frame of each block is heard (wall time), and the block."""

    def open_output(self, rate_hz: int, block_frames: int, fill: FillBlock) -> Any:
        if self.unplugged:
            raise HardwareError("no card")
        assert self._fill is None, "the card is open already"
        assert (rate_hz, block_frames) == (RATE_HZ, BLOCK_FRAMES)
        self._fill = fill
        self.opened += 1
        return self

    def start(self) -> None:
        """Blocks are asked for by `step`."""

    def close(self) -> None:
        """What was not heard yet never is."""
        self._fill = None
        now_ms = self._clock.wall_ms()
        while self.heard and self.heard[-1][0] >= now_ms:
            self.heard.pop()

    def step(self) -> None:
        if self._fill is not None and not self.unplugged:
            out = np.zeros((BLOCK_FRAMES, 1), np.int16)
            self._fill(out, BLOCK_FRAMES, _BlockTime(0.0, LATENCY_S), False)
            self.heard.append((self._clock.wall_ms() + LATENCY_S * 1000, out[:, 0]))


class SteppedEar:
    """A microphone that hears what the card sounds, through what `turned` makes of it, and some noise."""

    def __init__(self, card: SteppedCard, noise: float = 20.0) -> None:
        self._card = card
        self._chance = np.random.default_rng(3)
        self._noise = noise
        self._take: Any = None
        self.turned: Callable[[NDArray[np.float64]], NDArray[np.float64]] = lambda sound: sound / 4
        self.absent = False
        self.opened = 0

    def open_input(self, rate_hz: int, block_frames: int, take: Any) -> Any:
        if self.absent:
            raise HardwareError("no microphone")
        assert (rate_hz, block_frames) == (RATE_HZ, BLOCK_FRAMES)
        self._take = take
        self.opened += 1
        return self

    def start(self) -> None:
        """Blocks come by `step`."""

    def close(self) -> None:
        self._take = None
        self.opened -= 1

    def step(self, now_ms: float) -> None:
        """Hand over what was heard in the block before this one."""
        if self._take is None:
            return
        sound = np.zeros(BLOCK_FRAMES)
        for at_ms, block in list(self._card.heard)[-8:]:
            if now_ms - 2 * BLOCK_MS < at_ms <= now_ms - BLOCK_MS:
                sound = block.astype(float)
        heard = self.turned(sound + self._chance.normal(0, self._noise, BLOCK_FRAMES))
        out = np.clip(np.rint(heard), -32_768, 32_767).astype(np.int16)
        self._take(out[:, None], BLOCK_FRAMES, _InputTime(2 * BLOCK_MS / 1000, 0.0), False)


@dataclass
class _InputTime:
    currentTime: float
    inputBufferAdcTime: float


class HandPost(Post):
    """A `Post` whose node looks, and whose card plays, only while `run` lets time pass.

    post = HandPost(tmp_path)
    post.node = post.make()
    post.run(3.0)
    post.loud_ms(begin_ms, end_ms)
    """

    def __init__(self, directory: Path, voice: Any = None, **settings: Any) -> None:
        super().__init__(directory, voice, **settings)
        self.clock: Any = FineClock()
        self.card: Any = SteppedCard(self.clock)
        self.catch_up: Callable[[], None] = lambda: None
        """Waits until what feeds the node has caught up with virtual time."""
        self.start()

    def start(self) -> None:
        """Make the node, as after power came."""
        self.node = self.make()
        self.node._outcomes.settle_interrupted()

    def cut_power(self) -> None:
        """End it without a word, and start it anew; the disk is as it was."""
        self.node._repertoire.close()
        self.card.close()
        self.facts.close()
        self.card._fill = None
        self.start()

    def close(self) -> None:
        """End in order."""
        self.node._end()
        self.facts.close()

    def run(self, seconds: float) -> None:
        """Let time pass."""
        for block in range(round(seconds * 1000 / BLOCK_MS)):
            if block % LOOK_EVERY_BLOCKS == 0:
                self.node.look()
                self._feed()
            self.card.step()
            for ear in self.ears.values():
                ear.step(self.clock._wall_ms)
            self.clock.advance(BLOCK_MS)

    def doze(self, seconds: float, every_s: float = 20.0) -> None:
        """Let time pass in which nothing sounds, by looks far apart."""
        for _ in range(round(seconds / every_s)):
            self.node.look()
            self.clock.advance(every_s * 1000)

    def until(self, check: Callable[[], Any], within_s: float = 60.0) -> Any:
        """Let time pass until `check` is true, and return what it returned."""
        for _ in range(round(within_s * 1000 / BLOCK_MS / LOOK_EVERY_BLOCKS)):
            if found := check():
                return found
            self.run(LOOK_EVERY_BLOCKS * BLOCK_MS / 1000)
        raise AssertionError(f"not within {within_s} s")

    def bodies(self, *kinds: Any) -> list[Any]:
        """Return what was recorded of these kinds."""
        return [each for kind in kinds for each in self.facts.bodies(kind)]

    def loudest(self, begin_ms: float, end_ms: float) -> int:
        """Return the highest sample that was heard between two wall times."""
        blocks = [block for at_ms, block in self.card.heard if begin_ms <= at_ms < end_ms]
        return max((int(np.abs(block.astype(int)).max()) for block in blocks), default=0)

    def _feed(self) -> None:
        """Give the reel's thread the moment that it has between two blocks in true time."""
        self.catch_up()
        stage = self.node._stage
        deadline_s = time.monotonic() + HANGS_S
        while stage is not None and not _fed(stage.reel) and time.monotonic() < deadline_s:
            time.sleep(0.0005)


def _fed(reel: Reel) -> bool:
    return isinstance(reel, StreamReel) or reel._over or reel._head - reel._tail > RATE_HZ
