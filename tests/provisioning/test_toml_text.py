from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.toml_text import NESTING_MAX, toml_text

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
PLAIN = st.one_of(TEXT, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False))
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=12
)


@given(st.dictionaries(TEXT, VALUES, max_size=5))
def test_what_is_written_reads_back_the_same(values: dict[str, object]) -> None:
    assert tomllib.loads(toml_text(values)) == values


def test_paths_become_text() -> None:
    assert toml_text({"at": Path("/run/x")}) == 'at = "/run/x"\n'


@pytest.mark.parametrize("value", [None, object(), "\udc80", {"deep": [None]}])
def test_what_toml_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"TOML has no such value|not UTF-8"):
        toml_text({"key": value})


def nested(levels: int) -> list[object]:
    found: list[object] = []
    for _ in range(levels - 1):
        found = [found]
    return found


def test_nesting_is_bounded() -> None:
    assert tomllib.loads(toml_text({"key": nested(NESTING_MAX)})) == {"key": nested(NESTING_MAX)}
    for levels in (NESTING_MAX + 1, 800):
        with pytest.raises(ValueError, match="nested too deeply"):
            toml_text({"key": nested(levels)})
