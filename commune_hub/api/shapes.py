"""What goes in and out of the API, as JSON."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from commune_hub.capabilities.bulletins import (
    PLACES_MAX,
    STATES,
    TEXT_MAX,
    TITLE_MAX,
    Bulletin,
    Draft,
)
from commune_hub.capabilities.clips import Clip
from commune_hub.capabilities.queue import Ticket
from commune_hub.capabilities.ratings import Tally
from commune_hub.presence import Outage
from commune_hub.store import Row
from commune_hub.times import local_time, to_ms


class Shape(BaseModel):
    """Base of what comes in: unknown fields are mistakes."""

    model_config = ConfigDict(extra="forbid")


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


class BulletinIn(Shape):
    """A bulletin to write. `at` null: as soon as it is approved."""

    title: str = Field(min_length=1, max_length=TITLE_MAX)
    text: str = Field(min_length=1, max_length=TEXT_MAX)
    places: list[str] = Field(min_length=1, max_length=PLACES_MAX)
    at: AwareDatetime | None = None
    emergency: bool = False

    def draft(self) -> Draft:
        """Return it as the capability takes it."""
        at_ms = None if self.at is None else to_ms(self.at)
        return Draft(self.title, self.text, tuple(self.places), at_ms, self.emergency)


class PlaybackOut(BaseModel):
    """What one loudspeaker made of a bulletin."""

    device: str
    outcome: str
    reason: str
    started_at: datetime | None
    duration_ms: int | None


class BulletinOut(BaseModel):
    """A bulletin and how far it has come."""

    id: str
    title: str
    text: str
    places: list[str]
    at: datetime | None
    emergency: bool
    state: str
    state_name: str
    written_by: str
    approved_by: str | None
    playbacks: list[PlaybackOut]


def bulletin_out(bulletin: Bulletin, playbacks: list[Row]) -> BulletinOut:
    """Return a bulletin for the API."""
    return BulletinOut(
        id=bulletin.id,
        title=bulletin.title,
        text=bulletin.text,
        places=list(bulletin.places),
        at=_moment(bulletin.at_ms),
        emergency=bulletin.emergency,
        state=bulletin.state,
        state_name=STATES[bulletin.state],
        written_by=bulletin.written_by,
        approved_by=bulletin.approved_by,
        playbacks=[
            PlaybackOut(
                device=row["device"],
                outcome=row["outcome"],
                reason=row["reason"],
                started_at=_moment(row["started_at_ms"]),
                duration_ms=row["duration_ms"],
            )
            for row in playbacks
        ],
    )


class TicketOut(BaseModel):
    """A ticket in the queue."""

    ticket: str
    number: str
    field: str
    state: str
    issued_at: datetime
    counter: str | None
    called_at: datetime | None


def ticket_out(ticket: Ticket) -> TicketOut:
    """Return a ticket for the API."""
    return TicketOut(
        ticket=ticket.ticket,
        number=ticket.number,
        field=ticket.field,
        state=ticket.state,
        issued_at=local_time(ticket.issued_at_ms),
        counter=ticket.counter,
        called_at=_moment(ticket.called_at_ms),
    )


class QueueOut(BaseModel):
    """The queue of today."""

    waiting: list[TicketOut]
    serving: dict[str, TicketOut]
    counts: dict[str, int]


class TallyOut(BaseModel):
    """Presses of a counter today; `satisfied_share` is computed the way SIPAS is."""

    counter: str
    levels: dict[int, int]
    total: int
    satisfied_share: float | None


def tally_out(tally: Tally) -> TallyOut:
    """Return a tally for the API."""
    return TallyOut(
        counter=tally.counter, levels=tally.levels, total=tally.total, satisfied_share=tally.satisfied_share
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
        since=_moment(outage.since_ms),
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


def _moment(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else local_time(at_ms)
