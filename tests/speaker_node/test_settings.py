from __future__ import annotations

from datetime import time

import pytest

from firmware_agent.settings import SettingsError, check_settings
from speaker_node.quiet import QuietHours
from speaker_node.settings import SpeakerSettings


def test_quiet_hours_are_on_unless_switched_off() -> None:
    assert SpeakerSettings().quiet() == QuietHours(time(21), time(5, 30))
    assert SpeakerSettings(quiet_hours=False).quiet() is None


def test_times_may_be_written_as_text() -> None:
    settings = check_settings(
        {"quiet_from": "22:15", "quiet_until": "04:00", "amplifier_pin": "17"}, SpeakerSettings, "test"
    )
    assert settings.quiet() == QuietHours(time(22, 15), time(4))
    assert settings.amplifier_pin == 17


@pytest.mark.parametrize(
    "wrong",
    [
        {"quiet_from": "05:30"},
        {"quiet_from": "25:00"},
        {"late_max_s": -1},
        {"voice": ""},
        {"words_per_minute": 10},
        {"amplifier_pin": 99},
        {"volume": 1},
    ],
)
def test_mistakes_are_named(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError) as caught:
        check_settings(wrong, SpeakerSettings, "test")
    assert len(caught.value.mistakes) == 1
