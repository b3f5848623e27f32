"""What a loudspeaker hears of itself, and what it makes of it, in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware_agent.settings import SettingsError, check_settings
from speaker_node.hearing.listening import DEAF, FAULTS, JUDGED_S, SILENT
from speaker_node.hearing.proof import Fault
from speaker_node.settings import SpeakerSettings
from tests.speaker_node.hand_post import HandPost, SteppedEar
from tests.speaker_node.stand_ins import bulletin
from tests.speaker_node.test_playing import ended, give, soon
from wire.facts import PlaybackFinished, PlaybackStarted, SpeakerTested

Turned = Callable[[Any], Any]


class Babble:
    """Speaks noise that swells and fades like syllables: something that can be told from a hum."""

    name = "babble"

    def speak(self, text: str) -> Any:
        chance = np.random.default_rng(len(text))
        shape = np.repeat(chance.uniform(0, 1, 60) ** 2, 2_205)
        return (9_000 * shape * chance.normal(0, 0.4, len(shape))).clip(-32_000, 32_000).astype(np.int16)


@pytest.fixture
def post(tmp_path: Path) -> Iterator[HandPost]:
    made = HandPost(tmp_path, Babble())
    yield made
    made.close()


def with_ears(post: HandPost, **turned: Turned | None) -> None:
    """Give the pole ears by name; each hears through its function, None: as it is."""
    for name, how in turned.items():
        post.ears[name] = SteppedEar(post.card)
        if how is not None:
            post.ears[name].turned = how
    post.cut_power()


def gone(sound: Any) -> Any:
    return np.random.default_rng(1).normal(0, 25, len(sound))


def clipped(sound: Any) -> Any:
    return np.clip(sound * 8, -9_000, 9_000)


def deaf(sound: Any) -> Any:
    return np.zeros(len(sound))


def told(post: HandPost) -> PlaybackFinished:
    give(post, soon(post, "a", 2_600))
    (found,) = ended(post)
    assert isinstance(found, PlaybackFinished)
    return found


def test_a_loudspeaker_that_is_heard_says_so_and_how_loud(post: HandPost) -> None:
    with_ears(post, microphone=None)
    found = told(post)
    assert (found.verdict, found.fault, found.completeness) == ("heard", "", 1.0)
    assert found.sure is not None
    assert found.sure > 0.8
    assert found.level_dbfs is not None
    assert -45 < found.level_dbfs < -15
    assert post.problems.texts() == []
    assert post.ears["microphone"].opened == 0


@pytest.mark.parametrize(
    ("microphone", "sense", "verdict", "fault", "text"),
    [
        (gone, None, "silent", "horn", FAULTS[Fault.HORN]),
        (gone, gone, "silent", "amplifier", FAULTS[Fault.AMPLIFIER]),
        (clipped, None, "clipped", "overdriven", FAULTS[Fault.OVERDRIVEN]),
    ],
)
def test_two_ears_say_what_is_broken(
    post: HandPost, microphone: Turned, sense: Turned | None, verdict: str, fault: str, text: str
) -> None:
    with_ears(post, microphone=microphone, sense=sense)
    found = told(post)
    assert (found.verdict, found.fault) == (verdict, fault)
    assert post.problems.texts() == [text]


def test_a_microphone_alone_knows_that_it_hears_nothing_and_a_deaf_one_that_it_is_deaf(
    post: HandPost,
) -> None:
    with_ears(post, microphone=gone)
    assert told(post).verdict == "silent"
    assert post.problems.texts() == [SILENT]
    post.ears["microphone"].turned = deaf
    give(post, soon(post, "b", 2_600))
    assert ended(post, 2)[1].verdict == "deaf"
    assert DEAF in post.problems.texts()
    post.ears["microphone"].turned = lambda sound: sound / 4
    give(post, soon(post, "c", 2_600))
    assert ended(post, 3)[2].verdict == "heard"
    assert post.problems.texts() == []


def test_what_became_far_weaker_than_usual_is_told(post: HandPost) -> None:
    with_ears(post, microphone=None)
    assert told(post).verdict == "heard"
    post.cut_power()  # what is usual is kept
    post.ears["microphone"].turned = lambda sound: sound / 40
    give(post, soon(post, "b", 2_600))
    found = ended(post, 2)[1]
    assert (found.verdict, found.fault) == ("faint", "weak")


def test_without_a_microphone_or_with_one_that_is_gone_it_sounds_all_the_same(post: HandPost) -> None:
    found = told(post)
    assert (found.verdict, found.level_dbfs, found.completeness) == ("", None, 1.0)
    with_ears(post, microphone=None)
    post.ears["microphone"].absent = True
    give(post, soon(post, "b", 2_600))
    assert ended(post, 2)[1].verdict == ""
    assert any("Không nghe lại" in text for text in post.problems.texts())


def test_what_is_kept_of_a_long_bulletin_is_bounded(post: HandPost) -> None:
    with_ears(post, microphone=None)
    give(post, soon(post, "a", 2_600, repeats=5))
    post.until(lambda: post.bodies(PlaybackStarted))
    stage = post.node._stage
    assert stage is not None
    assert stage.recording is not None
    found = ended(post)[0]
    assert found.verdict == "heard"
    assert sum(map(len, stage.recording._sent)) == pytest.approx(JUDGED_S * 22_050, abs=1)
    ear = stage.recording._ears["microphone"]
    assert len(ear._blocks) * 512 < (JUDGED_S + 6) * 22_050


def test_once_a_month_it_tries_itself_when_nothing_else_sounds(tmp_path: Path) -> None:
    post = HandPost(tmp_path, Babble())
    now = datetime.fromtimestamp(post.clock.wall_ms() / 1000 + 7 * 3_600, UTC)
    post.settings = SpeakerSettings(quiet_hours=False, self_test_day=now.day, self_test_at=time(10))
    try:
        with_ears(post, microphone=None)
        post.run(1.0)
        busy = soon(post, "b", 0, priority="emergency")  # it gives way
        give(post, busy)
        ended(post)
        (tested,) = post.until(lambda: post.bodies(SpeakerTested))
        assert (tested.verdict, tested.fault) == ("heard", "")
        post.cut_power()
        post.run(20.0)
        assert len(post.bodies(SpeakerTested)) == 1
        post.ears["microphone"].turned = gone
        month_ms = 31 * 86_400_000
        post.clock.advance(month_ms)
        again = post.until(lambda: len(found := post.bodies(SpeakerTested)) == 2 and found)
        assert again[1].verdict == "silent"
        assert post.ears["microphone"].opened == 0
    finally:
        post.close()


def test_a_test_in_quiet_hours_is_a_mistake() -> None:
    with pytest.raises(SettingsError, match="self_test_at"):
        check_settings({"self_test_day": 1, "self_test_at": "20:30"}, SpeakerSettings, "test")
    assert check_settings({"self_test_at": "23:00"}, SpeakerSettings, "test").self_test_day == 0


def test_bulletins_go_on_while_an_ear_says_nothing(post: HandPost) -> None:
    """An input that is open and mute is waited for a moment, no more."""
    with_ears(post, microphone=None)
    post.ears["microphone"].step = lambda _: None
    found = told(post)
    assert found.verdict in ("", "deaf")
    give(post, bulletin("b", post.clock.wall_ms() + 2_600))
    assert ended(post, 2)[1].bulletin == "b"
