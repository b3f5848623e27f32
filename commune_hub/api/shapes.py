"""What goes in and out of the API, as JSON."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from commune_hub.capabilities.clips import Clip
from commune_hub.capabilities.queue import REASON_MAX, Ticket
from commune_hub.capabilities.ratings import Tally
from commune_hub.presence import Outage
from commune_hub.times import local_time, local_time_if


class Shape(BaseModel):
    """Base of what comes in: unknown fields are mistakes."""

    model_config = ConfigDict(extra="forbid")


class Approval(Shape):
    """An approval: `version` of what was read."""

    version: str = Field(max_length=64)


class SignIn(Shape):
    """Account and password."""

    account: str = Field(max_length=40)
    password: str = Field(max_length=128)


class Session(BaseModel):
    """A session: send `Authorization: Bearer {token}`."""

    token: str
    account: str
    name: str
    roles: list[str]


class OrderIn(Shape):
    """An order at a counter. `seen`: the counter's `state` that it was meant for; null: whatever it is."""

    seen: str | None = Field(default=None, max_length=40)


class CallIn(OrderIn):
    """Call a number of choice."""

    number: str = Field(min_length=1, max_length=20)


class ParkIn(OrderIn):
    """Park a visit, and why."""

    reason: str = Field(default="", max_length=REASON_MAX)


class ReturnIn(OrderIn):
    """Let a ticket that was put aside come back."""

    ticket: str = Field(min_length=1, max_length=200)


class TransferIn(OrderIn):
    """Where a visit goes on: a field, a counter, or both."""

    to_field: str | None = Field(default=None, max_length=40)
    to_counter: str | None = Field(default=None, max_length=40)


class TicketOut(BaseModel):
    """A ticket in the queue."""

    ticket: str
    number: str
    field: str
    lane: str
    state: str
    issued_at: datetime
    counter: str | None
    called_at: datetime | None
    why: str
    reason: str
    to_counter: str | None
    clash_counter: str | None


def ticket_out(ticket: Ticket) -> TicketOut:
    """Return a ticket for the API."""
    return TicketOut(
        ticket=ticket.ticket,
        number=ticket.number,
        field=ticket.field,
        lane=ticket.lane,
        state=ticket.state,
        issued_at=local_time(ticket.issued_at_ms),
        counter=ticket.counter,
        called_at=local_time_if(ticket.called_at_ms),
        why=ticket.why,
        reason=ticket.reason,
        to_counter=ticket.to_counter,
        clash_counter=ticket.clash_counter,
    )


class QueueOut(BaseModel):
    """The queue of today. `aside`: parked and missed; `clashes`: called by two counters that were cut off."""

    waiting: list[TicketOut]
    serving: dict[str, TicketOut]
    aside: list[TicketOut]
    clashes: list[TicketOut]
    counts: dict[str, int]


class StandingOut(BaseModel):
    """Somebody who waits, and why he stands there (as `why` of a called ticket)."""

    ticket: TicketOut
    why: str


class CounterOut(BaseModel):
    """A counter as its officer sees it."""

    state: str
    serving: TicketOut | None
    next: list[StandingOut]


class TallyOut(BaseModel):
    """Answers at a counter today, by level of `scale`, without presses that do not count (docs/rating.md).

    `satisfied_share` is computed the way SIPAS is.
    """

    counter: str
    scale: str
    levels: dict[int, int]
    total: int
    satisfied_share: float | None


def tally_out(tally: Tally) -> TallyOut:
    """Return a tally for the API."""
    return TallyOut(
        counter=tally.counter,
        scale=tally.scale,
        levels=tally.levels,
        total=tally.total,
        satisfied_share=tally.satisfied_share,
    )


class NodeOut(BaseModel):
    """A node of a device."""

    name: str
    kind: str
    online: bool
    seen_at: datetime | None
    backlog: int
    problems: list[str]
    refused: int


class DeviceOut(BaseModel):
    """A device; online when every node of it is."""

    device: str
    place: str
    online: bool
    nodes: list[NodeOut]
    deaths_today: int


class OutageOut(BaseModel):
    """A silence and what it says: `kind` is one of own_link, commune_silent, place_dark, device_dead,
    device_silent, never_seen; `text` is for people; `since` is null where it is not known."""

    kind: str
    places: list[str]
    devices: list[str]
    since: datetime | None
    text: str


def outage_out(outage: Outage) -> OutageOut:
    """Return an outage for the API."""
    return OutageOut(
        kind=outage.kind,
        places=list(outage.places),
        devices=list(outage.devices),
        since=local_time_if(outage.since_ms),
        text=outage.text,
    )


class AccountOut(BaseModel):
    """A device's account of a day; `made` = `stored` + `missing`."""

    day: str
    device: str
    made: int
    stored: int
    missing: int
    repeated: int
    refused: int
    repaired: int


class ClipOut(BaseModel):
    """A clip; `here` when its file has arrived."""

    sha256: str
    device: str
    counter: str
    size_bytes: int
    started_at: datetime
    duration_ms: int
    here: bool


def clip_out(clip: Clip) -> ClipOut:
    """Return a clip for the API."""
    return ClipOut(
        sha256=clip.sha256,
        device=clip.device,
        counter=clip.counter,
        size_bytes=clip.size_bytes,
        started_at=local_time(clip.started_at_ms),
        duration_ms=clip.duration_ms,
        here=clip.here,
    )
