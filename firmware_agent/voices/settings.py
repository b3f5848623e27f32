"""Which voice speaks, how fast and with what pauses: the same keys at a loudspeaker and at the hub.

voice = open_voice(settings, directory)     # SettingsError: the voice file cannot be used
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from firmware_agent.settings import Settings
from firmware_agent.voices.piper_files import load_piper
from firmware_agent.voices.spare import SpareVoice
from firmware_agent.voices.voice import (
    DEFAULT_PAUSE_MS,
    DEFAULT_WORDS_PER_MINUTE,
    ChildVoice,
    Voice,
    espeak_voice,
    piper_voice,
)

REGIONS = {"north": "aav/vi", "central": "aav/vi-vn-x-central", "south": "aav/vi-vn-x-south"}
"""espeak-ng's Vietnamese voices."""

VOICE_KEYS = ("region", "voice", "voice_file", "words_per_minute", "pause_ms")


class VoiceSettings(Settings):
    """The keys that choose a voice."""

    region: Literal["north", "central", "south"] = "north"
    """How espeak-ng speaks: as in Hà Nội, Huế, Thành phố Hồ Chí Minh."""
    voice: str | None = Field(default=None, min_length=1, max_length=80)
    """Another voice of espeak-ng by its name (`espeak-ng --voices`), in place of `region`."""
    voice_file: str = Field(default="", max_length=80)
    """A voice of Piper that the commune brings: NAME.onnx, with NAME.onnx.json beside it, where device.toml
    or hub.toml lies. espeak-ng says what it fails at."""
    words_per_minute: int = Field(default=DEFAULT_WORDS_PER_MINUTE, ge=80, le=300)
    pause_ms: int = Field(default=DEFAULT_PAUSE_MS, ge=0, le=3_000)
    """Silence between two sentences."""

    @model_validator(mode="after")
    def _one_voice_is_chosen(self) -> VoiceSettings:
        mistakes = []
        if self.voice and self.region != "north":
            mistakes.append("voice và region: chỉ chọn một (choose one of the two)")
        if self.voice and (not self.voice.isprintable() or self.voice.startswith("-")):
            mistakes.append("voice: a name as `espeak-ng --voices` tells it")
        if self.voice_file and not _is_file_name(self.voice_file):
            mistakes.append("voice_file: tên tệp .onnx, không có thư mục (a file name, no directories)")
        if mistakes:
            raise ValueError("; ".join(mistakes))
        return self

    def plain_voice(self) -> ChildVoice:
        """Return the voice of espeak-ng, which always works."""
        return espeak_voice(self.voice or REGIONS[self.region], self.words_per_minute, self.pause_ms)


def open_voice(settings: VoiceSettings, directory: Path) -> Voice:
    """Return the voice that is set; raises SettingsError naming all that is wrong with its file."""
    plain = settings.plain_voice()
    if not settings.voice_file:
        return plain
    files = load_piper(directory / settings.voice_file)
    return SpareVoice(piper_voice(files, settings.words_per_minute, settings.pause_ms), plain)


def _is_file_name(text: str) -> bool:
    path = Path(text)
    return path.name == text and text.isprintable() and path.suffix == ".onnx" and not text.startswith(".")
