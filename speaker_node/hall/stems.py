"""The pieces of spoken calls as sound, ready before they are needed: recorded by the commune, or rendered.

A commune records its own voice into a directory of WAV files: `moi-so.wav`, `0.wav` … `9.wav`, `A.wav` …,
`den-quay-1.wav` ("đến quầy một") by the counter's id, and `chime.wav` if it likes another sound before.
What is missing the speech engine says.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from firmware_agent.files import write_durably
from firmware_agent.voices.sentences import EDGE_S, loud_span
from firmware_agent.voices.spare import with_voice
from speaker_node.chime import RATE_HZ, call_chime
from speaker_node.hall.announcement import CHIME, INVITE, Piece
from speaker_node.speech import keep_newest, levelled, rendering_name, to_wav
from speaker_node.voice import UnspeakableError, Voice, read_speech

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEM_MAX_BYTES = 2 * 1024 * 1024
STEM_MAX_S = 8.0
"""Longest recorded stem: the length of a name of a counter, said slowly."""

RENDERED_MAX = 128
"""Rendered pieces kept on the disk: every letter and figure, and forty counters, twice."""

AGAIN_AFTER_S = 15.0
"""Pause after the engine failed at every piece that is missing."""

GOODBYE_S = 2.0

log = logging.getLogger(__name__)


class Stems:
    """The sound of every piece.

        stems = Stems(recorded, directory, voice, on_change=wake_the_node)
        stems.want(pieces)          # rendered in the background, in this order
        stems.sound(piece)          # samples, or None while it is not ready
        stems.mistakes              # recorded files that cannot be used, and which are missing
        stems.close()

    `recorded` is the commune's directory or None. The engine runs in children that are killed when they hang
    (`speaker_node.voice`); one that fails is asked again and again, so a voice does not stay away.
    """

    def __init__(
        self, recorded: Path | None, directory: Path, voice: Voice, on_change: Callable[[], None]
    ) -> None:
        self._directory = directory
        self._voice = voice
        self._on_change = on_change
        self._wake = threading.Condition()
        self._sounds: dict[str, NDArray[np.int16]] = {}
        """Rendered, by their words."""
        self._wanted: list[Piece] = []
        self._failed: set[str] = set()
        self._closed = False
        self.error = ""
        """What the engine said when it last failed; empty: it works."""
        self.mistakes: list[str] = []
        self._recorded = self._read_recorded(recorded) if recorded is not None else {}
        self._thread = threading.Thread(target=self._work, name="stems", daemon=True)
        self._thread.start()

    def want(self, pieces: Iterable[Piece]) -> None:
        """Say what shall be ready; what was recorded is."""
        missing = [piece for piece in pieces if piece.stem not in self._recorded]
        with self._wake:
            if missing != self._wanted:
                self._wanted = missing
                words = {piece.words for piece in missing}
                self._sounds = {said: sound for said, sound in self._sounds.items() if said in words}
                self._wake.notify()

    def sound(self, piece: Piece) -> NDArray[np.int16] | None:
        """Return the sound of a piece, or None while it is not ready."""
        recorded = self._recorded.get(piece.stem)
        if recorded is not None:
            return recorded
        with self._wake:
            return self._sounds.get(piece.words)

    def chime(self) -> NDArray[np.int16]:
        """Return the sound before a call."""
        return self._recorded.get(CHIME, call_chime())

    def close(self) -> None:
        """Take no more work. A child that renders is left to its own time limit."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join(GOODBYE_S)

    def _read_recorded(self, directory: Path) -> dict[str, NDArray[np.int16]]:
        found: dict[str, NDArray[np.int16]] = {}
        for path in sorted(directory.glob("*.wav"))[: 2 * RENDERED_MAX]:
            try:
                found[path.stem] = _read_stem(path)
            except (OSError, UnspeakableError) as error:
                self.mistakes.append(f"{path.name}: không dùng được (cannot be used): {error}")
        needed = [INVITE, *"0123456789"]
        missing = [name for name in needed if name not in found]
        if missing:
            told = ", ".join(f"{name}.wav" for name in missing)
            self.mistakes.append(f"{directory.name}: thiếu, máy sẽ đọc thay (missing): {told}")
        return found

    def _work(self) -> None:
        while (piece := self._next()) is not None:
            try:
                sound = self._rendered(piece)
            except (OSError, UnspeakableError) as error:
                log.warning("không đọc được (cannot speak) %r: %s", piece.words, error)
                with self._wake:
                    self._failed.add(piece.words)
                    self.error = str(error)
            else:
                with self._wake:
                    self._sounds[piece.words] = sound
                    self.error = ""
            self._on_change()

    def _next(self) -> Piece | None:
        """Wait for the next piece to render; None when this closes."""
        with self._wake:
            while not self._closed:
                missing = [piece for piece in self._wanted if piece.words not in self._sounds]
                fresh = [piece for piece in missing if piece.words not in self._failed]
                if fresh:
                    return fresh[0]
                self._wake.wait(AGAIN_AFTER_S if missing else None)
                self._failed.clear()
        return None

    def _rendered(self, piece: Piece) -> NDArray[np.int16]:
        return with_voice(self._voice, lambda voice: self._rendered_by(voice, piece))

    def _rendered_by(self, voice: Voice, piece: Piece) -> NDArray[np.int16]:
        """Return a piece from the disk, or have it spoken, and keep it there if there is room."""
        path = self._directory / rendering_name(piece.words, voice)
        try:
            return read_speech(path.read_bytes())
        except (OSError, UnspeakableError):
            sound = trimmed(levelled(voice.speak(piece.words)))
        try:
            write_durably(path, to_wav(sound))
            keep_newest(self._directory, RENDERED_MAX)
        except OSError as error:
            log.warning("không cất được tiếng đã đọc (a rendered word cannot be kept): %s", error)
        return sound


def trimmed(sound: NDArray[np.int16]) -> NDArray[np.int16]:
    """Cut the silence before and after a word, but for a breath: pieces follow each other."""
    begin, end = loud_span(memoryview(sound.tobytes()).cast("h"))
    edge = round(EDGE_S * RATE_HZ)
    return sound[max(0, begin - edge) : end + edge]


def _read_stem(path: Path) -> NDArray[np.int16]:
    if path.stat().st_size > STEM_MAX_BYTES:
        raise UnspeakableError(f"quá {STEM_MAX_BYTES} byte (too large)")
    sound = read_speech(path.read_bytes())
    if len(sound) > STEM_MAX_S * RATE_HZ:
        raise UnspeakableError(f"dài {len(sound) / RATE_HZ:.1f} giây, tối đa (at most) {STEM_MAX_S:.0f}")
    return trimmed(levelled(sound))
