"""The voice of one loudspeaker, as it is set: one that cannot be had is told, and espeak-ng speaks."""

from __future__ import annotations

from pathlib import Path

from firmware_agent.node import Context
from firmware_agent.settings import SettingsError
from firmware_agent.voices.settings import open_voice
from firmware_agent.voices.spare import SpareVoice
from speaker_node.settings import SpeakerSettings
from speaker_node.voice import UnspeakableError, Voice

TRIAL = "một hai ba"
"""What a technician's check has a voice say."""


class OwnVoice:
    """What speaks here.

    own = OwnVoice(context)
    own.voice
    own.look()          # now and then: tells of a voice file that failed
    """

    def __init__(self, context: Context, given: Voice | None = None) -> None:
        """`given` stands in for what the settings choose."""
        settings: SpeakerSettings = context.settings
        self._problems = context.problems
        self.voice = given or self._chosen(settings, context.directory.parent)

    @property
    def name(self) -> str:
        """Engine, voice, speed and pause, to be compared with the hub's."""
        return self.voice.name

    def look(self) -> None:
        """Tell of a voice that fails, and take it back when it speaks again."""
        if not isinstance(self.voice, SpareVoice):
            return
        if self.voice.problem:
            self._problems.report("voice_file", _told(self.voice.problem))
        else:
            self._problems.clear("voice_file")

    def _chosen(self, settings: SpeakerSettings, directory: Path) -> Voice:
        try:
            return open_voice(settings, directory)
        except SettingsError as error:
            self._problems.report("voice_file", _told("; ".join(error.mistakes)))
            return settings.plain_voice()


def voice_mistakes(settings: SpeakerSettings, directory: Path) -> list[str]:
    """Try the voice that is set; return what is wrong with it, in lines. `directory`: the device's own."""
    try:
        voice = open_voice(settings, directory)
        voice.speak(TRIAL)
    except SettingsError as error:
        return [f"voice_file: {each}" for each in error.mistakes]
    except UnspeakableError as error:
        return [f"voice: không đọc được (cannot speak): {error}"]
    failed = voice.problem if isinstance(voice, SpareVoice) else ""
    return [f"voice_file: không đọc được (cannot speak): {failed}"] if failed else []


def _told(error: str) -> str:
    return f"Giọng riêng của xã không dùng được, đang đọc bằng espeak-ng: {error}"
