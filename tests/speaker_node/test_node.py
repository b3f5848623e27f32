"""The whole node on the virtual sound card: what is heard, when, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.judging.listening import listen
from speaker_node.voice import ChildVoice
from tests.speaker_node.stand_ins import Post, ToneVoice, bulletin
from tests.support.waiting import await_condition
from wire.facts import PlaybackFinished, PlaybackRefused, PlaybackStarted

ON_TIME_S = 0.05


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    made = Post(tmp_path)
    yield made
    made.power_off()


def finished(post: Post, count: int = 1) -> list[PlaybackFinished]:
    return await_condition(lambda: len(found := post.facts.bodies(PlaybackFinished)) >= count and found) or []


def refused(post: Post) -> PlaybackRefused:
    return await_condition(lambda: post.facts.bodies(PlaybackRefused))[-1]


def started(post: Post) -> PlaybackStarted:
    return await_condition(lambda: post.facts.bodies(PlaybackStarted))[-1]


def test_a_bulletin_sounds_at_its_second_and_nothing_else_does(post: Post) -> None:
    post.power_on()
    due_ms = post.clock.wall_ms() + 1_500
    due_s = post.at_s(due_ms)
    post.give(bulletin("b1", due_ms))
    told = finished(post)[0]
    (sounding,) = listen(post.directory)
    assert sounding.start_s == pytest.approx(due_s, abs=ON_TIME_S)
    assert sounding.lasts_s == pytest.approx(2.15, abs=0.3)  # chime, pause and tone, without the silent tail
    assert told.bulletin == "b1"
    assert told.underruns == 0
    assert told.started_at_ms == pytest.approx(due_ms, abs=50)
    assert told.duration_ms == pytest.approx(2_350, abs=100)
    assert started(post).due_at_ms == due_ms
    assert not post.facts.bodies(PlaybackRefused)


def test_two_at_the_same_second_sound_one_after_the_other_the_emergency_first(post: Post) -> None:
    post.power_on()
    due_ms = post.clock.wall_ms() + 300
    post.give(bulletin("a", due_ms), bulletin("b", due_ms, priority="emergency"))
    assert [each.bulletin for each in finished(post, 2)] == ["b", "a"]
    begun = [each.started_at_ms for each in post.facts.bodies(PlaybackStarted)]
    assert begun[1] - begun[0] > 2_300


def test_a_withdrawn_bulletin_falls_silent_at_once(post: Post) -> None:
    post.power_on()
    post.give(bulletin("b1", post.clock.wall_ms() + 900))
    await_condition(lambda: listen(post.directory))
    withdrawn_s = post.since_s()
    post.give()
    told = refused(post)
    assert told.reason == "withdrawn"
    assert listen(post.directory)[-1].end_s < withdrawn_s + 0.2
    assert not post.facts.bodies(PlaybackFinished)


def test_a_void_programme_is_silence(post: Post) -> None:
    post.power_on()
    post.give(bulletin("b1", post.clock.wall_ms() + 900))
    started(post)
    post.documents.programme = None
    assert refused(post).reason == "withdrawn"


def test_a_wall_clock_that_is_set_moves_the_start(post: Post) -> None:
    post.power_on()
    due_ms = post.clock.wall_ms() + 2_300
    post.give(bulletin("b1", due_ms))
    await_condition((post.directory / "heard.wav").exists)  # the card is open, nothing has sounded
    post.clock.set_wall(post.clock._wall_ms + 1_000)
    due_s = post.at_s(due_ms)
    await_condition(lambda: listen(post.directory))
    assert listen(post.directory)[0].start_s == pytest.approx(due_s, abs=ON_TIME_S)


def test_an_unsure_clock_is_silence_until_it_is_set(post: Post) -> None:
    post.clock.is_synced = False
    post.power_on()
    post.give(bulletin("b1", post.clock.wall_ms()))
    await_condition(lambda: any("Đồng hồ" in text for text in post.problems.texts()))
    assert not listen(post.directory)
    post.clock.is_synced = True
    started(post)
    assert post.problems.texts() == []


def test_a_node_stopped_in_the_middle_tells_so_and_never_sounds_it_again(post: Post) -> None:
    post.power_on()
    due_ms = post.clock.wall_ms() + 900
    post.give(bulletin("b1", due_ms))
    started(post)
    post.power_off()
    post.power_on()
    again_ms = post.clock.wall_ms() + 900
    post.give(bulletin("b1", due_ms), bulletin("b2", again_ms))
    await_condition(lambda: len(post.facts.bodies(PlaybackStarted)) == 2)
    assert [each.bulletin for each in post.facts.bodies(PlaybackStarted)] == ["b1", "b2"]
    assert [(each.bulletin, each.reason) for each in post.facts.bodies(PlaybackRefused)] == [
        ("b1", "interrupted")
    ]


def test_a_power_cut_in_the_middle_is_told_once_at_the_next_start(post: Post) -> None:
    due_ms = post.clock.wall_ms()
    post.power_on()
    begun = post.history().take([bulletin("b1", due_ms)], due_ms).begin("b1")
    post.power_off()
    post.power_on()
    post.facts.remember(begun.state())  # what a node that was killed in the middle leaves
    post.power_off()
    for _ in range(2):
        post.power_on()
        post.give(bulletin("b1", due_ms))
        assert refused(post).reason == "interrupted"
        post.power_off()
    post.power_on()
    assert len(post.facts.bodies(PlaybackRefused)) == 1
    assert not listen(post.directory)


def test_a_missing_sound_card_is_tried_again_within_the_window(post: Post) -> None:
    post.card.unplugged = True
    post.power_on()
    post.give(bulletin("b1", post.clock.wall_ms() + 500))
    await_condition(lambda: any("Loa không phát được" in text for text in post.problems.texts()))
    post.card.unplugged = False
    started(post)
    assert post.problems.texts() == []


def test_without_a_sound_card_the_bulletin_is_refused_when_its_window_closes(post: Post) -> None:
    post.card.unplugged = True
    post.power_on()
    due_ms = post.clock.wall_ms() + 500
    post.give(bulletin("b1", due_ms, late_until_ms=due_ms + 1_500))
    assert refused(post).reason == "no_sound_card"


def test_a_sound_card_that_is_pulled_out_ends_the_bulletin(post: Post) -> None:
    post.voice.length_s = 5.0
    post.power_on()
    post.give(bulletin("b1", post.clock.wall_ms() + 900))
    started(post)
    post.card.unplugged = True
    assert refused(post).reason == "no_sound_card"
    assert len(post.facts.bodies(PlaybackStarted)) == 1


def test_text_that_cannot_be_spoken_is_refused(tmp_path: Path) -> None:
    post = Post(tmp_path, voice=ToneVoice(broken=True))
    post.power_on()
    try:
        post.give(bulletin("b1", post.clock.wall_ms() + 300))
        told = refused(post)
        assert (told.reason, told.detail) == ("unspeakable", "the tone is broken")
        assert any("Không đọc được" in text for text in post.problems.texts())
    finally:
        post.power_off()


def test_a_voice_that_hangs_is_killed_and_the_bulletin_refused(tmp_path: Path) -> None:
    hanging = ChildVoice("hanging", ["sh", "-c", "sleep 1000"], timeout_s=0.2)
    post = Post(tmp_path, voice=hanging)
    post.power_on()
    try:
        post.give(bulletin("b1", post.clock.wall_ms() + 300))
        told = refused(post)
        assert told.reason == "unspeakable"
        assert "no answer" in told.detail
    finally:
        post.power_off()


def test_what_is_not_approved_never_sounds(post: Post) -> None:
    post.power_on()
    post.give(bulletin("b1", post.clock.wall_ms() + 200, approved=None))
    assert refused(post).reason == "not_approved"
    assert not (post.directory / "heard.wav").exists()
