"""Presence: what a node says of itself, retained, and renewed before its lease ends."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from wire.facts import Count


class Status(Struct, frozen=True, kw_only=True):
    """A node's sign of life. The hub judges it by its own clock: heard of within `lease_s`, or not."""

    session: Count
    """Counts up with each start of the node's link; a status of an older session is void."""
    boot: Annotated[str, Meta(max_length=40)]
    online: bool
    """False in the last will, which only shortens the wait for the lease to end."""
    kind: Annotated[str, Meta(max_length=40)]
    """What the node does: rating, ticket, display, camera, speaker or agent."""
    lease_s: Annotated[int, Meta(ge=1, le=86_400)]
    backlog: Count = 0
    """Facts that the hub has not yet said are safe."""
    problems: Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(max_length=20)] = []
    """What is wrong, in plain Vietnamese, for people to read."""
    refused: Count = 0
    """Messages that the node refused since it started."""
