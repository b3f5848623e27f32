"""Numbers are called over music: it grows soft, goes on, and nothing of it is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from speaker_node.chime import RATE_HZ
from speaker_node.hall.announcement import pieces_of
from speaker_node.planner import lies_under_calls
from speaker_node.sounding.over import FADE_S, SOFT, Over
from tests.speaker_node.hand_post import HandPost
from tests.speaker_node.stand_ins import ToneVoice, bulletin
from tests.speaker_node.test_hall_voice import PIECE_S, call, calls, ready
from tests.support.waiting import await_condition
from wire.facts import CallSpoken, PlaybackCut, PlaybackFinished, PlaybackRefused, PlaybackStarted
from wire.intents import Bulletin, Relay

FRAME_MS = 1000 / RATE_HZ


class Musical(ToneVoice):
    """Says words in a moment, and whatever is called a bulletin for twenty seconds."""

    def speak(self, text: str) -> np.ndarray:
        return ToneVoice(20.0 if "bản tin" in text.lower() else PIECE_S).speak(text)


def soon(post: HandPost, id_: str, after_ms: int, **changes: Any) -> Bulletin:
    return bulletin(id_, post.clock.wall_ms() + after_ms, **changes)


def give(post: HandPost, *bulletins: Bulletin) -> None:
    """Hand the programme over, and let what it says be rendered."""
    post.give(*bulletins)
    post.node.look()
    await_condition(lambda: all(post.node._repertoire._studio.rendered(each) for each in bulletins))


@pytest.fixture
def post(tmp_path: Path) -> Iterator[HandPost]:
    made = HandPost(tmp_path, Musical())
    made.tell(calls(made))
    made.node.look()
    ready(made)
    words = {piece for index in (1, 2) for piece in pieces_of(call(index, 0))}
    made.node._hall._stems.want(list(words))
    await_condition(lambda: all(made.node._hall._stems.sound(piece) is not None for piece in words))
    yield made
    made.close()


def test_music_grows_soft_under_a_call_and_loud_again() -> None:
    now = [0.0]
    words = np.full(RATE_HZ, 1_000, np.int16)
    over = Over(words, 0.5, lambda: now[0])
    heard = []
    while not over.done:
        heard.append(over.mix(np.full(512, 8_000.0), now[0] + 100.0, FRAME_MS))
        now[0] += 512 * FRAME_MS
    sound = np.concatenate(heard)
    fade = round(FADE_S * RATE_HZ)
    assert sound[0] == 8_000
    assert np.all(np.diff(sound[:fade]) < 0)
    assert sound[fade + RATE_HZ // 2] == pytest.approx(8_000 * SOFT + 500)
    assert sound[2 * fade + RATE_HZ + 10] == 8_000
    assert over.began_mono_ms == pytest.approx(100 + FADE_S * 1000, abs=0.1)
    assert over.ended_mono_ms == pytest.approx(100 + FADE_S * 1000 + 1_000, abs=0.1)
    assert over.heard_out()
    assert not over.stalled()


def test_a_call_that_is_silenced_lets_the_music_grow_loud_and_one_over_nothing_is_lost() -> None:
    now = [0.0]
    over = Over(np.full(RATE_HZ, 1_000, np.int16), 1.0, lambda: now[0])
    over.mix(np.zeros(RATE_HZ // 2), 0.0, FRAME_MS)
    over.close()
    after = over.mix(np.full(RATE_HZ // 2, 8_000.0), 0.0, FRAME_MS)
    assert (after[0], after[-1]) == (pytest.approx(8_000 * SOFT, rel=0.01), 8_000)
    lost = Over(np.ones(10, np.int16), 1.0, lambda: now[0])
    now[0] += 2_001
    assert lost.stalled()


def test_calls_are_heard_over_music_and_the_music_goes_on(post: HandPost) -> None:
    give(post, soon(post, "m", 2_600, priority="music", when_cut="drop"))
    post.until(lambda: post.bodies(PlaybackStarted))
    called_ms = post.clock.wall_ms()
    post.tell(calls(post, 1, 2))
    first, second = post.until(lambda: len(found := post.bodies(CallSpoken)) == 2 and found)
    assert first.started_at_ms - called_ms < 1_000
    assert second.started_at_ms >= first.started_at_ms + first.duration_ms
    (finished,) = post.until(lambda: post.bodies(PlaybackFinished))
    assert finished.duration_ms > 20_000
    assert finished.completeness == 1.0
    assert finished.started_at_ms + finished.duration_ms > second.started_at_ms + second.duration_ms
    assert post.bodies(PlaybackCut, PlaybackRefused) == []
    assert post.card.opened == 1


def test_an_emergency_cuts_both_and_the_call_is_spoken_whole_after_it(post: HandPost) -> None:
    music = soon(post, "m", 2_600, priority="music", when_cut="resume")
    give(post, music)
    post.until(lambda: post.bodies(PlaybackStarted))
    post.tell(calls(post, 1))
    post.until(lambda: post.node._hall.sounding)
    give(post, music, soon(post, "e", 0, priority="emergency", text="Lũ"))
    post.until(lambda: post.bodies(PlaybackCut))
    assert post.bodies(CallSpoken) == []
    (spoken,) = post.until(lambda: post.bodies(CallSpoken))
    emergency = next(each for each in post.bodies(PlaybackFinished) if each.bulletin == "e")
    assert spoken.started_at_ms >= emergency.started_at_ms + emergency.duration_ms - 300
    assert spoken.duration_ms > 1_000


def test_what_is_spoken_is_not_called_over() -> None:
    relay = Relay(url="http://127.0.0.1/x", lasts_ms=60_000)
    assert lies_under_calls(bulletin("a", 0, priority="music"))
    assert lies_under_calls(bulletin("a", 0, relay=relay))
    assert not lies_under_calls(bulletin("a", 0, relay=relay, priority="urgent"))
    assert not any(lies_under_calls(bulletin("a", 0, priority=each)) for each in ("ordinary", "urgent"))
