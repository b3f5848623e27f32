"""Read TOML settings into a model, and name every mistake at once: key, what was found, what is allowed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from firmware_agent.mistakes import mistakes_in
from firmware_agent.os_words import os_words

MAX_FILE_BYTES = 256 * 1024


class Settings(BaseModel):
    """Base of all settings: unknown keys are mistakes, values do not change after start."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


S = TypeVar("S", bound=BaseModel)


class SettingsError(Exception):
    """A settings file that cannot be used. `mistakes` holds one line for each mistake."""

    def __init__(self, source: str, mistakes: list[str]) -> None:
        super().__init__(f"{source}: {'; '.join(mistakes)}")
        self.source = source
        self.mistakes = mistakes

    def report(self) -> str:
        """Return the text a technician reads."""
        head = f"{self.source}: {len(self.mistakes)} lỗi cấu hình (configuration mistakes)"
        return "\n".join([head, *(f"  - {line}" for line in self.mistakes)])


def load_settings(path: Path, model: type[S]) -> S:
    """Read the TOML file at `path` as `model`; raises SettingsError naming every mistake."""
    return check_settings(read_toml(path), model, str(path))


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file of bounded size; raises SettingsError."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise SettingsError(str(path), [f"lớn hơn {MAX_FILE_BYTES} byte (file too large)"])
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(str(path), [f"không đọc được (cannot be read): {os_words(error)}"]) from None
    except UnicodeDecodeError as error:
        raise SettingsError(str(path), [f"không phải UTF-8 (not UTF-8 at byte {error.start})"]) from None
    except (ValueError, RecursionError) as error:
        # Not only TOMLDecodeError: figures of 5,000 digits and brackets 5,000 deep fail on their own.
        raise SettingsError(str(path), [f"không phải TOML (not TOML): {str(error)[:200]}"]) from None


def check_settings(values: dict[str, Any], model: type[S], source: str, prefix: str = "") -> S:
    """Check `values` against `model`; `prefix` stands before each key in the mistakes."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise SettingsError(source, mistakes_in(error, prefix)) from None
