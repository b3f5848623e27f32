"""The lists of words by which a meaning is told: `context.toml`, so that they are changed without code."""

from __future__ import annotations

import tomllib
from pathlib import Path

_LISTS = tomllib.loads(Path(__file__).with_name("context.toml").read_text(encoding="utf-8"))


def context(rule: str, name: str) -> frozenset[str]:
    """Return the words, in small letters, that the rule's file calls `name`."""
    return frozenset(_LISTS[rule][name].split())
