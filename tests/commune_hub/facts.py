"""Make batches for the ledger."""

from __future__ import annotations

import msgspec

from wire.batches import Batch
from wire.facts import Body, Fact, Moment, RatingPressed, TicketIssued, make_fact

EPOCH = "0123456789abcdef"


def moment(at_ms: int) -> Moment:
    return Moment(at_ms=at_ms, mono_ms=1, boot="boot", synced=True)


def batch(
    bodies: list[Body | Fact],
    at_ms: int,
    *,
    first: int = 1,
    oldest: int | None = None,
    device: str = "quay-1-pi",
    node: str = "rating",
    epoch: str = EPOCH,
) -> Batch:
    """A batch whose fact number n happened at `at_ms` + n."""
    facts = [
        body if isinstance(body, Fact) else make_fact(body, moment(at_ms + first + index))
        for index, body in enumerate(bodies)
    ]
    return Batch(
        device=device,
        node=node,
        epoch=epoch,
        first=first,
        oldest=first if oldest is None else oldest,
        facts=facts,
    )


def press(level: int = 1, counter: str = "quay-1") -> RatingPressed:
    return RatingPressed(counter=counter, scale="vi4", level=level, source="button")


def ticket(number: str, day: str) -> TicketIssued:
    return TicketIssued(ticket=f"sanh-{day}-{number}", number=number, field="ho-tich", day=day, printed=True)


def raw_fact(kind: str, body: bytes, at_ms: int) -> Fact:
    return Fact(kind=kind, moment=moment(at_ms), body=msgspec.Raw(body))
