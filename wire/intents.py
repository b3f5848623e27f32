"""Intents: what should be. One small document per node and name, complete in itself, numbered, sealed.

The newest sealed one wins; there is no queue of commands to lose or to replay.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta, Struct, structs

from wire.codec import WireError, decode
from wire.facts import ORDINARY, Minutes, ShortText
from wire.names import Name

Text = Annotated[str, Meta(max_length=400)]
LongText = Annotated[str, Meta(max_length=8_000)]
SPOKEN_MAX = 24_000
"""Longest spoken form of a text: words are longer than figures and abbreviations."""
Names = Annotated[dict[Name, Text], Meta(max_length=60)]
"""Names for people, by id."""


class Intent(Struct, frozen=True, kw_only=True):
    """The envelope of a document; `body` holds what it says."""

    device: Name
    node: Name
    name: Name
    number: Annotated[int, Meta(ge=1)]
    """Grows with each new document for this node and name."""
    issued_at_ms: int
    expires_at_ms: int
    """After this the document is void."""
    body: msgspec.Raw


class IntentBody(Struct, frozen=True, kw_only=True):
    """What all documents have in common: the name under which they stand."""

    NAME: ClassVar[str]


class Serving(IntentBody, frozen=True, kw_only=True):
    """For a rating node: what it serves. None where nothing is known."""

    NAME: ClassVar[str] = "serving"
    counter: Text
    counter_name: Text
    officer: Text | None = None
    ticket: Text | None = None
    number: Text | None = None
    ended_at_ms: int | None = None
    """When the visit ended, for one that has just ended and may still be rated; None while it is on."""
    field: Text | None = None
    """Id of the visit's field of work."""
    without_tickets: bool = False
    """The commune gives out no tickets: nobody can tell who is served."""


class Field(Struct, frozen=True, kw_only=True):
    """A field of work that citizens take tickets for."""

    id: Name
    name: Text
    name_en: Text = ""
    picture: Name = "folder"
    """Name of one of the kiosk's pictures."""
    papers: Annotated[list[Text], Meta(max_length=12)] = []
    """What to have ready, printed on the slip."""
    wait_low_min: Minutes | None = None
    """An honest range of waiting time for who takes a number now; None where nobody can tell."""
    wait_high_min: Minutes | None = None
    greeter: bool = False
    """Where who does not know what he needs is sent."""


class Lane(Struct, frozen=True, kw_only=True):
    """A priority class, in the order in which the kiosk offers them."""

    id: Name
    name: Text
    name_en: Text = ""
    picture: Name = "person"


class Kiosk(IntentBody, frozen=True, kw_only=True):
    """For a ticket kiosk: the fields of work, and the letter that its numbers begin with."""

    NAME: ClassVar[str] = "kiosk"
    office: Text
    series: Annotated[str, Meta(pattern=r"^[A-Z]\Z")]
    """No two kiosks of a hall share a letter, so numbers never clash while the hub is away."""
    fields: Annotated[list[Field], Meta(min_length=1, max_length=12)]
    lanes: Annotated[list[Lane], Meta(max_length=6)] = []
    """Priority classes besides the ordinary one; empty: nobody is asked."""
    page_url: Text = ""
    """What the slip's QR code begins with, e.g. `http://10.0.0.5:8081/t/`; empty: no code is printed."""
    waits_until_ms: int | None = None
    """After this the waiting times of the fields are old, and nobody is told them."""


class Call(Struct, frozen=True, kw_only=True):
    """A number that was called to a counter. Each calling out is one of its own, a recall too."""

    number: Text
    counter: Text
    counter_name: Text
    called_at_ms: int
    id: Text = ""
    """Unique among the calls of the commune, and the same whoever tells of it (see `call_id`)."""
    ticket: Text = ""
    serving: bool = True
    """Whether the counter still serves it."""
    recall: bool = False


def call_id(device: str, node: str, epoch: str, seq: int) -> str:
    """Return the id of the call that this fact (`ticket.called`, `ticket.recalled`) tells of.

    Made of the fact's place in its stream, so that a display that hears a counter's facts by itself and the
    hub's board speak of one call by one name.
    """
    return f"{device}/{node}/{epoch}/{seq}"


class Waiting(Struct, frozen=True, kw_only=True):
    """A number that waits."""

    number: Text
    field: Text


