"""What one thread brings and another takes: gaps, late comers, ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from speaker_node.arrangement import BrokenSoundError
from speaker_node.chime import RATE_HZ
from speaker_node.sounding.reel import Put, Reel
from tests.support.waiting import await_condition

COUNT = np.arange(1, 30_001, dtype=np.int16)
"""Frame n holds n + 1: what is heard says where it belongs."""


@dataclass
class Hand:
    """Brings what it is told to, when it is told to."""

    blocks: list[NDArray[np.int16]] = field(default_factory=list)
    more: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    over: bool = False
    laid: int = 0

    def bring(self, put: Put) -> None:
        while self.more.acquire() and not self.over:
            if not put(self.blocks.pop(0)):
                return
            self.laid += 1

    def give(self, reel: Reel, block: NDArray[np.int16]) -> None:
        """Give a block, and wait until it is laid."""
        laid = self.laid
        self.blocks.append(block)
        self.more.release()
        await_condition(lambda: self.laid > laid)

    def end(self, reel: Reel) -> None:
        self.over = True
        self.more.release()
        await_condition(lambda: reel._over)


@pytest.fixture
def hand() -> Iterator[Hand]:
    made = Hand()
    yield made
    made.over = True
    made.more.release()


def test_what_is_brought_in_time_is_heard_as_it_is_and_the_end_is_known_at_the_end(hand: Hand) -> None:
    reel = Reel(hand.bring)
    hand.give(reel, COUNT[:1_000])
    assert reel.window(-11, 500).tolist() == [0] * 11 + COUNT[:500].tolist()
    assert reel.frames is None
    hand.give(reel, COUNT[1_000:1_500])
    hand.end(reel)
    assert reel.frames == 1_500
    assert reel.window(490, 1_520).tolist() == COUNT[490:1_500].tolist() + [0] * 20
    assert (reel.gaps, reel.missing_frames) == (0, 0)


def test_what_comes_too_late_is_left_out_and_the_rest_stays_at_its_place(hand: Hand) -> None:
    reel = Reel(hand.bring, frames=2_000)
    reel.window(0, 524)
    hand.give(reel, COUNT[:1_500])
    assert reel.window(500, 1_000).tolist() == COUNT[500:1_000].tolist()
    assert (reel.gaps, reel.missing_frames) == (1, 500)
    reel.close()


def test_with_a_cushion_all_of_it_is_heard_later(hand: Hand) -> None:
    reel = Reel(hand.bring, cushion_s=100 / RATE_HZ)
    hand.give(reel, COUNT[:1_000])
    reel.window(0, 600)
    reel.window(576, 1_624)
    assert reel.gaps == 1
    hand.give(reel, COUNT[1_000:1_400])
    first = 1_624 + 100
    assert reel.window(1_600, 2_100).tolist() == [0] * 124 + COUNT[1_000 : 1_000 + 2_100 - first].tolist()
    reel.close()


def test_it_holds_no_more_than_it_may_and_ends_when_it_is_closed() -> None:
    def bring(put: Put) -> None:
        while put(COUNT):
            assert len(COUNT)

    reel = Reel(bring, ahead_s=0.5)
    await_condition(lambda: reel._head > 0.4 * RATE_HZ)
    assert reel._head <= 0.5 * RATE_HZ + 200
    reel.close()
    await_condition(lambda: not reel._thread.is_alive())


@pytest.mark.parametrize("error", [BrokenSoundError("torn"), OSError("torn")])
def test_what_goes_wrong_is_said(error: Exception) -> None:
    def bring(_: Put) -> None:
        raise error

    reel = Reel(bring)
    await_condition(lambda: reel.frames == 0)
    assert reel.error == "torn"


@settings(max_examples=60)
@given(steps=st.lists(st.tuples(st.booleans(), st.integers(1, 900)), max_size=40), cushion=st.booleans())
def test_what_is_heard_is_never_wrong_only_missing(steps: Any, cushion: bool) -> None:
    """Whatever the order of bringing and taking: in order, nothing twice, nothing from another place."""
    reel = Reel(lambda _: None, cushion_s=0.01 if cushion else None, ahead_s=3.0)
    await_condition(lambda: reel._over)
    reel._over = False
    brought = taken = 0
    heard: list[int] = []
    for bringing, frames in steps:
        if bringing and brought + frames < len(COUNT):
            reel._lay(COUNT[brought : brought + frames])
            brought += frames
        elif not bringing:
            heard += reel.window(taken, taken + frames).tolist()
            taken += frames
    said = [each for each in heard if each]
    assert said == sorted(set(said))
    if cushion:
        assert said == COUNT[: len(said)].tolist()
    else:
        assert all(each in (0, place + 1) for place, each in enumerate(heard))
