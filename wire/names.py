"""Names that may stand in a topic: communes, devices, nodes, intents."""

from __future__ import annotations

import re
from typing import Annotated

from msgspec import Meta

NAME_PATTERN = r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\Z"
"""Lower-case letters, digits and inner hyphens, 1 to 40 long: safe in topics, files and certificates.

`\\Z`, since `$` lets a line feed at the end pass."""

Name = Annotated[str, Meta(pattern=NAME_PATTERN)]

HUB = "hub"
"""The hub's own name on the wire and in its certificate; no device may have it."""

_NAME = re.compile(NAME_PATTERN)


def is_name(text: str) -> bool:
    """Tell whether `text` may name a commune, a device, a node or an intent."""
    return bool(_NAME.fullmatch(text))
