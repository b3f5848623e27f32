"""Write the TOML that our own files consist of; `tomllib` reads it back as the same values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

NESTING_MAX = 32
"""Deepest nesting that is written: deeper than any of our settings, and no reader's stack ends by it."""


def toml_text(values: Mapping[str, Any]) -> str:
    """Return `values` as TOML: plain values first, then tables and lists of tables, in the given order.

    Values are str, bool, int, float, paths, and lists and mappings of these. Raises ValueError for others
    (TOML has no null), for text that is not Unicode, and for more than NESTING_MAX levels.
    """
    _check_nesting(values, NESTING_MAX)
    return "\n".join(_table("", values)).strip("\n") + "\n"


def _check_nesting(value: Any, levels: int) -> None:
    if levels < 0:
        raise ValueError(f"lồng quá {NESTING_MAX} tầng (nested too deeply)")
    if isinstance(value, Mapping | list | tuple):
        for each in value.values() if isinstance(value, Mapping) else value:
            _check_nesting(each, levels - 1)


def _table(path: str, values: Mapping[str, Any]) -> list[str]:
    lines = [f"{_key(key)} = {_value(each)}" for key, each in values.items() if not _has_header(each)]
    for key, each in values.items():
        if not _has_header(each):
            continue
        name = f"{path}.{_key(key)}" if path else _key(key)
        tables, header = (each, f"[[{name}]]") if isinstance(each, list) else ([each], f"[{name}]")
        for table in tables:
            lines += ["", header, *_table(name, table)]
    return lines


def _has_header(value: Any) -> bool:
    """Tables and lists of tables stand under headers of their own."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(each, Mapping) for each in value)
    return isinstance(value, Mapping)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str() | PurePath():
            return _text(str(value))
        case list() | tuple():
            return f"[{', '.join(map(_value, value))}]"
        case Mapping():
            return f"{{{', '.join(f'{_key(key)} = {_value(each)}' for key, each in value.items())}}}"
    raise ValueError(f"{value!r}: không ghi được vào TOML (TOML has no such value)")


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if bare else _text(key)


def _text(text: str) -> str:
    """JSON's strings are TOML's, but for DEL, which TOML wants escaped."""
    if any("\ud800" <= letter <= "\udfff" for letter in text):  # from a command line that is not UTF-8
        raise ValueError(f"{text!r}: không phải UTF-8 (not UTF-8)")
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
