"""Give a loudspeaker the voice of its commune: the hub's keys and voice file, so that both speak alike."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from firmware_agent.voices.settings import VoiceSettings
from provisioning.plan import HubConfig

KIND = "speaker"

CHOICE = frozenset({"region", "voice", "voice_file"})
"""One who orders any of these for a loudspeaker has chosen its voice."""


def with_voice(kind: str, ordered: Mapping[str, Any], hub: HubConfig) -> dict[str, Any]:
    """Return a node's settings: as ordered and, for a loudspeaker, else as the hub speaks."""
    if kind != KIND:
        return dict(ordered)
    spoken = hub.speech.model_dump(include=set(VoiceSettings.model_fields), exclude_defaults=True)
    taken = {key: each for key, each in spoken.items() if key not in CHOICE or not CHOICE & ordered.keys()}
    return {**taken, **ordered}


def voice_files(values: Mapping[str, Any], hub: HubConfig) -> list[Path]:
    """Return the hub's voice files that a device needs beside its device.toml, whose content is `values`."""
    named = hub.speech.voice_file
    wanted = any(node.get("settings", {}).get("voice_file") == named for node in values["nodes"])
    return [hub.root / named, hub.root / f"{named}.json"] if named and wanted else []
