"""What a rating screen says aloud, rendered ahead on a thread of its own and kept on the card."""

from __future__ import annotations

import hashlib
import io
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from firmware_agent.files import write_durably
from firmware_agent.voices.voice import UnspeakableError, Voice
from kiosk_ui.catalogue import Catalogue
from kiosk_ui.scale import level_key
from wire.scales import Scale

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

Sounds = dict[tuple[str, str], "NDArray[np.int16]"]


def prompt_texts(texts: Catalogue, scale: Scale, reasons: Sequence[str]) -> dict[str, str]:
    """Return what is said in one language, by what it is for: `ask`, `reason`, `idle`, `level-1` …"""
    names = [texts(level_key(scale.id, level)) for level in range(1, scale.levels + 1)]
    choices = "; ".join(f"{place}: {name}" for place, name in enumerate(names, 1))
    tiles = "; ".join(texts(f"reason.{each.replace('-', '_')}") for each in reasons)
    said = {
        "ask": f"{texts('rating.question')} {texts('rating.listen_intro', count=scale.levels)} {choices}.",
        "idle": f"{texts('rating.idle')}. {texts('rating.idle_hint')}",
    }
    if reasons:
        said["reason"] = f"{texts('reason.question')} {tiles}."
    for level, name in enumerate(names, 1):
        recorded = texts("rating.recorded", level=name)
        said[f"level-{level}"] = f"{texts('rating.thanks')} {recorded}."
    return said


class Prompts:
    """Has prompts rendered, those of the first language first.

        prompts = Prompts(directory, {"vi": voice}, {"vi": {"ask": "…"}}, on_ready=wake)
        prompts.sound("vi", "ask")      # samples at the voice's rate, or None: not (yet) to be had
        prompts.close()

    A prompt that was rendered once is read from the card at the next start.
    """

    def __init__(
        self,
        directory: Path,
        voices: Mapping[str, Voice],
        texts: Mapping[str, Mapping[str, str]],
        on_ready: Callable[[], None],
    ) -> None:
        self.problem = ""
        """Why prompts are missing; empty while none is."""
        self._directory = directory
        self._sounds: Sounds = {}
        self._on_ready = on_ready
        self._stopping = threading.Event()
        wanted = [
            (language, name, said) for language in voices for name, said in texts.get(language, {}).items()
        ]
        self._thread = threading.Thread(
            target=self._render_all, args=[wanted, dict(voices)], name="prompts", daemon=True
        )
        self._thread.start()

    def sound(self, language: str, name: str) -> NDArray[np.int16] | None:
        """Return a prompt: mono int16; None while it is not rendered, or cannot be."""
        return self._sounds.get((language, name))

    def close(self) -> None:
        """Render no more."""
        self._stopping.set()

    def _render_all(self, wanted: list[tuple[str, str, str]], voices: dict[str, Voice]) -> None:
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            self._render_wanted(wanted, voices)
        except OSError as error:  # the card does not take them: what is rendered can be heard all the same
            self.problem = str(error)
            log.warning("không cất được lời nhắc (prompts cannot be kept): %s", error)

    def _render_wanted(self, wanted: list[tuple[str, str, str]], voices: dict[str, Voice]) -> None:
        files = set()
        for language, name, said in wanted:
            if self._stopping.is_set():
                return
            path = self._directory / f"{_file_name(voices[language], said)}.npy"
            files.add(path)
            sound = self._kept(path)
            if sound is None:
                sound = self._render(voices[language], said, path)
            if sound is not None:
                self._sounds[language, name] = sound
                self._on_ready()
        self._forget_others(files)

    def _kept(self, path: Path) -> NDArray[np.int16] | None:
        import numpy as np

        try:
            found: NDArray[np.int16] = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return found if found.dtype == np.int16 and found.ndim == 1 else None

    def _render(self, voice: Voice, said: str, path: Path) -> NDArray[np.int16] | None:
        import numpy as np

        try:
            sound = voice.speak(said)
            kept = io.BytesIO()
            np.save(kept, sound)
            write_durably(path, kept.getvalue())
        except (UnspeakableError, OSError, ImportError) as error:
            self.problem = str(error)
            log.warning("không đọc được lời nhắc (a prompt cannot be spoken): %s", error)
            return None
        return sound

    def _forget_others(self, files: set[Path]) -> None:
        for path in sorted(self._directory.glob("*.npy")):
            if path not in files:
                path.unlink(missing_ok=True)


def _file_name(voice: Voice, said: str) -> str:
    return hashlib.sha256(f"{voice.name}\n{said}".encode()).hexdigest()[:32]