class Notice(Struct, frozen=True, kw_only=True):
    """A page of the notice board: slogans, procedures and fees, phone numbers, reception calendar."""

    title: Text
    lines: Annotated[list[Text], Meta(max_length=12)]
    kind: Name = "text"
    """`text`, `slogan`, `fees`, `phones`, `calendar`, `picture` or `reminder`: how it is laid out."""
    picture: Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?\Z")] = ""
    """SHA-256 of a picture at the hub's door; empty: none."""
    from_ms: int | None = None
    until_ms: int | None = None
    """Shown from and until; None: without bound."""


class Board(IntentBody, frozen=True, kw_only=True):
    """For a display: who is called to which counter (newest first), who is next, what to read between."""

    NAME: ClassVar[str] = "board"
    office: Text
    calls: Annotated[list[Call], Meta(max_length=64)]
    """The last callings out, newest first, whatever became of them."""
    waiting: Annotated[list[Waiting], Meta(max_length=16)]
    waiting_total: Annotated[int, Meta(ge=0)]
    notices: Annotated[list[Notice], Meta(max_length=40)]
    names: Names = {}
    """Names of counters and fields by id, for what the display hears by itself while the hub is away."""


class Calls(IntentBody, frozen=True, kw_only=True):
    """For a loudspeaker of the hall: what was called, to be spoken one after the other."""

    NAME: ClassVar[str] = "calls"
    calls: Annotated[list[Call], Meta(max_length=64)]
    """Newest first."""
    names: Names = {}
    """Names of all counters by id: their sound is made before they call."""
    series: Annotated[str, Meta(pattern=r"^[A-Z]{0,26}\Z")] = ""
    """Letters that numbers begin with."""


class DeskTicket(Struct, frozen=True, kw_only=True):
    """A ticket as a counter sees it."""

    ticket: Text
    number: Text
    field: Text
    """Id of its field of work."""
    lane: Name = ORDINARY
    why: Text = ""
    """Why it stands where it stands, as in `ticket.called`."""
    mine_when_alone: bool = False
    """Whether this counter calls it while the hub is away: each waiting ticket is exactly one counter's."""


class Desk(IntentBody, frozen=True, kw_only=True):
    """For the keys of a counter: who is served there, who comes next, what became of the last asking."""

    NAME: ClassVar[str] = "desk"
    counter: Text
    counter_name: Text
    officer: Text = ""
    """Account of the officer who signed in to this counter; empty: none."""
    serving: DeskTicket | None = None
    waiting: Annotated[list[DeskTicket], Meta(max_length=64)] = []
    """In the order in which they would be called at this counter."""
    parked: Annotated[list[DeskTicket], Meta(max_length=64)] = []
    fields: Annotated[list[Field], Meta(max_length=12)] = []
    counters: Annotated[list[Name], Meta(max_length=40)] = []
    """The counters that can call by themselves: what comes while the hub is away is shared out among them
    (`wire.sharing`)."""
    serves: Annotated[dict[Name, Annotated[list[Name], Meta(max_length=12)]], Meta(max_length=40)] = {}
    """Ids of the fields of each counter that does not serve all."""
    answered: Text = ""
    """Id of the last asking (`counter.asked`) that the hub has dealt with."""
    answer: Text = ""
    """What became of it, in a few words for the officer; empty: it was done."""
    heard: Text = ""
    """Id of the last thing that the counter's keys told by themselves and that is in here (see `call_id`)."""


class Watch(IntentBody, frozen=True, kw_only=True):
    """For a camera: which counter it watches and whether it records."""

    NAME: ClassVar[str] = "watch"
    counter: Text
    record: bool
    seconds_before: Annotated[float, Meta(ge=0, le=30)] = 2.0
    seconds_after: Annotated[float, Meta(ge=0, le=60)] = 2.0
    keep_days: Annotated[int, Meta(ge=1, le=365)] = 7
    """How long the device keeps clips; the office states its reason where it sets this."""


class Approval(Struct, frozen=True, kw_only=True):
    """Who approved a bulletin, and when. It lies inside the seal."""

    by: Text
    at_ms: int


class Sound(Struct, frozen=True, kw_only=True):
    """A sound file at the hub's door: mono Ogg Vorbis at the loudspeakers' rate, levelled."""

    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    size_bytes: Annotated[int, Meta(ge=1, le=64 * 1024 * 1024)]
    duration_ms: Annotated[int, Meta(ge=1)]


