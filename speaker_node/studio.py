"""Render the programme ahead of time, on a thread of its own, into a bounded directory."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from speaker_node.planner import Speech
from speaker_node.speech import Rendered, clear_unfinished, keep_only, render_bulletin, rendering_name
from speaker_node.vietnamese import spoken
from speaker_node.voice import UnspeakableError, Voice
from wire.intents import Bulletin

AHEAD_MAX = 16
"""So many bulletins, the next ones by time, are kept rendered: some 40 MB at a minute each."""

TRIES = 2
"""A voice that fails is asked once more before the text is called unspeakable."""

log = logging.getLogger(__name__)


class Studio:
    """Has the next bulletins rendered when their time comes.

        studio = Studio(directory, voice, on_change=wake_the_node)
        studio.want(bulletins)          # as soon as they appear; the rest is removed from the directory
        studio.speech()                 # by bulletin: how far it is
        studio.rendered("bulletin-1")   # the sound, or None
        studio.close()

    `on_change` is called from the studio's thread after each rendering.
    """

    def __init__(self, directory: Path, voice: Voice, on_change: Callable[[], None]) -> None:
        self._directory = directory
        self._voice = voice
        self._on_change = on_change
        self._wake = threading.Condition()
        self._wanted: dict[str, tuple[str, str]] = {}
        """Text and its spoken words, if the hub sent them, by bulletin."""
        self._words: dict[str, str] = {}
        """What is said, by bulletin."""
        self._names: dict[str, str] = {}
        """Names of the renderings, by bulletin."""
        self._done: dict[str, Rendered | str] = {}
        self._closed = False
        clear_unfinished(directory)
        self._thread = threading.Thread(target=self._work, name="studio", daemon=True)
        self._thread.start()

    def want(self, bulletins: list[Bulletin]) -> None:
        """Say what shall be ready: the first `AHEAD_MAX` by time; all else is forgotten and removed."""
        first = sorted(bulletins, key=lambda each: each.at_ms)[:AHEAD_MAX]
        wanted = {each.id: (each.text, each.spoken) for each in first}
        with self._wake:
            if wanted == self._wanted:
                return
            self._wanted = wanted
            self._words = {each: words or spoken(text) for each, (text, words) in wanted.items()}
            self._names = {each: rendering_name(words, self._voice) for each, words in self._words.items()}
            names = set(self._names.values())
            self._done = {name: done for name, done in self._done.items() if name in names}
            keep_only(self._directory, names)
            self._wake.notify()

    def speech(self) -> Mapping[str, Speech]:
        """Return how far each wanted bulletin is; those that wait are missing."""
        with self._wake:
            found = {each: self._done.get(name) for each, name in self._names.items()}
        return {each: _speech(done) for each, done in found.items() if done is not None}

    def rendered(self, bulletin: str) -> Rendered | None:
        """Return the sound of a bulletin, or None when it is not rendered."""
        with self._wake:
            done = self._done.get(self._names.get(bulletin, ""))
        return done if isinstance(done, Rendered) else None

    def spoil(self, bulletin: str) -> None:
        """Say that the file of a bulletin cannot be read; it is rendered anew."""
        with self._wake:
            done = self._done.pop(self._names.get(bulletin, ""), None)
            if isinstance(done, Rendered):
                done.path.unlink(missing_ok=True)
            self._wake.notify()

    def close(self) -> None:
        """Take no more work. A child that renders is left to its own time limit."""
        with self._wake:
            self._closed = True
            self._wake.notify()

    def _work(self) -> None:
        while (bulletin := self._next()) is not None:
            name, words = bulletin
            done = self._render(words)
            with self._wake:
                if name in self._names.values():
                    self._done[name] = done
                elif isinstance(done, Rendered):
                    done.path.unlink(missing_ok=True)
            self._on_change()

    def _next(self) -> tuple[str, str] | None:
        """Wait for the next rendering to make: (its name, its words); None when the studio closes."""
        with self._wake:
            while not self._closed:
                for bulletin, name in self._names.items():
                    if name not in self._done:
                        return name, self._words[bulletin]
                self._wake.wait()
        return None

    def _render(self, words: str) -> Rendered | str:
        error = ""
        for _ in range(TRIES):
            try:
                return render_bulletin(words, self._directory, self._voice)
            except (UnspeakableError, OSError) as failure:
                error = str(failure)
                log.warning("không đọc được bản tin (cannot speak a bulletin): %s", error)
        return error or "unknown"


def _speech(done: Rendered | str) -> Speech:
    if isinstance(done, str):
        return Speech(error=done)
    return Speech(duration_ms=round(done.duration_s * 1000))
