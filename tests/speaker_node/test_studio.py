from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from speaker_node.planner import Speech
from speaker_node.studio import AHEAD_MAX, TRIES, Studio
from tests.speaker_node.stand_ins import ToneVoice, bulletin
from tests.support.waiting import await_condition
from wire.intents import Bulletin


class CountingVoice(ToneVoice):
    """Notes what it spoke."""

    def __init__(self) -> None:
        super().__init__()
        self.spoken: list[str] = []

    def speak(self, text: str):  # type: ignore[no-untyped-def]
        self.spoken.append(text)
        return super().speak(text)


@pytest.fixture
def voice() -> CountingVoice:
    return CountingVoice()


@pytest.fixture
def studio(tmp_path: Path, voice: CountingVoice) -> Iterator[Studio]:
    made = Studio(tmp_path, voice, threading.Event().set)
    yield made
    made.close()


def many(count: int) -> list[Bulletin]:
    return [bulletin(f"b{each}", at_ms=1_000 * each) for each in range(count)]


def ready(studio: Studio, count: int) -> None:
    await_condition(lambda: len(studio.speech()) == count)


def test_it_renders_ahead_the_next_by_time_and_no_more(studio: Studio, tmp_path: Path) -> None:
    studio.want(list(reversed(many(AHEAD_MAX + 4))))
    ready(studio, AHEAD_MAX)
    assert set(studio.speech()) == {f"b{each}" for each in range(AHEAD_MAX)}
    assert len(list(tmp_path.iterdir())) == AHEAD_MAX


def test_what_left_the_programme_leaves_the_disk(studio: Studio, tmp_path: Path) -> None:
    studio.want(many(3))
    ready(studio, 3)
    studio.want(many(1))
    ready(studio, 1)
    kept = studio.rendered("b0")
    assert kept is not None
    assert list(tmp_path.iterdir()) == [kept.path]
    assert studio.rendered("b1") is None


def test_a_text_is_rendered_once_for_all_that_say_it(studio: Studio, voice: CountingVoice) -> None:
    studio.want([bulletin(each, 0, text="Một lời") for each in "abc"])
    ready(studio, 3)
    assert voice.spoken == ["một lời"]


def test_the_words_of_the_hub_are_said_and_else_its_own_reading(studio: Studio, voice: CountingVoice) -> None:
    studio.want([bulletin("a", 0, text="BQLCĐ họp 7h", spoken="ban quản lý cánh đồng họp bảy giờ")])
    ready(studio, 1)
    studio.want([bulletin("a", 0, text="UBND họp 7h30")])
    await_condition(lambda: len(voice.spoken) == 2)
    assert voice.spoken == ["ban quản lý cánh đồng họp bảy giờ", "ủy ban nhân dân họp bảy giờ ba mươi phút"]


def test_a_failing_voice_is_asked_again_and_then_its_error_kept(studio: Studio, voice: CountingVoice) -> None:
    voice.broken = True
    studio.want(many(1))
    ready(studio, 1)
    assert studio.speech()["b0"] == Speech(error="the tone is broken")
    assert len(voice.spoken) == TRIES


def test_a_spoilt_file_is_rendered_anew(studio: Studio, voice: CountingVoice) -> None:
    studio.want(many(1))
    ready(studio, 1)
    studio.spoil("b0")
    ready(studio, 1)
    rendered = studio.rendered("b0")
    assert rendered is not None
    assert rendered.path.exists()
    assert len(voice.spoken) == 2


def test_a_restarted_studio_finds_what_it_rendered(
    studio: Studio, tmp_path: Path, voice: CountingVoice
) -> None:
    studio.want(many(1))
    ready(studio, 1)
    again = Studio(tmp_path, voice, threading.Event().set)
    again.want(many(1))
    ready(again, 1)
    again.close()
    assert len(voice.spoken) == 1
