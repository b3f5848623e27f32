"""What each kind of node may tell: a camera that was broken into presses no buttons."""

from __future__ import annotations

from firmware_agent.config import AGENT
from wire.facts import BODIES

EVERYBODY = frozenset({"intent.applied", "message.refused", "fact.damaged"})
"""Kinds of facts that every node tells."""

TOLD_BY: dict[str, frozenset[str]] = {
    AGENT: frozenset({"health.sampled", "node.started", "node.died"}),
    "rating": frozenset({"rating.pressed", "rating.reasoned", "button.failed", "button.recovered"}),
    "ticket": frozenset({"ticket.issued"}),
    "keys": frozenset(
        {"counter.asked", "button.failed", "button.recovered"}
        | {f"ticket.{step}" for step in ("called", "recalled", "missed", "parked", "returned", "ended")}
    ),
    "display": frozenset({"call.shown"}),
    "speaker": frozenset(
        {"call.spoken", "speaker.stopped", "speaker.released", "speaker.tested", "speaker.configured"}
        | {f"playback.{step}" for step in ("started", "finished", "refused", "cut")}
    ),
    "camera": frozenset({"clip.recorded"}),
}
"""What nodes of a kind tell besides what everybody does.

Calls and what follows them are the hub's own, and those of a counter's keys, at that counter (the queue sees
to it)."""


def may_tell(node_kind: str, fact_kind: str) -> bool:
    """Tell whether a node of this kind may tell such a fact.

    A kind of fact that this version does not know says nothing to anybody: whoever likes may tell it. So may
    a kind of node that came with a package of its own tell what no kind of ours does.
    """
    return (
        fact_kind in EVERYBODY or fact_kind not in BODIES or fact_kind in TOLD_BY.get(node_kind, frozenset())
    )
