"""What the bodies of all facts have in common."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta, Struct

ShortText = Annotated[str, Meta(max_length=200)]
AtMs = Annotated[int, Meta(ge=0, le=253_402_300_799_999)]
"""Wall time, UTC milliseconds since 1970, up to the end of the year 9999: what every calendar can show."""
Count = Annotated[int, Meta(ge=0, le=2**53)]
"""A figure that cannot be negative, within what JSON readers and SQLite both hold exactly."""


class Body(Struct, frozen=True, kw_only=True):
    """What all bodies of facts have in common: the name of their kind."""

    KIND: ClassVar[str]
