"""Between the ledger and the capabilities: facts that their sender may not tell are kept, and not followed.

Such a fact is in the ledger, raw, under its number, so that its stream goes on and everybody can see what was
tried. It is counted with its device as refused: `out_of_place`.

The others go to those whom they concern, chosen once a batch: a kind that a capability does not follow costs
it nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

from commune_hub.ledger import Capability, Taken
from provisioning.telling import may_tell
from wire.codec import WireError
from wire.facts import Body

KindOf = Callable[[str, str], str | None]
"""Returns the kind of a device's node; None for the hub's own, and for what has left the roster."""

Refused = Callable[[str, str, WireError], None]


class Follower(Capability, Protocol):
    """A capability that says what concerns it."""

    FOLLOWS: ClassVar[frozenset[type[Body]]]
    """The bodies of facts that it is handed; of no others does it hear."""


class InPlace:
    """Hands on to `followers` what concerns them, if the kind of its sender may tell it; counts the rest."""

    def __init__(self, followers: Sequence[Follower], kind_of: KindOf, refused: Refused) -> None:
        self._followers = followers
        self._kind_of = kind_of
        self._refused = refused

    def apply(self, taken: Sequence[Taken]) -> None:
        """Follow facts of one stream, in order."""
        bodies = {type(each.body) for each in taken}
        amiss = {body for body in bodies if not self._fits(taken[0].device, taken[0].node, body)}
        for each in taken if amiss else ():
            if type(each.body) in amiss:
                self._count(each)
        for follower in self._followers:
            theirs = (bodies & follower.FOLLOWS) - amiss
            if theirs:
                follower.apply(_of_these(taken, theirs, bodies))

    def retime(self, taken: Taken, was: Taken) -> None:
        """Correct what was concluded from a fact; from one out of place, nothing was."""
        body = type(taken.body)
        if self._fits(taken.device, taken.node, body):
            for follower in self._followers:
                if body in follower.FOLLOWS:
                    follower.retime(taken, was)

    def _fits(self, device: str, node: str, body: type[Body]) -> bool:
        kind = self._kind_of(device, node)
        return kind is None or may_tell(kind, body.KIND)

    def _count(self, taken: Taken) -> None:
        device, node = taken.device, taken.node
        text = f"a node of kind {self._kind_of(device, node)} may not tell {taken.body.KIND}"
        self._refused(device, f"{device}/{node}", WireError("out_of_place", text))


def _of_these(taken: Sequence[Taken], some: set[type[Body]], every: set[type[Body]]) -> Sequence[Taken]:
    """Return the facts with `some` bodies of `every` one there is; nearly always all: none is looked at."""
    return taken if some == every else [each for each in taken if type(each.body) in some]
