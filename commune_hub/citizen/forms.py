"""Reads the two forms of the page, strictly: what no page of ours sends is refused. Pure."""

from __future__ import annotations

from urllib.parse import parse_qsl

from commune_hub.errors import InvalidError

BODY_MAX_BYTES = 1_024
FIELDS_MAX = 4
VALUE_MAX = 40


def read_form(content_type: str, body: bytes, names: frozenset[str]) -> dict[str, str]:
    """Return the values of a form that has exactly these fields, each once; raises InvalidError."""
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise _misshapen()
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=FIELDS_MAX,
        )
    except ValueError:
        raise _misshapen() from None
    values = dict(pairs)
    if (
        len(pairs) != len(values)
        or values.keys() != names
        or any(len(v) > VALUE_MAX for v in values.values())
    ):
        raise _misshapen()
    return values


def read_level(values: dict[str, str]) -> int:
    """Return the level that was tapped; raises InvalidError for anything but one figure."""
    level = values["level"]
    if len(level) != 1 or level not in "123456789":
        raise _misshapen()
    return int(level)


def _misshapen() -> InvalidError:
    return InvalidError("Biểu mẫu không đúng. (The form is malformed.)")
