"""Read TOML settings into a model, and name every mistake at once: key, what was found, what is allowed."""

from __future__ import annotations

import reprlib
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from firmware_agent.os_words import os_words

MAX_FILE_BYTES = 256 * 1024

_shown = reprlib.Repr()
_shown.maxstring = _shown.maxother = 80


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


def mistakes_in(error: ValidationError, prefix: str = "") -> list[str]:
    """Return one line for each mistake that the model found; `prefix` stands before each key."""
    return [_describe(details, prefix) for details in error.errors(include_url=False)]


ALLOWED = {
    "greater_than_equal": "từ {ge} trở lên (at least)",
    "greater_than": "lớn hơn {gt} (greater)",
    "less_than_equal": "đến {le} (at most)",
    "less_than": "nhỏ hơn {lt} (less)",
    "literal_error": "{expected}",
    "int_parsing": "số nguyên (a whole number)",
    "int_type": "số nguyên (a whole number)",
    "int_from_float": "số nguyên (a whole number)",
    "float_parsing": "số (a number)",
    "float_type": "số (a number)",
    "bool_parsing": "true, false",
    "bool_type": "true, false",
    "string_type": "chữ trong dấu ngoặc kép (text in quotes)",
    "string_unicode": "chữ trọn vẹn, ở đây có nửa chữ; hãy gõ lại (half a letter, type it again)",
    "string_too_long": "chữ dài nhất {max_length} (characters at most)",
    "string_too_short": "chữ dài ít nhất {min_length} (characters at least)",
    "list_type": "danh sách [ … ] (a list)",
    "too_long": "nhiều nhất {max_length} phần (at most)",
    "too_short": "ít nhất {min_length} phần (at least)",
}
"""What is allowed, by pydantic's type of the error; what stands in braces is of its context."""


def _allowed(details: ErrorDetails) -> str:
    words = ALLOWED.get(details["type"])
    if words is None:
        return details["msg"].removeprefix("Value error, ")
    return words.format(**details.get("ctx", {})).replace(" or ", ", ")


def _describe(details: ErrorDetails, prefix: str) -> str:
    """Say one mistake in a line: the key, what was found, what is allowed."""
    key = prefix + ".".join(str(part) for part in details["loc"])
    allowed = _allowed(details)
    if not details["loc"]:
        return f"{prefix.rstrip('.') or 'cả tệp (whole file)'}: {allowed}"
    match details["type"]:
        case "missing":
            return f"{key}: thiếu (missing)"
        case "extra_forbidden":
            return (
                f"{key}: không có khóa này (no such key); hãy xóa hoặc sửa tên (remove it or mend its name)"
            )
        case _:
            # Bounded in depth too: repr() of tables 1,000 deep fails by itself.
            found = _shown.repr(details["input"])
            shown = found if len(found) <= 80 else found[:77] + "…"
            return f"{key}: tìm thấy (found) {shown}; cho phép (allowed): {allowed}"
