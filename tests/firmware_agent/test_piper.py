"""A voice that the commune brings: a small but valid model in Piper's format, asked by the real children."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from firmware_agent.settings import SettingsError
from firmware_agent.voices.espeak import Espeak, EspeakError
from firmware_agent.voices.piper_files import PiperConfig, load_piper
from firmware_agent.voices.piper_phonemes import numbers, with_marks
from firmware_agent.voices.sentences import EDGE_S
from firmware_agent.voices.settings import VoiceSettings, open_voice
from firmware_agent.voices.spare import REST_S, SpareVoice, prompt_voice, with_voice
from firmware_agent.voices.voice import RATE_HZ, UnspeakableError, Voice
from tests.support.piper_model import SYMBOLS, TONE_S, heard_numbers, write_piper_voice

SENTENCE = "kính mời bà con."
EDGE = round(EDGE_S * RATE_HZ)
"""The silence at the ends of what was said."""
SAID_BY_PIPER = {
    "kính mời bà con đến nhà văn hóa thôn lúc bảy giờ tối nay.": (
        "kˈiɜɲ mˈəː2j bˈaː2 kˌɔn ɗˌeɜn ɲˈaː2 vˈan hwˈaːɜ tˈon lˌuɜc bˈa4j zˈəː2 t̪ˈoɜj nˈaj."
    ),
    "bà con có nghe rõ không?": "bˈaː2 kˌɔn kˈɔɜ ŋˈɛ zˈɔ5 xˌoŋ?",
    "cảm ơn; hẹn gặp lại: xin chào": "kˈaː4m ˈəːn; hˈɛ6n ɣˈa6p lˈaː6j: sˈin tʃˈaː2w",
    "bật ứng dụng zalo, facebook rồi gọi một một ba.": (
        "bˈə6t̪ ˈyɜŋ zˈu6ŋ zˈɑːləʊ, fˈeɪsbʊk zˈo2j ɣˈɔ6j mˈo6t̪ mˈo6t̪ bˈaː."
    ),
}
"""What piper-tts 1.8.0 makes of these, by its own espeak-ng."""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "vi_VN-tones-low.onnx"
    write_piper_voice(path)
    return path


def voice(model: Path, **settings: object) -> Voice:
    return open_voice(VoiceSettings.model_validate({"voice_file": model.name, **settings}), model.parent)


def spoken(voice: Voice, text: str = SENTENCE) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    sound = voice.speak(text)
    assert isinstance(voice, SpareVoice)
    assert voice.problem == ""
    return np.asarray(sound)


def test_the_phonemes_are_those_of_piper() -> None:
    espeak = Espeak("vi")
    assert {text: with_marks(text, espeak.phonemes) for text in SAID_BY_PIPER} == SAID_BY_PIPER
    with pytest.raises(EspeakError, match="nowhere"):
        Espeak("nowhere")


def test_numbers_have_ends_and_nothing_between_and_leave_out_what_the_model_never_learnt() -> None:
    known = {"_": [0], "^": [1], "$": [2], "a": [3], "ɪ": [4], "aɪ": [5, 6], "̪": [7]}
    config = PiperConfig.model_validate(
        {
            "audio": {"sample_rate": 22_050},
            "phoneme_id_map": known,
            "num_symbols": 8,
            "vowel_clusters": [["a", "ɪ"]],
        }
    )
    assert numbers("a̪Xaɪɪ", config) == [1, 0, 3, 0, 7, 0, 5, 6, 0, 4, 0, 2]


def test_every_phoneme_is_heard_in_its_place_at_our_rate(model: Path) -> None:
    config = load_piper(model).config
    asked = numbers(with_marks(SENTENCE, Espeak("vi").phonemes), config)
    sound = spoken(voice(model))[EDGE:-EDGE]
    assert len(sound) == pytest.approx(len(asked) * TONE_S * RATE_HZ, abs=60)
    assert heard_numbers(sound, RATE_HZ) == asked
    assert len({SYMBOLS[number] for number in asked}) > 10


def test_speed_and_pauses_are_kept_and_the_same_words_sound_alike(model: Path) -> None:
    write_piper_voice(model, rate_hz=22_050, noise=0.2, speakers=3)
    once = spoken(voice(model))
    assert np.array_equal(once, spoken(voice(model))), "its noise is drawn alike everywhere"
    twice = spoken(voice(model, pause_ms=1_500, words_per_minute=300), f"{SENTENCE} {SENTENCE}")
    pause = round(1.5 * RATE_HZ)
    assert len(twice) == pytest.approx(len(once) + pause, abs=60)
    middle = len(twice) // 2
    silent = ~twice.astype(bool)
    assert silent[middle - pause // 2 + 60 : middle + pause // 2 - 60].all()
    assert not silent[: middle - pause // 2 - 60][EDGE + 60 :].all()


def test_a_model_that_fails_is_replaced_by_espeak_and_told(model: Path) -> None:
    ready = voice(model)
    model.write_bytes(b"\x08 this is no model")
    assert len(ready.speak(SENTENCE)) > RATE_HZ
    assert isinstance(ready, SpareVoice)
    assert "piper vi_VN-tones-low" in ready.problem


def test_files_that_cannot_be_used_are_told_all_at_once(model: Path) -> None:
    beside = model.with_name(f"{model.name}.json")
    config = json.loads(beside.read_text())
    model.write_bytes(b"GIF89a")
    beside.write_text(json.dumps({**config, "num_symbols": 3, "audio": {"sample_rate": 1}}))
    with pytest.raises(SettingsError) as found:
        voice(model)
    assert [any(word in line for line in found.value.mistakes) for word in ("ONNX", "sample_rate")] == [
        True,
        True,
    ]
    flood = {**config, "phoneme_id_map": {**config["phoneme_id_map"], "a": [1] * 100_000}}
    for text, told in (
        ("{", "JSON"),
        (json.dumps({**config, "num_symbols": 3}), "num_symbols"),
        (json.dumps(flood), "phoneme_id_map"),
    ):
        beside.write_text(text)
        with pytest.raises(SettingsError, match=told):
            load_piper(model)
    model.unlink()
    beside.unlink()
    for endless in (model, beside):
        os.mkfifo(endless)
    with pytest.raises(SettingsError) as nothing:
        load_piper(model)
    assert [line.endswith("(not a file)") for line in nothing.value.mistakes] == [True, True]
    model.unlink()
    beside.unlink()
    with pytest.raises(SettingsError) as missing:
        load_piper(model)
    assert len(missing.value.mistakes) == 2
    with model.open("wb") as file:
        file.write(b"\x08")
        file.truncate(300 * 1024 * 1024)
    with pytest.raises(SettingsError, match="tối đa"):
        load_piper(model)


class Said:
    """A voice that notes what it is asked, and fails while it is `ill`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ill = False
        self.asked: list[str] = []

    def speak(self, text: str) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
        self.asked.append(text)
        if self.ill:
            raise UnspeakableError(f"{self.name} is ill")
        return np.ones(100, np.int16)


def test_a_voice_that_failed_rests_and_is_asked_again() -> None:
    now_s = [100.0]
    first, spare = Said("first"), Said("spare")
    both = SpareVoice(first, spare, lambda: now_s[0])
    first.ill = True
    assert with_voice(both, lambda each: (each.speak("một"), each.name)[1]) == "spare"
    both.speak("hai")
    assert (first.asked, both.problem) == (["một"], "first is ill"), "one that hangs holds nothing up twice"
    first.ill = False
    now_s[0] += REST_S
    both.speak("ba")
    assert (first.asked, spare.asked, both.problem) == (["một", "ba"], ["một", "hai"], "")
    assert prompt_voice(both) is spare


def test_what_neither_can_say_is_not_the_voices_fault() -> None:
    first, spare = Said("first"), Said("spare")
    first.ill = spare.ill = True
    both = SpareVoice(first, spare)
    for _ in range(2):
        with pytest.raises(UnspeakableError, match="spare is ill"):
            both.speak("…")
    assert both.problem == ""
    assert len(first.asked) == 2
