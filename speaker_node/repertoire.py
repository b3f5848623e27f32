"""What this loudspeaker can sound: texts rendered, sound files fetched, streams brought, all ahead of time.

A sound that is not here when it is due is no silence: its text is spoken instead, and the fact says so.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from firmware_agent.file_shelf import FileShelf
from firmware_agent.voices.spare import prompt_voice
from speaker_node.arrangement import Arrangement, BrokenSoundError, FileSound, arranged, whole_ms
from speaker_node.chime import RATE_HZ, chime
from speaker_node.live_speech import saying
from speaker_node.planner import Speech, Start
from speaker_node.sounding.reel import Put, Reel
from speaker_node.sounding.resampler import read_between
from speaker_node.sounding.streams import Streams
from speaker_node.speech import Rendered
from speaker_node.studio import Studio, Unspeakable
from speaker_node.voice import DEFAULT_PAUSE_MS, Voice
from wire.intents import Bulletin

log = logging.getLogger(__name__)

LIVE_AHEAD_S = 20.0
LIVE_CUSHION_S = 0.1
"""Words that are spoken as they are rendered come this long after they are there."""

SPOKEN_INSTEAD = "tệp âm thanh chưa về, đọc bằng lời (its sound is not here, its text was spoken)"
UNREADABLE = "tệp âm thanh hỏng, đọc bằng lời (its sound cannot be read, its text was spoken)"


@dataclass(frozen=True)
class Ready:
    """A sound on its way to the card, and what is not as it was meant."""

    reel: Reel
    detail: str = ""


class Repertoire:
    """Texts, files and streams by bulletin.

        repertoire.want(bulletins)          # in the order in which they are needed
        repertoire.speech(bulletins)        # by sounding: how far each is
        repertoire.open(start)              # a reel; BrokenSoundError: something was spoilt, ask again
        repertoire.close()

    `pause_ms` lies between the sentences of a text that sounds before it is rendered.
    """

    def __init__(
        self,
        studio: Studio,
        shelf: FileShelf,
        voice: Voice,
        streams: Streams,
        pause_ms: int = DEFAULT_PAUSE_MS,
    ) -> None:
        self._studio = studio
        self._shelf = shelf
        self._voice = voice
        self._streams = streams
        self._pause_ms = pause_ms
        self._readable: dict[str, bool] = {}
        """Of each file that is here, whether it can be played. One that cannot would come again as it is: its
        hash is right."""

    def want(self, bulletins: Sequence[Bulletin]) -> None:
        """Say what shall be here, what is needed first in front."""
        sounds = [each.sound.sha256 for each in bulletins if each.sound is not None]
        self._readable = {sha256: found for sha256, found in self._readable.items() if sha256 in sounds}
        self._shelf.want(sounds)
        self._studio.want([each for each in bulletins if each.stream is None and self._file(each) is None])

    def speech(self, bulletins: Iterable[Bulletin]) -> Mapping[str, Speech]:
        """Return how far each sounding is; those that wait are missing."""
        found = {each.id: self._speech(each) for each in bulletins}
        return {id_: speech for id_, speech in found.items() if speech is not None}

    def errors(self) -> list[str]:
        """Return what the voice said of texts that it cannot speak."""
        return self._studio.errors()

    def open(self, start: Start) -> Ready:
        """Return the sound that begins at `start`; raises BrokenSoundError for a file that was spoilt."""
        bulletin = start.bulletin
        if bulletin.stream is not None:
            return Ready(*self._streams.open(start))
        from_frame = round(start.from_ms * RATE_HZ / 1000)
        path = self._file(bulletin)
        if path is not None:
            return Ready(_reel(self._whole_file(bulletin, path), from_frame))
        detail = self._instead(bulletin)
        done = self._studio.rendered(bulletin)
        if isinstance(done, Rendered):
            return Ready(_reel(self._whole_speech(bulletin, done), from_frame), detail)
        words = self._studio.words(bulletin)
        voice = prompt_voice(self._voice)
        bring = saying(words, voice, self._pause_ms, chimes=bulletin.chime, repeats=bulletin.repeats)
        return Ready(Reel(bring, ahead_s=LIVE_AHEAD_S, cushion_s=LIVE_CUSHION_S), detail)

    def close(self) -> None:
        """End; what is under way goes on after the next start."""
        self._streams.close()
        self._studio.close()
        self._shelf.close()

    def _file(self, bulletin: Bulletin) -> Path | None:
        path = self._shelf.path(bulletin.sound.sha256) if bulletin.sound is not None else None
        return path if path is not None and self._can_play(path) else None

    def _can_play(self, path: Path) -> bool:
        if path.name not in self._readable:
            try:
                self._readable[path.name] = FileSound(path).frames > 0
            except BrokenSoundError as error:
                log.warning("âm thanh hỏng, sẽ đọc bằng lời (its text will be spoken instead): %s", error)
                self._readable[path.name] = False
        return self._readable[path.name]

    def _instead(self, bulletin: Bulletin) -> str:
        if bulletin.sound is None:
            return ""
        readable = self._readable.get(bulletin.sound.sha256, True)
        return SPOKEN_INSTEAD if readable else UNREADABLE

    def _speech(self, bulletin: Bulletin) -> Speech | None:
        if bulletin.stream is not None:
            return self._streams.speech(bulletin)
        if bulletin.sound is not None and self._file(bulletin) is not None:
            return Speech(_whole_ms(bulletin, bulletin.sound.duration_ms))
        match self._studio.rendered(bulletin):
            case Rendered() as done:
                return Speech(_whole_ms(bulletin, done.duration_s * 1000))
            case Unspeakable() as failed:
                return Speech(error=failed.error)
        return None

    def _whole_file(self, bulletin: Bulletin, path: Path) -> Arrangement:
        try:
            return _arranged(bulletin, path)
        except BrokenSoundError:
            self._readable[path.name] = False
            raise

    def _whole_speech(self, bulletin: Bulletin, done: Rendered) -> Arrangement:
        try:
            return _arranged(bulletin, done.path)
        except BrokenSoundError:
            self._studio.spoil(bulletin)
            raise


def ready_to_sound() -> None:
    """Load what the first sound needs, so that the first emergency after a start waits for nothing."""
    chime()
    read_between(np.zeros(1, np.int16), np.zeros(1))
    importlib.import_module("soundfile")


def _arranged(bulletin: Bulletin, path: Path) -> Arrangement:
    whole = arranged(FileSound(path), chimes=bulletin.chime, repeats=bulletin.repeats)
    if not whole.frames:
        raise BrokenSoundError("empty")
    return whole


def _whole_ms(bulletin: Bulletin, once_ms: float) -> int:
    return whole_ms(once_ms, chimes=bulletin.chime, repeats=bulletin.repeats)


def _reel(whole: Arrangement, from_frame: int) -> Reel:
    def bring(put: Put) -> None:
        for block in whole.blocks(from_frame):
            if not put(block):
                return

    return Reel(bring, frames=max(1, whole.frames - from_frame))
