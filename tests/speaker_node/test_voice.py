"""Voices in child processes: the real espeak-ng, and children that hang, crash or lie."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from firmware_agent.voices.sentences import QUIET
from speaker_node.chime import RATE_HZ
from speaker_node.voice import ChildVoice, UnspeakableError, espeak_voice
from tests.support.processes import alive
from tests.support.waiting import await_condition

SENTENCE = "Kính mời bà con đến nhà văn hóa thôn lúc bảy giờ tối nay. "


def child(script: str, timeout_s: float = 5.0) -> ChildVoice:
    """A voice whose child runs a line of Python; `sys.argv[1]` is the file to write."""
    return ChildVoice("child", [sys.executable, "-c", script], timeout_s)


def test_espeak_speaks_vietnamese() -> None:
    speech = espeak_voice().speak(SENTENCE)
    assert 2 < len(speech) / RATE_HZ < 8
    assert np.abs(speech.astype(int)).max() > 5_000


def test_a_long_text_is_spoken_to_its_end() -> None:
    once, often = (len(espeak_voice(pause_ms=0).speak(SENTENCE * count)) for count in (1, 20))
    assert often == pytest.approx(20 * once, rel=0.02)


def test_the_rate_is_kept() -> None:
    slow, quick = (len(espeak_voice(words_per_minute=each).speak(SENTENCE)) for each in (100, 200))
    assert slow > 1.5 * quick


def test_a_voice_that_does_not_exist_is_an_error_and_not_english() -> None:
    with pytest.raises(UnspeakableError, match="nowhere"):
        espeak_voice("nowhere/xx").speak("xin chào")


def test_a_child_that_hangs_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    voice = ChildVoice("hanging", ["sh", "-c", f"sleep 1000 & echo $$ $! > {pids}; wait"], timeout_s=0.5)
    with pytest.raises(UnspeakableError, match="no answer"):
        voice.speak("xin chào")
    started = [int(pid) for pid in pids.read_text().split()]
    assert len(started) == 2
    await_condition(lambda: not any(alive(pid) for pid in started))


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("import sys; sys.exit('the engine is ill')", "the engine is ill"),
        ("import os; os.abort()", "exit -6"),
        ("pass", "no sound was written"),
        ("import sys; open(sys.argv[1], 'w').write('hello')", "not a sound file"),
        ("import sys, soundfile; soundfile.write(sys.argv[1], [0.0] * 9000, 22050)", "silence"),
        ("import sys, soundfile; soundfile.write(sys.argv[1], [0.5] * 9, 22050)", "0.0 s of speech"),
    ],
)
def test_a_child_that_fails_says_how(script: str, says: str) -> None:
    with pytest.raises(UnspeakableError, match=says):
        child(script).speak("xin chào")


def test_a_voice_at_another_rate_is_brought_to_ours() -> None:
    script = "import sys, soundfile; soundfile.write(sys.argv[1], [[0.5, 0.1]] * 16000, 16000)"
    speech = child(script).speak("xin chào")
    assert len(speech) == pytest.approx(RATE_HZ, abs=60)
    assert np.abs(speech[2_000:-2_000] - 16_383).max() <= 2


def test_sentences_are_a_set_pause_apart() -> None:
    """espeak-ng alone makes none before small letters, and all that is read aloud stands in small letters."""
    said = "kính mời bà con đến họp. đề nghị đến đúng giờ! xin cảm ơn"
    loud = np.abs(espeak_voice(pause_ms=900).speak(said).astype(int)) > QUIET
    silences_s = np.diff(np.flatnonzero(loud)) / RATE_HZ
    assert sorted(silences_s)[-3:][1:] == pytest.approx([0.9, 0.9], abs=0.01)
    assert sorted(silences_s)[-3] < 0.3
