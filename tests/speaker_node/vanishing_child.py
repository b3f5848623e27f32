"""A process that waits for its card and microphone, loses both, and takes them up when they are back.

It prints a line at each step, and goes on when it is sent one. Run by `test_portaudio.py`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from firmware_agent.hardware import HardwareError
from firmware_agent.pi.hardware import PortAudioCard, PortAudioMicrophone
from speaker_node.chime import RATE_HZ
from speaker_node.sounding.player import BLOCK_FRAMES
from tests.support.waiting import await_condition

STILL_S = 0.5


class Post:
    """A card and a microphone, and when each was last asked."""

    def __init__(self) -> None:
        self.asked_s: list[float] = []
        self.card, self.microphone = PortAudioCard(None), PortAudioMicrophone("default")
        self.streams: list[Any] = []

    def open(self) -> bool:
        """Open both, the microphone first, as a loudspeaker does."""
        self.asked_s.clear()
        self.streams = []
        opening: list[Callable[[], Any]] = [
            lambda: self.microphone.open_input(RATE_HZ, BLOCK_FRAMES, lambda *_: None),
            lambda: self.card.open_output(RATE_HZ, BLOCK_FRAMES, self._fill),
        ]
        try:
            for each in opening:
                self.streams.append(each())
                self.streams[-1].start()
        except HardwareError as error:
            print(f"refused: {error}", flush=True)
            self.close()
        return len(self.streams) == len(opening)

    def sounds(self) -> bool:
        """Tell whether the card asks for sound."""
        return len(self.asked_s) >= 3

    def still(self) -> bool:
        """Tell whether it has stopped asking."""
        return time.monotonic() - self.asked_s[-1] > STILL_S

    def close(self) -> None:
        """Close both, once more where they were closed before."""
        for each in self.streams:
            each.close()
            each.close()
        self.streams = []

    def _fill(self, out: Any, _frames: int, _time: Any, _status: Any) -> None:
        out.fill(100)
        self.asked_s.append(time.monotonic())


def main() -> None:
    """Start without a card; sound when it comes; lose it; be refused; sound again."""
    post = Post()
    assert not post.open()
    print("absent", flush=True)
    sys.stdin.readline()
    await_condition(post.open)
    await_condition(post.sounds)
    print("sounds", flush=True)
    sys.stdin.readline()
    await_condition(post.still)
    post.close()
    assert not post.open()
    print("gone", flush=True)
    sys.stdin.readline()
    await_condition(post.open)
    await_condition(post.sounds)
    post.close()
    print("sounds again", flush=True)


if __name__ == "__main__":
    main()
