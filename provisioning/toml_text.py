"""Write the TOML that our own files consist of, within what our own readers take."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import tomli_w

NESTING_MAX = 32
"""Deepest nesting that is written: deeper than any of our settings, and no reader's stack ends by it."""


def toml_text(values: Mapping[str, Any]) -> str:
    """Return `values` as TOML, in the given order, paths as text.

    Values are str, bool, int, float, paths, and lists and mappings of these. Raises ValueError for others
    (TOML has no null), for text that is not Unicode, and for more than NESTING_MAX levels.
    """
    return tomli_w.dumps(_plain(values, NESTING_MAX))


def _plain(value: Any, levels: int) -> Any:
    if levels < 0:
        raise ValueError(f"lồng quá {NESTING_MAX} tầng (nested too deeply)")
    match value:
        case bool() | int() | float():
            return value
        case str() | PurePath():
            return _text(str(value))
        case list() | tuple():
            return [_plain(each, levels - 1) for each in value]
        case Mapping():
            return {_text(key): _plain(each, levels - 1) for key, each in value.items()}
    raise ValueError(f"{value!r}: không ghi được vào TOML (TOML has no such value)")


def _text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:  # lone surrogates, e.g. from a command line that is not UTF-8
        raise ValueError(f"{text!r}: không phải UTF-8 (not UTF-8)") from None
    return text
