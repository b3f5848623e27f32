from __future__ import annotations

from pathlib import Path

import pytest

from firmware_agent.settings import SettingsError, check_settings
from firmware_agent.voices.settings import VoiceSettings, open_voice


def test_all_that_is_wrong_is_told_at_once() -> None:
    values = {"voice": "aav/vi", "region": "south", "voice_file": "../a.onnx", "pause_ms": 400}
    with pytest.raises(SettingsError) as found:
        check_settings(values, VoiceSettings, "hub.toml", "speech.")
    told = found.value.report()
    assert "voice và region" in told
    assert "voice_file" in told
    values = {"region": "east", "pause_ms": 9_000, "words_per_minute": 20}
    with pytest.raises(SettingsError) as found:
        check_settings(values, VoiceSettings, "hub.toml", "speech.")
    assert len(found.value.mistakes) == 3


def test_every_choice_has_a_name_of_its_own() -> None:
    """Renderings are kept by it, and hub and loudspeakers compare it."""
    choices = [
        {},
        {"region": "central"},
        {"region": "south"},
        {"voice": "vi"},
        {"pause_ms": 0},
        {"words_per_minute": 151},
    ]
    names = {open_voice(VoiceSettings.model_validate(each), Path()).name for each in choices}
    assert len(names) == len(choices)
    assert open_voice(VoiceSettings(voice="aav/vi"), Path()).name in names, "the north, said otherwise"


@pytest.mark.parametrize("name", ["voice", "a/b.onnx", "..", ".onnx", "a\n.onnx"])
def test_a_voice_file_is_a_name(name: str) -> None:
    with pytest.raises(ValueError, match="voice_file"):
        VoiceSettings(voice_file=name)
