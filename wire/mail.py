"""What a node is answered over HTTPS, where MQTT does not come through: its documents."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from wire.names import Name


class Posted(Struct, frozen=True, kw_only=True):
    """One document, sealed as it would stand on the broker."""

    name: Name
    sealed: msgspec.Raw


class Post(Struct, frozen=True, kw_only=True):
    """All documents that stand for a node now."""

    documents: Annotated[list[Posted], Meta(max_length=16)]
