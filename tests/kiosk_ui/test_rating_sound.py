"""What a rating node lets be heard: tones at once, prompts rendered ahead, never at the cost of an answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_agent.hardware import FillBlock, HardwareError, SoundCard
from firmware_agent.voices.voice import UnspeakableError
from kiosk_ui.catalogue import load_catalogue
from kiosk_ui.prompts import Prompts, prompt_texts
from kiosk_ui.rating import RatingNode
from kiosk_ui.rating_settings import REASONS, RatingSettings
from kiosk_ui.sounder import BLOCK_FRAMES, CLOSED_AFTER_S, Sounder
from kiosk_ui.tones import RATE_HZ, tone
from tests.kiosk_ui.stand import Stand
from tests.support.waiting import await_condition
from wire.facts import RatingPressed
from wire.scales import SCALES

SOUND = np.arange(1, 1_201, dtype=np.int16)


class Card:
    """A sound card whose blocks the test asks for."""

    def __init__(self) -> None:
        self.fill: FillBlock | None = None
        self.opened = self.closed = 0

    def open_output(self, _rate_hz: int, _block_frames: int, fill: FillBlock) -> Card:
        self.fill = fill
        self.opened += 1
        return self

    def start(self) -> None:
        assert self.fill is not None

    def close(self) -> None:
        self.closed += 1

    def block(self) -> list[int]:
        assert self.fill is not None
        out: NDArray[np.int16] = np.full((BLOCK_FRAMES, 1), 7, np.int16)
        self.fill(out, BLOCK_FRAMES, None, None)  # type: ignore[arg-type]
        return [int(each) for each in out[:, 0]]


class Silent(Card):
    """A card whose plug is out."""

    def open_output(self, _rate_hz: int, _block_frames: int, fill: FillBlock) -> Card:
        raise HardwareError("không có loa")


class Speaker:
    """A voice that speaks as long as its text."""

    name = "test"

    def __init__(self, ill: bool = False) -> None:
        self.said: list[str] = []
        self._ill = ill

    def speak(self, text: str) -> NDArray[np.int16]:
        self.said.append(text)
        if self._ill:
            raise UnspeakableError("hoarse")
        return np.full(len(text), 5, np.int16)


def test_sounds_follow_each_other_without_a_gap_then_silence() -> None:
    card = Card()
    sounder = Sounder(card, volume=1.0)
    sounder.play(SOUND[:500], SOUND[500:])
    heard = [*card.block(), *card.block(), *card.block()]
    assert heard[:1_200] == SOUND.tolist()
    assert set(heard[1_200:]) == {0}
    assert not sounder.sounds


def test_the_newest_sound_wins_and_the_stream_stays_open_for_a_while() -> None:
    card = Card()
    sounder = Sounder(card, volume=0.5)
    sounder.play(SOUND)
    card.block()
    sounder.play(np.full(10, 100, np.int16))
    assert card.block()[:11] == [50] * 10 + [0]
    assert (card.opened, card.closed) == (1, 0)
    sounder.look(0.0)
    sounder.look(CLOSED_AFTER_S)
    assert card.closed == 1
    sounder.play(SOUND)
    assert card.opened == 2


def test_a_card_that_is_not_there_is_a_problem_and_nothing_worse() -> None:
    sounder = Sounder(Silent(), volume=1.0)
    sounder.play(SOUND)
    assert "loa" in sounder.problem
    sounder.close()


@pytest.mark.parametrize("name", ["taken", "failed"])
def test_tones_are_short_and_do_not_click(name: Any) -> None:
    samples = tone(name).astype(int)
    assert 0.2 < len(samples) / RATE_HZ < 0.4
    assert 8_000 < np.abs(samples).max() < 30_000
    assert abs(samples[0]) < 200
    assert abs(samples[-1]) < 2_000


def test_prompts_are_rendered_ahead_once_and_kept(tmp_path: Path) -> None:
    texts = {"vi": {"ask": "có hài lòng không", "level-1": "rất"}}
    first, second = Speaker(), Speaker()
    for voice, said in ((first, 2), (second, 0)):
        prompts = Prompts(tmp_path, {"vi": voice}, texts, lambda: None)
        await_condition(lambda prompts=prompts: prompts.sound("vi", "level-1") is not None)  # type: ignore[misc]
        assert len(voice.said) == said
        prompts.close()
    (tmp_path / "old.npy").write_bytes(b"no sound")
    prompts = Prompts(tmp_path, {"vi": second}, {"vi": {"ask": "khác"}}, lambda: None)
    await_condition(lambda: len(list(tmp_path.glob("*.npy"))) == 1)


def test_a_voice_that_fails_leaves_its_prompts_out(tmp_path: Path) -> None:
    prompts = Prompts(tmp_path, {"vi": Speaker(ill=True)}, {"vi": {"ask": "a"}}, lambda: None)
    await_condition(lambda: prompts.problem)
    assert prompts.sound("vi", "ask") is None


def test_every_choice_is_said_in_its_order() -> None:
    said = prompt_texts(load_catalogue(), SCALES["vi4"], REASONS)
    names = ["Rất hài lòng", "; 2: Hài lòng", "Bình thường", "Không hài lòng"]
    places = [said["ask"].index(name) for name in names]
    assert places == sorted(places)
    assert "Chờ lâu" in said["reason"]
    assert {"level-1", "level-4", "idle"} <= set(said)


class Loud(Stand):
    """A stand with a sound card."""

    card: SoundCard

    def sound_card(self) -> SoundCard:
        return self.card


def test_a_press_is_heard_and_a_dead_loudspeaker_costs_no_press(tmp_path: Path) -> None:
    for card, heard in ((Card(), True), (Silent(), False)):
        stand = Loud(tmp_path / type(card).__name__)
        stand.card = card
        settings = RatingSettings(sound=True, catalogue="", width=800, height=480)
        stand.start(RatingNode(stand.context(settings)))
        await_condition(stand.shown)
        stand.sim_pins.press(settings.pins[0], 0.05)
        await_condition(lambda stand=stand: any(isinstance(b, RatingPressed) for b in stand.facts.bodies()))  # type: ignore[misc]
        if heard:
            await_condition(lambda card=card: card.fill is not None)  # type: ignore[misc]
            assert any(card.block())
        else:
            await_condition(lambda stand=stand: any("loa" in each for each in stand.problems.texts()))  # type: ignore[misc]
        stand.close()
