"""Hypothesis strategies for msgspec structs, drawn from the bounds that the structs declare themselves."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)


def structs(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Return valid instances of a struct: every bound, pattern and optional field is made use of."""
    return _of(inspect.type_info(kind))


def _of(info: inspect.Type) -> st.SearchStrategy[Any]:
    match info:
        case inspect.StructType():
            made: st.SearchStrategy[Any] = st.builds(
                info.cls, **{field.name: _of(field.type) for field in info.fields}
            )
        case inspect.UnionType():
            made = st.one_of([_of(each) for each in info.types])
        case inspect.ListType():
            made = st.lists(_of(info.item_type), min_size=info.min_length or 0, max_size=3)
        case inspect.DictType():
            made = st.dictionaries(_of(info.key_type), _of(info.value_type), max_size=3)
        case inspect.LiteralType():
            made = st.sampled_from(info.values)
        case inspect.RawType():
            made = st.dictionaries(TEXT, TEXT, max_size=3).map(msgspec.json.encode).map(msgspec.Raw)
        case _:
            made = _plain(info)
    return made


def _plain(info: inspect.Type) -> st.SearchStrategy[Any]:
    made: st.SearchStrategy[Any]
    match info:
        case inspect.StrType(pattern=str(pattern)):
            made = st.from_regex(pattern).filter(lambda text: len(text) <= (info.max_length or len(text)))
        case inspect.StrType():
            shortest, longest = info.min_length or 0, min(info.max_length or 40, 40)
            made = st.text(st.characters(codec="utf-8"), min_size=shortest, max_size=longest)
        case inspect.BytesType():
            made = st.binary(min_size=info.min_length or 0, max_size=min(info.max_length or 64, 64))
        case inspect.IntType():
            least = -(2**63) if info.ge is None else info.ge
            made = st.integers(least, 2**63 - 1 if info.le is None else info.le)
        case inspect.FloatType():
            made = st.floats(info.ge, info.le, allow_nan=False, allow_infinity=False)
        case inspect.BoolType():
            made = st.booleans()
        case inspect.NoneType():
            made = st.none()
        case _:
            raise TypeError(f"no strategy for {info!r}")
    return made
