"""What is wrong with what somebody gave, in words: one vocabulary for settings files, orders and the API.

A mistake is a line: the key, what was found, what is allowed, in Vietnamese with English in brackets.
"""

from __future__ import annotations

import json
import reprlib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

KEY_MAX = 120
FOUND_MAX = 80
"""Longest key and longest value that a line repeats: who wrote them may have written anything."""

SECRETS = frozenset({"password"})
"""Keys whose values no line repeats."""

_shown = reprlib.Repr()
_shown.maxstring = _shown.maxother = FOUND_MAX

_DATE = "ngày, như 2026-11-21 (a date)"
_MOMENT = "ngày giờ kèm múi giờ, như 2026-11-21T07:30:00+07:00 (date and time with offset)"
_WHOLE_NUMBER = "số nguyên (a whole number)"
_TABLE = "nhóm khóa và giá trị {{ … }} (keys with values)"

ALLOWED = {
    "greater_than_equal": "từ {ge} trở lên (at least)",
    "greater_than": "lớn hơn {gt} (greater)",
    "less_than_equal": "đến {le} (at most)",
    "less_than": "nhỏ hơn {lt} (less)",
    "literal_error": "một trong (one of): {expected}",
    "int_parsing": _WHOLE_NUMBER,
    "int_parsing_size": "số nguyên không quá lớn (a whole number, not as large)",
    "int_type": _WHOLE_NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "float_parsing": "số (a number)",
    "float_type": "số (a number)",
    "finite_number": "số có giới hạn (a finite number)",
    "bool_parsing": "true, false",
    "bool_type": "true, false",
    "string_type": "chữ trong dấu ngoặc kép (text in quotes)",
    "string_unicode": "chữ trọn vẹn, ở đây có nửa chữ; hãy gõ lại (half a letter, type it again)",
    "string_too_long": "chữ dài nhất {max_length} (characters at most)",
    "string_too_short": "chữ dài ít nhất {min_length} (characters at least)",
    "string_pattern_mismatch": "chữ đúng mẫu {pattern} (text of this pattern)",
    "list_type": "danh sách [ … ] (a list)",
    "too_long": "nhiều nhất {max_length} phần (at most)",
    "too_short": "ít nhất {min_length} phần (at least)",
    "dict_type": _TABLE,
    "model_type": _TABLE,
    "model_attributes_type": _TABLE,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "timezone_aware": _MOMENT,
}
"""What is allowed, by pydantic's type of the error; what stands in braces is of its context."""

OWN_WORDS = ("value_error", "assertion_error")
"""Types of errors that our own checks raise, with words of theirs."""


def mistakes_in(error: ValidationError, prefix: str = "") -> list[str]:
    """Return one line for each mistake that the model found; `prefix` stands before each key."""
    whole = prefix.rstrip(".") or "cả tệp (whole file)"
    return [mistake(each, each["loc"], whole, prefix) for each in error.errors(include_url=False)]


def mistake(details: Mapping[str, Any], place: Sequence[str | int], whole: str, prefix: str = "") -> str:
    """Say one of pydantic's errors in a line: the key, what was found, what is allowed.

    `place` leads to the value, from the outside in; where it is empty, the mistake is of the `whole`.
    """
    allowed = _allowed(details)
    if not place:
        return f"{whole}: {allowed}"
    key = _cut(prefix + ".".join(str(part) for part in place), KEY_MAX)
    match details["type"]:
        case "missing":
            return f"{key}: thiếu (missing); hãy thêm vào (add it)"
        case "extra_forbidden":
            return (
                f"{key}: không có khóa này (no such key); hãy xóa hoặc sửa tên (remove it or mend its name)"
            )
        case _ if place[-1] in SECRETS:
            return f"{key}: cho phép (allowed): {allowed}"
        case _:
            return f"{key}: tìm thấy (found) {_found(details['input'])}; cho phép (allowed): {allowed}"


def _allowed(details: Mapping[str, Any]) -> str:
    words = ALLOWED.get(details["type"])
    if words is not None:
        return words.format(**details.get("ctx", {})).replace(" or ", ", ")
    said = str(details["msg"])
    if details["type"] in OWN_WORDS:
        return said.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return f"giá trị khác (another value): {said}"


def _found(value: object) -> str:
    """Repeat a value, cut short. Bounded in depth too: repr() of tables 1,000 deep fails by itself."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return _cut(_shown.repr(value), FOUND_MAX)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 3] + "…"
