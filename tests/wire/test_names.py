"""Names are safe in topics, in files and in certificates."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.names import HUB, NAME_PATTERN, Name, is_name


@pytest.mark.parametrize("text", ["a", "7", "quay-1-pi", "a--b", "x" * 40, HUB])
def test_good_names(text: str) -> None:
    assert is_name(text)


@pytest.mark.parametrize(
    "text",
    ["", "-a", "a-", "A", "quầy", "a b", "a/b", "a+", "#", "a.b", "..", "x" * 41, "a\n", "\na", "a\0", "a_b"],
)
def test_bad_names(text: str) -> None:
    assert not is_name(text)


@given(st.one_of(st.text(max_size=45), st.from_regex(NAME_PATTERN), st.from_regex(r"^[a-z0-9-]+\n?$")))
def test_the_wire_and_the_function_agree_on_what_a_name_is(text: str) -> None:
    try:
        msgspec.convert(text, Name)
    except msgspec.ValidationError:
        assert not is_name(text)
    else:
        assert is_name(text)
