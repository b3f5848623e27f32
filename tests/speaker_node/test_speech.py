from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from speaker_node.arrangement import FileSound, arranged
from speaker_node.chime import FULL_SCALE, RATE_HZ, chime
from speaker_node.speech import (
    SAID_MAX,
    clear_unfinished,
    estimate_duration_s,
    keep_newest,
    keep_only,
    render_speech,
    rendering_name,
    speak,
)
from speaker_node.voice import UnspeakableError
from tests.speaker_node.stand_ins import ToneVoice


def test_the_chime_is_the_same_each_time_and_does_not_clip() -> None:
    assert chime() is chime()
    assert 1.0 < len(chime()) / RATE_HZ < 2.5
    assert 0.5 < np.abs(chime()).max() / FULL_SCALE < 0.7


def test_speech_is_levelled_below_full_scale() -> None:
    sound = speak("Kính mời", ToneVoice(0.5))
    assert sound.dtype == np.int16
    assert np.abs(sound.astype(int)).max() == pytest.approx(0.9 * FULL_SCALE, abs=2)
    assert len(sound) == round(0.5 * RATE_HZ)


@pytest.mark.parametrize("text", ["", " \n ", "… !?", "a" * (SAID_MAX + 1)])
def test_text_without_words_or_too_long_cannot_be_spoken(text: str) -> None:
    with pytest.raises(UnspeakableError):
        speak(text, ToneVoice())


def test_a_rendering_is_made_once_and_found_again(tmp_path: Path) -> None:
    first = render_speech("Kính mời", tmp_path, ToneVoice())
    again = render_speech("Kính mời", tmp_path, ToneVoice(broken=True))
    assert again == first
    assert np.array_equal(soundfile.read(again.path, dtype="int16")[0], speak("Kính mời", ToneVoice()))
    assert soundfile.info(first.path).subtype == "PCM_16"
    assert first.duration_s == pytest.approx(FileSound(again.path).frames / RATE_HZ)


def test_another_voice_or_text_is_another_rendering() -> None:
    names = {rendering_name(text, ToneVoice(length_s)) for text in "ab" for length_s in (0.2, 0.3)}
    assert len(names) == 4


def test_a_damaged_rendering_is_made_anew(tmp_path: Path) -> None:
    first = render_speech("Kính mời", tmp_path, ToneVoice())
    first.path.write_bytes(b"RIFF")
    assert render_speech("Kính mời", tmp_path, ToneVoice()) == first
    assert FileSound(first.path).frames


def test_a_directory_is_bounded(tmp_path: Path) -> None:
    made = [render_speech(text, tmp_path, ToneVoice()).path for text in "abcd"]
    for second, path in enumerate(made):
        os.utime(path, (second, second))
    keep_newest(tmp_path, most=3)
    assert sorted(tmp_path.iterdir()) == sorted(made[1:])
    keep_only(tmp_path, [made[3].name])
    assert list(tmp_path.iterdir()) == [made[3]]


def test_what_a_power_cut_left_unfinished_is_removed(tmp_path: Path) -> None:
    kept = render_speech("a", tmp_path, ToneVoice()).path
    (tmp_path / ".abc.wav.new").write_bytes(b"RIFF")
    clear_unfinished(tmp_path)
    assert list(tmp_path.iterdir()) == [kept]


def test_the_length_is_estimated_without_rendering(tmp_path: Path) -> None:
    text = "Ủy ban nhân dân xã kính mời bà con đến nhà văn hóa thôn lúc bảy giờ tối nay để họp. " * 3
    estimated_s = estimate_duration_s(text)
    whole = arranged(FileSound(render_speech(text, tmp_path).path), chimes=True, repeats=1)
    assert whole.duration_ms / 1000 == pytest.approx(estimated_s, rel=0.3)
