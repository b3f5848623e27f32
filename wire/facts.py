"""Facts: what happened, stamped, immutable, named `noun.verbed`.

A fact is an envelope (`Fact`) around a body of its kind. Bodies known here are typed; a fact of a kind that
is not known here is still a fact: it is kept raw and counted, never dropped.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta, Struct

from wire.body import AtMs as AtMs  # noqa: PLC0414
from wire.body import Body as Body  # noqa: PLC0414
from wire.body import Count as Count  # noqa: PLC0414
from wire.body import ShortText as ShortText  # noqa: PLC0414
from wire.codec import MAX_FACT_BYTES, WireError, decode
from wire.names import Name
from wire.sounding import PlaybackCut as PlaybackCut  # noqa: PLC0414
from wire.sounding import PlaybackFinished as PlaybackFinished  # noqa: PLC0414
from wire.sounding import PlaybackRefused as PlaybackRefused  # noqa: PLC0414
from wire.sounding import PlaybackStarted as PlaybackStarted  # noqa: PLC0414
from wire.sounding import SpeakerConfigured as SpeakerConfigured  # noqa: PLC0414
from wire.sounding import SpeakerReleased as SpeakerReleased  # noqa: PLC0414
from wire.sounding import SpeakerStopped as SpeakerStopped  # noqa: PLC0414
from wire.sounding import SpeakerTested as SpeakerTested  # noqa: PLC0414

Kind = Annotated[str, Meta(pattern=r"^[a-z]{1,24}\.[a-z_]{1,24}\Z")]
Minutes = Annotated[int, Meta(ge=0, le=1_440)]
Marks = Annotated[list[Name], Meta(max_length=8)]

ORDINARY = "ordinary"
"""The priority class of a ticket that has none."""


class Moment(Struct, frozen=True, kw_only=True, gc=False):
    """When something happened, as the node knew it."""

    at_ms: AtMs
    """Wall time in UTC, milliseconds since 1970, as the node believed it."""
    mono_ms: Count
    """Monotonic time since that boot, milliseconds."""
    boot: Annotated[str, Meta(min_length=1, max_length=40)]
    """Id of the boot that `mono_ms` counts from."""
    synced: bool
    """Whether the wall clock was synchronised."""


class Fact(Struct, frozen=True, kw_only=True, gc=False):
    """One thing that happened. Its number is given by its place in its outbox."""

    kind: Kind
    moment: Moment
    body: msgspec.Raw


class RatingPressed(Body, frozen=True, kw_only=True):
    """A citizen pressed a rating. Anonymous: no name, no number of a person."""

    KIND: ClassVar[str] = "rating.pressed"
    counter: ShortText
    scale: ShortText
    """Id of the scale, e.g. `vi4`: four levels, 1 = very satisfied … 4 = not satisfied."""
    level: Annotated[int, Meta(ge=1, le=5)]
    source: ShortText
    """`button`, `touch`, `exit` (a button by the way out) or `slip` (the page behind the slip's QR code)."""
    ticket: ShortText | None = None
    """Id of the ticket being served, if any."""
    officer: ShortText | None = None
    """Account name of the officer who serves, if any."""
    press: ShortText = ""
    """Id of this press, unique in the commune; empty in facts of earlier versions."""
    corrects: ShortText | None = None
    """Id of the press that this one takes the place of: the citizen chose otherwise within a few seconds."""
    marks: Marks = msgspec.field(default_factory=list)
    """Why this press may not be an answer: `repeat`, `burst`, `all-faces`, `nobody-served`, … Kept all the
    same; what a mark means for a count is the hub's to say."""


class RatingReasoned(Body, frozen=True, kw_only=True):
    """A citizen tapped why a low press was low. Never free text."""

    KIND: ClassVar[str] = "rating.reasoned"
    counter: ShortText
    press: ShortText
    """Id of the press that it belongs to."""
    reason: Name
    """Id of the reason as the node's setting has it: `waiting`, `procedure`, `attitude`, `facilities`, …"""


class ButtonFailed(Body, frozen=True, kw_only=True):
    """A button of a rating panel, or of a counter's keys, does not behave as a finger would; what it says is
    left out. Which it is, its node says."""

    KIND: ClassVar[str] = "button.failed"
    counter: ShortText
    level: Annotated[int, Meta(ge=1, le=5)]
    """Place in its row, from 1; of keys 1 is "next", 2 is "end", 3 is any key of the number pad."""
    fault: ShortText
    """`stuck` (down too long), `shorted` (down since the start) or `chattering` (more edges than a hand)."""


class ButtonRecovered(Body, frozen=True, kw_only=True):
    """Such a button behaves again."""

    KIND: ClassVar[str] = "button.recovered"
    counter: ShortText
    level: Annotated[int, Meta(ge=1, le=5)]
    edges_left_out: Count
    """Edges of the line that were not taken for presses meanwhile."""


class TicketIssued(Body, frozen=True, kw_only=True):
    """A kiosk gave out a number."""

    KIND: ClassVar[str] = "ticket.issued"
    ticket: ShortText
    """Unique id of the ticket: kiosk device, day and number."""
    number: ShortText
    """What the citizen sees and hears, e.g. `A007`."""
    field: ShortText
    """Id of the field of work."""
    day: ShortText
    """Local date, YYYY-MM-DD, that the number belongs to."""
    printed: bool
    lane: Name = ORDINARY
    """Id of the priority class that the citizen chose."""
    code: Annotated[str, Meta(pattern=r"^([A-Za-z0-9_-]{22})?\Z")] = ""
    """Secret of the slip's QR code, 128 random bits in base64url; empty on a slip without one."""
    wait_low_min: Minutes | None = None
    """The range of waiting time that the citizen was told, minutes."""
    wait_high_min: Minutes | None = None


class AtCounter(Body, frozen=True, kw_only=True):
    """What all steps of a visit at a counter have in common."""

    ticket: ShortText
    """Id of the ticket; empty when keys called a number that the counter knew nothing more of."""
    counter: ShortText
    officer: ShortText
    """Account of who did it; empty: nobody had signed in to the counter."""
    by: ShortText = "console"
    """`console`, or `keys` for a counter that went on by itself while the hub was away."""


class TicketCalled(AtCounter, frozen=True, kw_only=True):
    """A number was called to a counter."""

    KIND: ClassVar[str] = "ticket.called"
    number: ShortText
    why: ShortText = ""
    """Why this one: `longest`, `priority`, `ratio`, `passed_over`, `returned`, `chosen`, `own_order`.
    `resumed`: no calling out; an end or a miss was taken back, and the visit goes on."""


class TicketRecalled(AtCounter, frozen=True, kw_only=True):
    """The number that a counter serves was called out once more."""

    KIND: ClassVar[str] = "ticket.recalled"
    number: ShortText


class TicketMissed(AtCounter, frozen=True, kw_only=True):
    """Nobody came to the counter for a called number."""

    KIND: ClassVar[str] = "ticket.missed"


class TicketParked(AtCounter, frozen=True, kw_only=True):
    """A visit was put aside until the citizen is back with a missing paper."""

    KIND: ClassVar[str] = "ticket.parked"
    reason: ShortText = ""


class TicketReturned(AtCounter, frozen=True, kw_only=True):
    """A citizen whose visit was parked, or who missed his call, is back and waits near the front."""

    KIND: ClassVar[str] = "ticket.returned"


class TicketTransferred(AtCounter, frozen=True, kw_only=True):
    """A visit at `counter` goes on in another field or at another counter, under the same number."""

    KIND: ClassVar[str] = "ticket.transferred"
    to_field: ShortText | None = None
    to_counter: ShortText | None = None


class TicketEnded(AtCounter, frozen=True, kw_only=True):
    """The visit that belongs to a ticket ended at a counter."""

    KIND: ClassVar[str] = "ticket.ended"


class CounterAsked(Body, frozen=True, kw_only=True):
    """An officer pressed a key at the counter; the hub does it and answers in the desk document."""

    KIND: ClassVar[str] = "counter.asked"
    counter: ShortText
    ask: ShortText
    """Id of this asking, unique in the commune; the desk document names the last one that was answered."""
    action: Name
    """`next`, `recall`, `missed`, `park`, `return`, `transfer`, `end`, `call` (a number of choice)."""
    number: ShortText = ""
    """For `call` and `return`: the number as it stands on the slip."""
    to_field: ShortText | None = None
    to_counter: ShortText | None = None
    expires_at_ms: AtMs | None = None
    """After this wall time the asking is void: a key pressed before the link went must call nobody later."""


class CallShown(Body, frozen=True, kw_only=True):
    """A display showed a call to the hall."""

    KIND: ClassVar[str] = "call.shown"
    call: ShortText
    """Id of the call, as in the board document."""
    counter: ShortText
    number: ShortText
    shown_at_ms: AtMs


class CallSpoken(Body, frozen=True, kw_only=True):
    """A loudspeaker of the hall spoke a call to its end."""

    KIND: ClassVar[str] = "call.spoken"
    call: ShortText
    counter: ShortText
    number: ShortText
    started_at_ms: AtMs
    duration_ms: Count


class ClipRecorded(Body, frozen=True, kw_only=True):
    """A camera recorded motion at its counter."""

    KIND: ClassVar[str] = "clip.recorded"
    counter: ShortText
    file: ShortText
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    size_bytes: Count
    started_at_ms: AtMs
    duration_ms: Count


class HealthSampled(Body, frozen=True, kw_only=True):
    """How a device feels."""

    KIND: ClassVar[str] = "health.sampled"
    cpu_celsius: float | None
    disk_free_mb: Count
    memory_free_mb: Count
    uptime_s: Count


class NodeStarted(Body, frozen=True, kw_only=True):
    """The supervisor started a node's process."""

    KIND: ClassVar[str] = "node.started"
    node: ShortText
    pid: Count


class NodeDied(Body, frozen=True, kw_only=True):
    """A node's process ended unasked; the supervisor starts it again after a pause."""

    KIND: ClassVar[str] = "node.died"
    node: ShortText
    exit_code: int
    error: Annotated[str, Meta(max_length=500)]
    deaths: Count
    restart_in_s: float


class IntentApplied(Body, frozen=True, kw_only=True):
    """A node took a new document as its intent."""

    KIND: ClassVar[str] = "intent.applied"
    name: ShortText
    number: Count


class MessageRefused(Body, frozen=True, kw_only=True):
    """A node refused something that came from the network."""

    KIND: ClassVar[str] = "message.refused"
    topic: ShortText
    reason: ShortText
    detail: ShortText


class FactDamaged(Body, frozen=True, kw_only=True):
    """Stands in the place of a fact that a bad card changed after it was written: its bytes as found."""

    KIND: ClassVar[str] = "fact.damaged"
    found: Annotated[bytes, Meta(max_length=MAX_FACT_BYTES // 2)]


def kinds_of(base: type[Body]) -> Iterator[type[Body]]:
    """Return every class below `base` that names a kind."""
    for body in base.__subclasses__():
        if "KIND" in vars(body):
            yield body
        yield from kinds_of(body)


BODIES: dict[str, type[Body]] = {body.KIND: body for body in kinds_of(Body)}
"""Every kind that this version knows, by name."""


TELEMETRY = frozenset(
    body.KIND for body in (HealthSampled, NodeStarted, NodeDied, IntentApplied, MessageRefused)
)
"""Kinds that say how devices do their work, not what people did or heard: the first to go on a full disk."""


def make_fact(body: Body, moment: Moment) -> Fact:
    """Put `body` into an envelope; raises WireError `too_large` for one that no batch could carry."""
    raw = msgspec.json.encode(body)
    if len(raw) > MAX_FACT_BYTES:
        raise WireError("too_large", f"{body.KIND}: {len(raw)} bytes, at most {MAX_FACT_BYTES} are allowed")
    return Fact(kind=body.KIND, moment=moment, body=msgspec.Raw(raw))


def read_body(kind: str, raw: bytes) -> Body | None:
    """Read a fact's body; None for a kind not known here; raises WireError, as `decode`, for a bad one."""
    body_type = BODIES.get(kind)
    if body_type is None:
        return None
    return decode(raw, body_type, MAX_FACT_BYTES)


_MANY = {kind: msgspec.json.Decoder(list[body]) for kind, body in BODIES.items()}  # type: ignore[valid-type]


def read_bodies(kind: str, raws: Sequence[bytes]) -> Sequence[Body | None]:
    """Read bodies of one kind at once, several times faster than each by `read_body`.

    Raises WireError, as that, if any of them is bad; which one is found by reading them singly.
    """
    many = _MANY.get(kind)
    if many is None:
        return [None] * len(raws)
    if max(map(len, raws), default=0) <= MAX_FACT_BYTES:
        together = b"[" + b",".join(raws) + b"]"
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            together.decode("utf-8")
            bodies = many.decode(together)
            if len(bodies) == len(raws):
                return bodies
    return [read_body(kind, raw) for raw in raws]