class Relay(Struct, frozen=True, kw_only=True):
    """A stream that is relayed: the radio at five in the morning, a microphone in the office."""

    url: Annotated[str, Meta(pattern=r"^https?://[!-~]{1,390}\Z")]
    lasts_ms: Annotated[int, Meta(ge=1_000, le=4 * 3_600_000)]
    delay_ms: Annotated[int, Meta(ge=200, le=60_000)] = 5_000
    """How far behind the stream it sounds: gaps up to this are ridden out."""


class Live(Struct, frozen=True, kw_only=True):
    """A window in which somebody may speak live from the office; it comes from the hub's door (wire.live)."""

    lasts_ms: Annotated[int, Meta(ge=10_000, le=2 * 3_600_000)]
    """How long the window is open from the bulletin's time on. Nothing sounds in it until somebody speaks."""
    delay_ms: Annotated[int, Meta(ge=1_000, le=30_000)] = 3_000
    """How far behind the speaker it sounds, at every loudspeaker: gaps up to this are ridden out."""


class Bulletin(Struct, frozen=True, kw_only=True):
    """A bulletin to sound at a set second, or at several: a text, a sound, a relay or live speech."""

    id: ShortText
    title: Text
    text: LongText
    """Spoken by the node itself unless there is a sound or a stream. Then it is what it says, for people."""
    spoken: Annotated[str, Meta(max_length=SPOKEN_MAX)] = ""
    """The words that `text` is read aloud with, as heard before approval; empty: the node reads it itself."""
    at_ms: int
    """When its first sample shall sound, UTC milliseconds."""
    late_until_ms: int
    """A node that could not sound it at `at_ms` may still begin up to this time."""
    written_by: Text
    approved: Approval | None
    priority: Literal["emergency", "urgent", "ordinary", "music"] = "ordinary"
    """An emergency passes quiet hours and cuts everything; an earlier one cuts a later one."""
    when_cut: Literal["resume", "restart", "drop"] = "drop"
    """What becomes of it when something more urgent has cut it."""
    volume: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.8
    chime: bool = True
    repeats: Annotated[int, Meta(ge=1, le=5)] = 1
    """How many times it is said in a row."""
    repeating: bool = False
    """Whether it sounds by a rule: then each time is a sounding of its own, also when only one is left."""
    more_at_ms: Annotated[list[int], Meta(max_length=192)] = []
    """Further times at which one that repeats sounds, each with the same grace as the first."""
    sound: Sound | None = None
    relay: Relay | None = None
    live: Live | None = None

    @property
    def stream(self) -> Relay | Live | None:
        """What it sounds as it comes, and not from this device's disk; None for a text or a sound."""
        return self.relay or self.live

    @property
    def emergency(self) -> bool:
        """Whether it passes quiet hours."""
        return self.priority == "emergency"


def soundings(bulletin: Bulletin) -> list[Bulletin]:
    """Return each time that a bulletin sounds as a bulletin of its own, by an id of its own.

    One that sounds once keeps its id; of one that repeats each is called `ID@T`, T in UTC milliseconds, so
    that a time that was moved is another sounding and one that stays is the same.
    """
    if not bulletin.repeating:
        return [bulletin]
    grace_ms = bulletin.late_until_ms - bulletin.at_ms
    return [
        structs.replace(
            bulletin,
            id=f"{bulletin.id}@{at_ms}",
            at_ms=at_ms,
            late_until_ms=at_ms + grace_ms,
            repeating=False,
            more_at_ms=[],
        )
        for at_ms in sorted({bulletin.at_ms, *bulletin.more_at_ms})
    ]


def bulletin_of(sounding: str) -> str:
    """Return the id of the bulletin that the sounding called `sounding` belongs to."""
    return sounding.partition("@")[0]


class Programme(IntentBody, frozen=True, kw_only=True):
    """For a loudspeaker: all that it shall sound."""

    NAME: ClassVar[str] = "programme"
    bulletins: Annotated[list[Bulletin], Meta(max_length=64)]


INTENT_BODIES: dict[str, type[IntentBody]] = {body.NAME: body for body in IntentBody.__subclasses__()}
"""Every document that this version knows, by name."""


def read_intent_body(intent: Intent) -> IntentBody:
    """Read what the document says; raises WireError `unknown_intent` or `wrong_shape`."""
    body_type = INTENT_BODIES.get(intent.name)
    if body_type is None:
        raise WireError("unknown_intent", f"no document is called {intent.name!r}")
    return decode(bytes(intent.body), body_type)
