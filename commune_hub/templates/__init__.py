"""Templates for bulletins: what most of them say, with fields where they differ."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from commune_hub.errors import InvalidError
from firmware_agent.config import NameText
from firmware_agent.lines import Line, LineOrEmpty
from firmware_agent.settings import Settings, load_settings

USUAL = Path(__file__).with_name("usual.toml")
"""The templates that come with the hub."""

OFFICE = "office"
"""The one field that nobody fills in: the name of the office."""

VALUE_MAX = 300

_FIELD = re.compile(r"\{([a-z_]+)\}")


class TemplateField(Settings):
    """Something that differs each time. `kind` chooses how it is asked for."""

    id: NameText
    label: Line
    kind: Literal["text", "number", "date", "time", "phone"] = "text"
    example: LineOrEmpty = ""


@dataclass(frozen=True)
class Filled:
    """A template with its gaps filled."""

    title: str
    text: str


class Template(Settings):
    """A bulletin with gaps."""

    id: NameText
    name: Line
    name_en: LineOrEmpty = ""
    priority: Literal["emergency", "urgent", "ordinary"] = "ordinary"
    title: Line
    text: Annotated[str, Field(min_length=1, max_length=4_000)]
    fields: list[TemplateField] = Field(default=[], max_length=20)

    @model_validator(mode="after")
    def _gaps_are_fields(self) -> Template:
        gaps = set(_FIELD.findall(self.title + self.text)) - {OFFICE}
        named = {each.id for each in self.fields}
        if gaps != named:
            raise ValueError(
                f"template {self.id!r}: gaps without a field: {sorted(gaps - named)}; "
                f"fields without a gap: {sorted(named - gaps)}"
            )
        return self

    def filled(self, office: str, values: Mapping[str, str]) -> Filled:
        """Return the bulletin's title and text; raises InvalidError that names every gap that is left."""
        given = {name: " ".join(value.split()) for name, value in values.items()}
        mistakes = [
            f"{each.label}: {_complaint(given.get(each.id, ''))}, ví dụ (e.g.): {each.example}"
            for each in self.fields
            if _complaint(given.get(each.id, ""))
        ]
        if mistakes:
            raise InvalidError("\n".join(mistakes))
        all_values = {**given, OFFICE: office}
        title, text = (_FIELD.sub(lambda gap: all_values[gap[1]], each) for each in (self.title, self.text))
        return Filled(title, text.strip())


class Templates(Settings):
    """A file of templates."""

    templates: list[Template] = Field(max_length=100)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Templates:
        ids = [each.id for each in self.templates]
        twice = sorted({each for each in ids if ids.count(each) > 1})
        if twice:
            raise ValueError(f"trùng (used twice): {', '.join(twice)}")
        return self


def load_templates(own: Path | None = None) -> dict[str, Template]:
    """Return the templates by id; those in the commune's `own` file, if there is one, come first and replace
    usual ones.

    Raises firmware_agent.settings.SettingsError with every mistake in the file.
    """
    usual = {each.id: each for each in load_settings(USUAL, Templates).templates}
    theirs = (
        {}
        if own is None or not own.exists()
        else {each.id: each for each in load_settings(own, Templates).templates}
    )
    return {**theirs, **{name: each for name, each in usual.items() if name not in theirs}}


def _complaint(value: str) -> str:
    if not value:
        return "chưa điền (not filled in)"
    return f"dài quá {VALUE_MAX} ký tự (too long)" if len(value) > VALUE_MAX else ""
