"""A loudspeaker tells the hub what was set at it: once, and again when that changed."""

from __future__ import annotations

from datetime import time
from pathlib import Path

from speaker_node.settings import SpeakerSettings
from speaker_node.telling import tell_settings
from tests.speaker_node.stand_ins import Post
from wire.facts import SpeakerConfigured


def test_settings_are_told_at_a_start_after_they_changed(tmp_path: Path) -> None:
    post = Post(tmp_path)
    for settings in (SpeakerSettings(), SpeakerSettings(), SpeakerSettings(quiet_hours=False)):
        post.settings = settings.model_copy(update={"volume_by_hour": {time(5): 0.5}, "self_test_day": 3})
        post.ears["sense"] = object()
        node = post.make()
        tell_settings(post.context, "tone")
        node._end()
        found = post.facts.bodies(SpeakerConfigured)
        post.facts.close()
    kept = {"volume_by_hour": {"05:00:00": 0.5}, "self_test_day": 3, "ears": ["sense"], "voice": "tone"}
    assert found == [
        SpeakerConfigured(quiet_from="21:00:00", quiet_until="05:30:00", **kept),  # type: ignore[arg-type]
        SpeakerConfigured(**kept),  # type: ignore[arg-type]
    ]
