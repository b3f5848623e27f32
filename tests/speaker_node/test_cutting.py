"""What is more urgent cuts, and what was cut goes on: on the virtual sound card, in real time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sim.judging.listening import read_wave
from tests.speaker_node.stand_ins import F, Post, ToneVoice, bulletin
from tests.support.waiting import await_condition
from wire.facts import PlaybackCut, PlaybackFinished, PlaybackRefused, PlaybackStarted


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    made = Post(tmp_path, voice=ToneVoice(length_s=2.5))
    made.power_on()
    yield made
    made.power_off()


def await_facts(post: Post, kind: type[F], count: int = 1) -> list[F]:
    await_condition(lambda: len(post.facts.bodies(kind)) >= count)
    return post.facts.bodies(kind)


def loudest(post: Post, begin_s: float, end_s: float) -> int:
    """Return the highest sample that was heard within this stretch."""
    samples, rate_hz = read_wave(post.directory / "heard.wav")
    t0_s = json.loads((post.directory / "heard.json").read_text())["t0"]
    begin, end = (round((each - t0_s) * rate_hz) for each in (begin_s, end_s))
    return int(np.abs(samples[begin:end].astype(int)).max())


def test_an_emergency_new_to_the_node_cuts_at_once_and_music_goes_on_where_it_was(post: Post) -> None:
    music = bulletin("music", post.clock.wall_ms() + 900, priority="music", when_cut="resume", chime=False)
    post.give(music)
    await_facts(post, PlaybackStarted)
    told_ms = post.clock.wall_ms()
    told_s = post.at_s(told_ms)
    alarm = bulletin("alarm", told_ms, priority="emergency", text="Lũ về. Bà con lên chỗ cao ngay bây giờ.")
    post.give(music, alarm)
    finished = await_facts(post, PlaybackFinished, 2)
    assert [each.bulletin for each in finished] == ["alarm", "music"]
    (cut,) = post.facts.bodies(PlaybackCut)
    assert (cut.bulletin, cut.by, cut.then) == ("music", "alarm", "resume")
    assert loudest(post, told_s - 0.1, told_s) > 1_000
    assert cut.started_at_ms + cut.sounded_ms - told_ms < 300
    starts = {(each.bulletin, each.from_ms): each for each in post.facts.bodies(PlaybackStarted)}
    alarm_s = post.at_s(starts["alarm", 0].started_at_ms)
    assert alarm_s - told_s < 0.9
    assert loudest(post, alarm_s - 0.1, alarm_s - 0.02) == 0
    assert starts["music", cut.sounded_ms].due_at_ms == music.at_ms
    assert finished[1].duration_ms == pytest.approx(2_700, abs=100)
    assert finished[1].started_at_ms == cut.started_at_ms
    assert not post.facts.bodies(PlaybackRefused)


def test_the_second_half_is_what_the_first_was_not(post: Post) -> None:
    """The tone of the voice is cut and goes on: together it sounds as long as it is, no more."""
    music = bulletin("music", post.clock.wall_ms() + 900, priority="music", when_cut="resume", chime=False)
    post.give(music)
    await_facts(post, PlaybackStarted)
    post.give(music, bulletin("urgent", post.clock.wall_ms(), priority="urgent", chime=True))
    await_facts(post, PlaybackFinished, 2)
    samples, rate_hz = read_wave(post.directory / "heard.wav")
    loud = np.abs(samples.reshape(-1)[: len(samples) // 220 * 220].reshape(-1, 220)).max(axis=1) > 1_000
    # Music 2.5 s, and of the urgent one the chime rings about as long as the tone is loud.
    assert loud.sum() * 220 / rate_hz == pytest.approx(2.5 + 2.5 + 1.4, abs=0.5)
