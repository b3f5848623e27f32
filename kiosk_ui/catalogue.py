"""Words of the kiosks' screens, by language: TOML files, so that a commune adds its own without code.

`kiosk_ui/texts/vi.toml` holds every text there is; other languages hold what they have of them, and the
rest falls back to Vietnamese. A commune's own file looks the same and begins with its language:

    [language]
    id = "km"               # "vi" or "en": its texts replace some of the product's own
    name = "ភាសាខ្មែរ"        # on the button that chooses it
    voice = "aav/vi"        # espeak-ng's voice for spoken prompts; may be left out: nothing is spoken
    [rating]
    thanks = "…"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from string import Formatter
from typing import Annotated, Any

from pydantic import Field, ValidationError

from firmware_agent.lines import Line, shows, unshown_in, without_marks
from firmware_agent.mistakes import mistakes_in
from firmware_agent.settings import Settings, SettingsError, read_toml

FIRST = "vi"
"""The language that every screen begins with and returns to, and whose file holds every text."""

BUILT_IN = (FIRST, "en")
TEXTS_MAX = 1_000
"""Texts in one file."""
TEXT_MAX = 400
"""Letters of one text."""
JOINERS = "\u200b\u200c\u200d"
"""Marks of no width that some scripts are written with: Khmer parts its words by the first."""

CatalogueName = Annotated[str, Field(max_length=80, pattern=r"^([A-Za-z0-9_.-]+\.toml)?$")]
"""Setting of a node: file name of the commune's own catalogue, beside the device's data; empty: none."""

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_PLACE = re.compile(r"[a-z][a-z_]{0,19}\Z")


class Language(Settings):
    """A language as a catalogue's `[language]` names it."""

    id: str = Field(pattern=r"^[a-z]{2,3}$")
    name: Annotated[Line, Field(max_length=24)]
    """In its own words, for the button that chooses it."""
    voice: str = Field(default="", max_length=60)
    """Id of espeak-ng's voice; empty: nothing is spoken in this language."""


@dataclass(frozen=True)
class TextsFile:
    """One catalogue file: its language, its texts by `section.key`, and what is wrong with it."""

    source: str
    language: Language
    texts: Mapping[str, str]
    mistakes: tuple[str, ...] = ()


class Catalogue:
    """The texts of one language.

        texts = load_catalogue("en", extra=Path("khmer.toml"))
        texts("ticket.choose", number="A007")
        texts.missing           # keys that this language does not have: shown in Vietnamese instead

    Never raises over a text: a screen that shows a key is better than one that shows nothing.
    """

    def __init__(self, language: Language, own: list[TextsFile], first: list[TextsFile]) -> None:
        """`own` are the files of this language, `first` those of Vietnamese; who stands first wins."""
        self.language = language
        self.mistakes = [line for file in own for line in file.mistakes]
        """What is wrong with the commune's own file, a line each, for a technician."""
        self._own = _joined(own)
        self._all = {**_joined(first), **self._own}
        self._nowhere: set[str] = set()

    @property
    def missing(self) -> list[str]:
        """Keys without a text in this language, and keys that were asked for and stand nowhere."""
        return sorted({key for key in self._all if key not in self._own} | self._nowhere)

    def __call__(self, key: str, **values: object) -> str:
        """Return the text under `section.key`, with `values` in its {places}."""
        text = self._all.get(key)
        if text is None:
            self._nowhere.add(key)
            return key
        return _filled(text, values)

    def has(self, key: str) -> bool:
        """Tell whether there is such a text, in this language or in Vietnamese."""
        return key in self._all


def load_catalogue(language: str = FIRST, extra: Path | None = None) -> Catalogue:
    """Return the texts of a language; `extra` is the commune's own file, if it has one.

    A file that cannot be used costs its own texts only, and stands in `mistakes`; an unknown language is
    Vietnamese.
    """
    files = [_built_in(each) for each in BUILT_IN]
    own = read_texts(extra) if extra is not None else None
    if own is not None:
        files.insert(0, own)
    chosen = [file for file in files if file.language.id == language] or [_built_in(FIRST)]
    catalogue = Catalogue(chosen[-1].language, chosen, [f for f in files if f.language.id == FIRST])
    if own is not None and own not in chosen:
        catalogue.mistakes += own.mistakes
    return catalogue


