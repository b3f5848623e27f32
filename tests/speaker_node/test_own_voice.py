"""The voice that is set at a loudspeaker, rendered ahead and spoken live; one that fails leaves espeak-ng."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_agent.voices.spare import SpareVoice
from speaker_node.chime import RATE_HZ
from speaker_node.live_speech import saying
from speaker_node.node import SpeakerNode
from speaker_node.own_voice import OwnVoice
from speaker_node.speech import render_speech, rendering_name
from speaker_node.telling import configured
from speaker_node.voice import UnspeakableError
from tests.speaker_node.stand_ins import Post, ToneVoice
from tests.support.piper_model import write_piper_voice


def told(post: Post) -> str:
    return " ".join(post.problems.texts())


def test_a_voice_file_that_cannot_be_used_is_told_and_espeak_speaks(tmp_path: Path) -> None:
    post = Post(tmp_path / "speaker", voice_file="none.onnx", region="south", pause_ms=300)
    post.make()
    own = OwnVoice(post.context)
    assert "none.onnx" in told(post)
    assert own.name == "espeak-ng aav/vi-vn-x-south 150 300"
    own.look()
    assert told(post)
    assert len(SpeakerNode.check(post.settings, post.directory)) == 2
    assert configured(post.settings, [], own.name).voice == own.name
    post.facts.close()


def test_a_voice_that_fails_later_is_told_while_it_does(tmp_path: Path) -> None:
    write_piper_voice(tmp_path / "tones.onnx")
    post = Post(tmp_path / "speaker", voice_file="tones.onnx")
    post.make()
    own = OwnVoice(post.context)
    assert own.name.startswith("piper tones ")
    assert SpeakerNode.check(post.settings, post.directory) == []
    (tmp_path / "tones.onnx").write_bytes(b"\x08")
    (failed,) = SpeakerNode.check(post.settings, post.directory)
    assert "cannot speak" in failed
    own.voice.speak("một")
    own.look()
    assert "đang đọc bằng espeak-ng" in told(post)
    assert isinstance(own.voice, SpareVoice)
    own.voice.problem = ""
    own.look()
    assert not told(post)
    post.facts.close()


def test_what_the_spare_said_is_kept_under_its_own_name(tmp_path: Path) -> None:
    now_s = [0.0]
    first, spare = ToneVoice(0.2, broken=True), ToneVoice(0.3)
    both = SpareVoice(first, spare, lambda: now_s[0])
    assert render_speech("một", tmp_path, both).path.name == rendering_name("một", spare)
    first.broken, now_s[0] = False, 10_000.0
    assert render_speech("một", tmp_path, both).path.name == rendering_name("một", first)
    with pytest.raises(UnspeakableError, match="nothing to read"):
        render_speech("…", tmp_path, both)
    assert both.problem == "", "a text without words is not the voice's fault"


@pytest.mark.parametrize("pause_ms", [200, 1_200])
def test_what_is_spoken_live_has_the_same_pauses(pause_ms: int) -> None:
    heard: list[NDArray[np.int16]] = []
    said = (
        "kính mời bà con đến nhà văn hóa thôn ngay bây giờ. đề nghị mang theo áo mưa, đèn pin, giữ trẻ em; "
        "ai cần giúp thì gọi ngay trưởng thôn"
    )

    def put(block: NDArray[np.int16]) -> bool:
        heard.append(block)
        return True

    saying(said, ToneVoice(0.5), pause_ms, chimes=False, repeats=1)(put)
    silent_s = [float(np.flatnonzero(part[::-1])[0]) / RATE_HZ for part in heard]
    edges_s = 0.06  # the silence that voices leave at their ends
    between, breath = pause_ms / 1000 - edges_s, min(0.25, pause_ms / 1000) - edges_s
    assert silent_s == pytest.approx([between, breath, breath], abs=0.01)
