from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from speaker_node.speech import Rendered
from speaker_node.studio import AHEAD_MAX, TRIES, Studio, Unspeakable
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


def ready(studio: Studio, *bulletins: Bulletin) -> None:
    await_condition(lambda: all(studio.rendered(each) is not None for each in bulletins))


def test_it_renders_what_a_programme_holds_and_no_more(studio: Studio, tmp_path: Path) -> None:
    wanted = many(AHEAD_MAX + 4)
    studio.want(wanted)
    ready(studio, *wanted[:AHEAD_MAX])
    assert [studio.rendered(each) for each in wanted[AHEAD_MAX:]] == [None] * 4
    assert len(list(tmp_path.iterdir())) == AHEAD_MAX


def test_what_left_the_programme_leaves_the_disk(studio: Studio, tmp_path: Path) -> None:
    b0, b1, b2 = many(3)
    studio.want([b0, b1, b2])
    ready(studio, b0, b1, b2)
    studio.want([b0])
    kept = studio.rendered(b0)
    assert isinstance(kept, Rendered)
    assert list(tmp_path.iterdir()) == [kept.path]
    assert studio.rendered(b1) is None


def test_a_text_is_rendered_once_for_all_that_say_it(studio: Studio, voice: CountingVoice) -> None:
    same = [bulletin(each, 0, text="Một lời") for each in ("a@1", "a@2", "b")]
    studio.want(same)
    ready(studio, *same)
    assert voice.spoken == ["một lời"]


def test_the_words_of_the_hub_are_said_and_else_its_own_reading(studio: Studio, voice: CountingVoice) -> None:
    sent = bulletin("a", 0, text="BQLCĐ họp 7h", spoken="ban quản lý cánh đồng họp bảy giờ")
    studio.want([sent])
    ready(studio, sent)
    studio.want([bulletin("a", 0, text="UBND họp 7h30")])
    await_condition(lambda: len(voice.spoken) == 2)
    assert voice.spoken == ["ban quản lý cánh đồng họp bảy giờ", "ủy ban nhân dân họp bảy giờ ba mươi phút"]
    assert studio.words(sent) == sent.spoken


def test_a_failing_voice_is_asked_again_and_then_its_error_kept(studio: Studio, voice: CountingVoice) -> None:
    voice.broken = True
    (b0,) = many(1)
    studio.want([b0])
    ready(studio, b0)
    assert studio.rendered(b0) == Unspeakable("the tone is broken")
    assert studio.errors() == ["the tone is broken"]
    assert len(voice.spoken) == TRIES


def test_a_spoilt_file_is_rendered_anew(studio: Studio, voice: CountingVoice) -> None:
    (b0,) = many(1)
    studio.want([b0])
    ready(studio, b0)
    studio.spoil(b0)
    ready(studio, b0)
    rendered = studio.rendered(b0)
    assert isinstance(rendered, Rendered)
    assert rendered.path.exists()
    assert len(voice.spoken) == 2


def test_a_restarted_studio_finds_what_it_rendered(
    studio: Studio, tmp_path: Path, voice: CountingVoice
) -> None:
    (b0,) = many(1)
    studio.want([b0])
    ready(studio, b0)
    again = Studio(tmp_path, voice, threading.Event().set)
    again.want([b0])
    ready(again, b0)
    again.close()
    assert len(voice.spoken) == 1
