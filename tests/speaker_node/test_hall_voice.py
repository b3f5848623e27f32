"""The voice of the hall on the virtual sound card: every call spoken once, in order, none cut short."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.judging.listening import read_wave
from speaker_node.chime import RATE_HZ, call_chime
from speaker_node.hall.announcement import Piece, pieces_ahead, pieces_of
from speaker_node.hall.stems import Stems
from speaker_node.speech import to_wav
from speaker_node.voice import ChildVoice, UnspeakableError
from tests.speaker_node.stand_ins import Post, ToneVoice, bulletin
from tests.support.waiting import await_condition
from wire.facts import CallSpoken, PlaybackFinished, PlaybackStarted
from wire.intents import Call, Calls

PIECE_S = 0.12
NAMES = {"quay-1": "Quầy 1", "quay-3": "Quầy 3"}


def call(index: int, at_ms: int, counter: str = "quay-3") -> Call:
    return Call(
        number=f"A{index:03}",
        counter=counter,
        counter_name=NAMES[counter],
        called_at_ms=at_ms,
        id=f"hub/queue/e/{index}",
    )


def calls(post: Post, *indexes: int, ago_ms: int = 0) -> Calls:
    at_ms = post.clock.wall_ms() - ago_ms
    return Calls(calls=[call(index, at_ms) for index in reversed(indexes)], names=NAMES, series="A")


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    made = Post(tmp_path, voice=ToneVoice(PIECE_S))
    made.power_on()
    yield made
    made.power_off()


def spoken(post: Post, count: int = 1) -> list[CallSpoken]:
    return await_condition(lambda: len(found := post.facts.bodies(CallSpoken)) >= count and found) or []


def ready(post: Post) -> None:
    """Wait until the words of every call are there."""
    post.tell(Calls(calls=[], names=NAMES, series="A"))
    count = len(pieces_ahead(NAMES, "A", []))
    await_condition(lambda: len(list((post.directory / "stems").glob("*.wav"))) == count)


def test_a_call_is_said_figure_by_figure() -> None:
    said = [piece.words for piece in pieces_of(call(7, 0))]
    assert said == ["mời số", "a", "không", "không", "bảy", "đến quầy ba"]
    assert [piece.stem for piece in pieces_of(call(7, 0))] == ["moi-so", "A", "0", "0", "7", "den-quay-3"]
    ahead = pieces_ahead(NAMES, "A", [])
    assert set(pieces_of(call(123, 0))) <= set(ahead)


def test_calls_of_one_moment_are_spoken_one_after_the_other_and_none_is_cut(post: Post) -> None:
    ready(post)
    post.tell(calls(post, 1, 2))
    spoken(post)
    post.tell(calls(post, 1, 2, 3))
    told = spoken(post, 3)
    assert [each.number for each in told] == ["A001", "A002", "A003"]
    whole_ms = told[0].duration_ms
    assert all(each.duration_ms == pytest.approx(whole_ms, abs=60) for each in told)
    for before, after in pairwise(told):
        assert after.started_at_ms >= before.started_at_ms + before.duration_ms


def test_the_first_sound_of_a_call_comes_at_once(post: Post) -> None:
    ready(post)
    called_ms = post.clock.wall_ms()
    post.tell(calls(post, 1))
    assert spoken(post)[0].started_at_ms - called_ms < 1_000


def test_after_a_restart_nothing_is_said_again_and_old_calls_are_left_to_the_display(post: Post) -> None:
    ready(post)
    post.tell(calls(post, 1))
    spoken(post)
    post.power_off()
    post.power_on()
    old = calls(post, 8, ago_ms=61_000).calls
    post.tell(Calls(calls=[*calls(post, 2).calls, *calls(post, 1).calls, *old], names=NAMES, series="A"))
    assert [each.number for each in spoken(post, 2)] == ["A001", "A002"]


def test_without_the_document_of_a_hall_nothing_is_spoken_and_nothing_rendered(post: Post) -> None:
    post.give(bulletin("b1", post.clock.wall_ms() + 200))
    await_condition(lambda: post.facts.bodies(PlaybackFinished))
    assert not (post.directory / "stems").exists()


def test_a_bulletin_waits_for_the_calls_and_a_call_for_the_bulletin_that_sounds(post: Post) -> None:
    ready(post)
    post.tell(calls(post, 1, 2))
    post.give(bulletin("b1", post.clock.wall_ms() + 1_200))
    before = spoken(post, 2)
    await_condition(lambda: post.facts.bodies(PlaybackStarted))
    post.tell(calls(post, 1, 2, 3))
    (played,) = await_condition(lambda: post.facts.bodies(PlaybackFinished))
    after = spoken(post, 3)[-1]
    assert played.started_at_ms >= before[-1].started_at_ms + before[-1].duration_ms
    assert after.started_at_ms >= played.started_at_ms + played.duration_ms - 200  # its silent tail


def test_an_emergency_goes_before_the_calls_that_would_run_into_it(post: Post) -> None:
    ready(post)
    due_ms = post.clock.wall_ms() + 1_700
    post.give(bulletin("b1", due_ms, priority="emergency"))
    await_condition(lambda: list((post.directory / "speech").glob("*.wav")))
    post.tell(calls(post, 1, 2))
    (played,) = await_condition(lambda: post.facts.bodies(PlaybackFinished))
    assert played.started_at_ms == pytest.approx(due_ms, abs=60)
    told = spoken(post, 2)
    assert told[-1].started_at_ms >= played.started_at_ms + played.duration_ms - 200


def test_a_voice_that_hangs_costs_a_call_its_words_not_its_chime(tmp_path: Path) -> None:
    hanging = ChildVoice("hanging", ["sh", "-c", "sleep 1000"], timeout_s=0.2)
    post = Post(tmp_path, voice=hanging)
    post.power_on()
    try:
        post.tell(calls(post, 1))
        assert spoken(post)[0].duration_ms == pytest.approx(len(call_chime()) / RATE_HZ * 1000 + 400, abs=80)
        assert any("lời gọi số" in text for text in post.problems.texts())
    finally:
        post.power_off()


def test_a_card_that_is_pulled_out_speaks_when_it_is_back(post: Post) -> None:
    ready(post)
    post.card.unplugged = True
    post.tell(calls(post, 1))
    await_condition(lambda: any("Loa không phát" in text for text in post.problems.texts()))
    post.card.unplugged = False
    assert spoken(post)[0].number == "A001"
    assert not post.problems.texts()


class Speaking(ToneVoice):
    """Notes what it was asked for, and fails the first time."""

    def __init__(self) -> None:
        super().__init__(PIECE_S)
        self.asked: list[str] = []

    def speak(self, text: str) -> NDArray[np.int16]:
        self.asked.append(text)
        if self.asked == [text]:
            raise UnspeakableError("the first try fails")
        return super().speak(text)


def test_recorded_words_are_used_and_what_is_missing_is_named_and_rendered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("speaker_node.hall.stems.AGAIN_AFTER_S", 0.05)
    recorded = tmp_path / "stems"
    recorded.mkdir()
    own = (3_000 * np.ones(RATE_HZ // 2)).astype(np.int16)
    (recorded / "moi-so.wav").write_bytes(to_wav(own))
    (recorded / "7.wav").write_bytes(b"no sound at all")
    voice = Speaking()
    stems = Stems(recorded, tmp_path / "rendered", voice, lambda: None)
    try:
        invite, seven = Piece("moi-so", "mời số"), Piece("7", "bảy")
        stems.want([invite, seven])
        await_condition(lambda: stems.sound(seven) is not None)
        assert voice.asked == ["bảy", "bảy"], "a voice that failed is asked again"
        heard = stems.sound(invite)
        assert heard is not None
        assert len(heard) == pytest.approx(len(own), abs=10)
        assert "7.wav" in stems.mistakes[0]
        assert "0.wav" in stems.mistakes[1]
        assert "moi-so.wav" not in stems.mistakes[1]
    finally:
        stems.close()


def test_what_is_heard_is_chime_and_words_without_holes(post: Post) -> None:
    ready(post)
    post.tell(calls(post, 1))
    told = spoken(post)[0]
    samples, rate_hz = read_wave(post.directory / "heard.wav")
    loud = np.flatnonzero(np.abs(samples) > 300)
    sounded_ms = (loud[-1] - loud[0]) / rate_hz * 1_000
    assert sounded_ms == pytest.approx(told.duration_ms - 400, abs=300)
    assert np.diff(loud).max() / rate_hz < 1.0
