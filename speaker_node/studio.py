"""Render what will be said ahead of time, on a thread of its own, into a bounded directory."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from speaker_node.speech import Rendered, clear_unfinished, keep_only, render_speech, rendering_name
from speaker_node.vietnamese import spoken
from speaker_node.voice import UnspeakableError, Voice
from wire.intents import Bulletin

AHEAD_MAX = 64
"""So many texts are kept rendered: all that a programme holds. Its documents hold 160 KB of text together,
some three hours of speech: 500 MB at the worst, 150 MB for sixty of a minute each."""

TRIES = 2
"""A voice that fails is asked once more before the text is called unspeakable."""

log = logging.getLogger(__name__)

Text = tuple[str, str]
"""What is written, and the words it is read with if the hub sent them."""


@dataclass(frozen=True)
class Unspeakable:
    """A text of which the voice made nothing, and what it said."""

    error: str


class Studio:
    """Has texts rendered when their time comes; the same text once, however often it sounds.

        studio = Studio(directory, voice, on_change=wake_the_node)
        studio.want(bulletins)          # the most urgent first; the rest is removed from the directory
        studio.rendered(bulletin)       # Rendered, Unspeakable, or None while it waits
        studio.words(bulletin)          # what is said
        studio.close()

    `on_change` is called from the studio's thread after each rendering.
    """

    def __init__(self, directory: Path, voice: Voice, on_change: Callable[[], None]) -> None:
        self._directory = directory
        self._voice = voice
        self._on_change = on_change
        self._wake = threading.Condition()
        self._words: dict[Text, str] = {}
        """What is said, by text, the most urgent first."""
        self._done: dict[str, Rendered | Unspeakable] = {}
        """By what is said."""
        self._closed = False
        clear_unfinished(directory)
        self._thread = threading.Thread(target=self._work, name="studio", daemon=True)
        self._thread.start()

    def want(self, bulletins: Sequence[Bulletin]) -> None:
        """Say what shall be ready: the first `AHEAD_MAX` texts; all else is forgotten and removed."""
        texts = list(dict.fromkeys(_text(each) for each in bulletins))[:AHEAD_MAX]
        with self._wake:
            if texts == list(self._words):
                return
            known = self._words
            self._words = {text: known.get(text) or text[1] or spoken(text[0]) for text in texts}
            wanted = set(self._words.values())
            self._done = {words: done for words, done in self._done.items() if words in wanted}
            keep_only(self._directory, {self._file(words) for words in wanted})
            self._wake.notify()

    def rendered(self, bulletin: Bulletin) -> Rendered | Unspeakable | None:
        """Return how far a bulletin's text is; None while it waits."""
        with self._wake:
            return self._done.get(self._words.get(_text(bulletin), ""))

    def errors(self) -> list[str]:
        """Return what the voice said of the texts that it cannot speak."""
        with self._wake:
            return [each.error for each in self._done.values() if isinstance(each, Unspeakable)]

    def words(self, bulletin: Bulletin) -> str:
        """Return what is said."""
        text = _text(bulletin)
        with self._wake:
            known = self._words.get(text)
        return known or text[1] or spoken(text[0])

    def spoil(self, bulletin: Bulletin) -> None:
        """Say that the file of a bulletin cannot be read; it is rendered anew."""
        with self._wake:
            done = self._done.pop(self._words.get(_text(bulletin), ""), None)
            if isinstance(done, Rendered):
                done.path.unlink(missing_ok=True)
            self._wake.notify()

    def close(self) -> None:
        """Take no more work. A child that renders is left to its own time limit."""
        with self._wake:
            self._closed = True
            self._wake.notify()

    def _work(self) -> None:
        while (words := self._next()) is not None:
            done = self._render(words)
            with self._wake:
                if words in self._words.values():
                    self._done[words] = done
                elif isinstance(done, Rendered):
                    done.path.unlink(missing_ok=True)
            self._on_change()

    def _file(self, words: str) -> str:
        """Return the name of the file that holds `words`, as the voice will render or has rendered them."""
        done = self._done.get(words)
        return done.path.name if isinstance(done, Rendered) else rendering_name(words, self._voice)

    def _next(self) -> str | None:
        """Wait for the next words to render; None when the studio closes."""
        with self._wake:
            while not self._closed:
                for words in self._words.values():
                    if words not in self._done:
                        return words
                self._wake.wait()
        return None

    def _render(self, words: str) -> Rendered | Unspeakable:
        error = ""
        for _ in range(TRIES):
            try:
                return render_speech(words, self._directory, self._voice)
            except (UnspeakableError, OSError) as failure:
                error = str(failure)
                log.warning("không đọc được bản tin (cannot speak a bulletin): %s", error)
        return Unspeakable(error or "unknown")


def _text(bulletin: Bulletin) -> Text:
    return bulletin.text, bulletin.spoken