def own_file(directory: Path, name: str) -> Path | None:
    """Return where the commune's own catalogue `name` lies, for the node that keeps its files in `directory`.

    It stands beside the nodes' directories: next to `device.toml`, unless `state_dir` says otherwise.
    """
    return directory.parent / name if name else None


def languages(extra: Path | None = None) -> list[Language]:
    """Return the languages that a screen offers, Vietnamese first, the commune's own next."""
    own = [read_texts(extra).language] if extra is not None else []
    found = {each.id: each for each in [_built_in(FIRST).language, *own, _built_in("en").language]}
    return list(found.values())


def catalogue_mistakes(extra: Path | None) -> list[str]:
    """Return what is wrong with a commune's own file, a line each, its missing texts among it."""
    if extra is None:
        return []
    file = read_texts(extra)
    if file.mistakes or file.language.id in BUILT_IN:
        return list(file.mistakes)
    missing = load_catalogue(file.language.id, extra).missing
    return [
        f"{extra.name}: thiếu {len(missing)} câu, hiện bằng tiếng Việt (missing texts, shown in Vietnamese): "
        + ", ".join(missing[:12])
        + (" …" if len(missing) > 12 else "")
    ] * bool(missing)


def read_texts(path: Path) -> TextsFile:
    """Read a commune's own file, with all that is wrong with it; never raises."""
    try:
        return _texts_file(path.name, read_toml(path))
    except SettingsError as error:
        return TextsFile(path.name, _built_in(FIRST).language, {}, (f"{path.name}: {error.mistakes[0]}",))


@cache
def _built_in(language: str) -> TextsFile:
    text = (resources.files("kiosk_ui.texts") / f"{language}.toml").read_text(encoding="utf-8")
    return _texts_file(f"{language}.toml", tomllib.loads(text))


def _texts_file(source: str, values: dict[str, Any]) -> TextsFile:
    try:
        language = Language.model_validate(values.pop("language", {}))
    except ValidationError as error:
        mistakes = (f"{source}: {line}" for line in mistakes_in(error, "language."))
        return TextsFile(source, _built_in(FIRST).language, {}, tuple(mistakes))
    texts, mistakes_found = {}, []
    for section, entries in values.items():
        for name, text in entries.items() if isinstance(entries, dict) else [("", entries)]:
            wrong = _mistake(section, name, text)
            if wrong:
                mistakes_found.append(f"{source}: {section}.{name}: {wrong}")
            else:
                texts[f"{section}.{name}"] = without_marks(text, keep=JOINERS)
    if len(texts) > TEXTS_MAX:
        mistakes_found.append(f"{source}: quá {TEXTS_MAX} câu (too many texts): {len(texts)}")
    return TextsFile(source, language, dict(list(texts.items())[:TEXTS_MAX]), tuple(mistakes_found))


def _mistake(section: str, name: str, text: object) -> str:
    """Say why this cannot be a text; empty when it can."""
    if not _KEY.match(section) or not _KEY.match(name):
        return "tên chỉ gồm a-z, 0-9, _ (a name of a-z, 0-9 and _)"
    if not isinstance(text, str) or not 0 < len(text) <= TEXT_MAX:
        return f"phải là câu dài 1 đến {TEXT_MAX} chữ (a text of 1 to {TEXT_MAX} letters)"
    found = unshown_in(text, keep="\n")
    if found:
        return f"có ký tự điều khiển, hãy xóa (holds a control character, remove it): {found}"
    if not shows(text):
        return "không thấy chữ nào, hãy gõ câu hoặc xóa dòng này (nothing to see; write a text or remove it)"
    try:
        places = [place for _, place, _, _ in Formatter().parse(text) if place is not None]
    except ValueError:
        places = [""]
    if not all(_PLACE.match(place) for place in places):
        return "ngoặc nhọn chỉ dùng như {number} (braces only as in {number})"
    return ""


def _filled(text: str, values: Mapping[str, object]) -> str:
    try:
        return text.format_map(values)
    except (KeyError, ValueError, IndexError):
        return text  # a place that this screen has no value for


def _joined(files: list[TextsFile]) -> dict[str, str]:
    return {key: text for file in reversed(files) for key, text in file.texts.items()}
