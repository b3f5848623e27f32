"""Between the ledger and the capabilities: facts that their sender may not tell are kept, and not followed.

Such a fact is in the ledger, raw, under its number, so that its stream goes on and everybody can see what was
tried. It is counted with its device as refused: `out_of_place`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from commune_hub.ledger import Capability, Taken
from provisioning.telling import may_tell
from wire.codec import WireError

KindOf = Callable[[str, str], str | None]
"""Returns the kind of a device's node; None for the hub's own, and for what has left the roster."""

Refused = Callable[[str, str, WireError], None]


class InPlace:
    """Hands on to `followers` what the kind of its sender may tell, and counts the rest."""

    def __init__(self, followers: Sequence[Capability], kind_of: KindOf, refused: Refused) -> None:
        self._followers = followers
        self._kind_of = kind_of
        self._refused = refused

    def apply(self, taken: Sequence[Taken]) -> None:
        """Follow facts, in order."""
        found = {_told(each) for each in taken}
        amiss = {told for told in found if not self._fits(*told)}
        if amiss:
            for each in taken:
                if _told(each) in amiss:
                    self._count(*_told(each))
            taken = [each for each in taken if _told(each) not in amiss]
        for follower in self._followers:
            follower.apply(taken)

    def retime(self, taken: Taken, was: Taken) -> None:
        """Correct what was concluded from a fact; from one out of place, nothing was."""
        if self._fits(*_told(taken)):
            for follower in self._followers:
                follower.retime(taken, was)

    def _fits(self, device: str, node: str, fact_kind: str) -> bool:
        kind = self._kind_of(device, node)
        return kind is None or may_tell(kind, fact_kind)

    def _count(self, device: str, node: str, fact_kind: str) -> None:
        text = f"a node of kind {self._kind_of(device, node)} may not tell {fact_kind}"
        self._refused(device, f"{device}/{node}", WireError("out_of_place", text))


def _told(taken: Taken) -> tuple[str, str, str]:
    return taken.device, taken.node, taken.body.KIND
