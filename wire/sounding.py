"""Facts of loudspeakers: what became of each sounding, and of the loudspeaker itself."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from wire.body import AtMs, Body, Count, ShortText

ClockText = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?\Z")]
"""A local time of day, HH:MM or HH:MM:SS."""


class PlaybackStarted(Body, frozen=True, kw_only=True):
    """A loudspeaker began to sound a bulletin, or went on with one that had been cut."""

    KIND: ClassVar[str] = "playback.started"
    bulletin: ShortText
    """Id of the sounding: one time of one bulletin (wire.intents.soundings)."""
    due_at_ms: AtMs
    started_at_ms: AtMs
    from_ms: Count = 0
    """Where in its sound it went on, for one that had been cut; 0: from its beginning."""
    detail: ShortText = ""
    """What is not as it was meant: its sound was not here and its text was spoken, the clock is old."""


class PlaybackFinished(Body, frozen=True, kw_only=True):
    """A loudspeaker sounded a bulletin to its end."""

    KIND: ClassVar[str] = "playback.finished"
    bulletin: ShortText
    started_at_ms: AtMs
    """When it first began, also for one that was cut and went on."""
    duration_ms: Count
    """How long it sounded, without the time in which it was cut."""
    underruns: Count
    detail: ShortText = ""
    completeness: Annotated[float, Meta(ge=0.0, le=1.0)] | None = None
    """Share of it that the sound card was given in time; what a stream did not bring counts as missing."""
    level_dbfs: float | None = None
    """How loud the microphone at the pole heard it (full scale 0); None: nobody listened."""
    verdict: ShortText = ""
    """What the listening says: `heard`, `faint`, `clipped`, `silent`, `other`, `deaf`; empty: none did."""
    fault: ShortText = ""
    """What seems to be broken: `amplifier`, `horn`, `weak`, `overdriven`, `unknown`; empty: nothing."""
    sure: Annotated[float, Meta(ge=0.0, le=1.0)] | None = None
    """How sure the verdict is."""


class PlaybackCut(Body, frozen=True, kw_only=True):
    """Something more urgent cut a bulletin that will go on, or begin anew, after it.

    One that is given up when it is cut is refused, for the reason `cut`.
    """

    KIND: ClassVar[str] = "playback.cut"
    bulletin: ShortText
    started_at_ms: AtMs
    sounded_ms: Count
    """How much of it has sounded up to now."""
    by: ShortText
    """Id of the sounding that cut it."""
    then: ShortText
    """`resume` or `restart`."""


class PlaybackRefused(Body, frozen=True, kw_only=True):
    """A loudspeaker did not sound a bulletin, and why (`too_late`, `not_approved`, `quiet_hours`, …)."""

    KIND: ClassVar[str] = "playback.refused"
    bulletin: ShortText
    due_at_ms: AtMs
    reason: ShortText
    detail: ShortText = ""


class SpeakerStopped(Body, frozen=True, kw_only=True):
    """Somebody pressed the stop button at the pole: nothing sounds here until then."""

    KIND: ClassVar[str] = "speaker.stopped"
    until_ms: AtMs
    """Wall time at which it ends by itself, as the node believes."""
    by: ShortText = "button"


class SpeakerReleased(Body, frozen=True, kw_only=True):
    """A loudspeaker that was stopped may sound again."""

    KIND: ClassVar[str] = "speaker.released"
    stopped_at_ms: AtMs
    by: ShortText
    """`button` (a long press) or `time`."""


class SpeakerTested(Body, frozen=True, kw_only=True):
    """A loudspeaker tested itself with a short quiet tone."""

    KIND: ClassVar[str] = "speaker.tested"
    at_ms: AtMs
    verdict: ShortText
    """As in `playback.finished`; `not_sounded`: there was no sound card, and `detail` says why."""
    level_dbfs: float | None = None
    fault: ShortText = ""
    sure: Annotated[float, Meta(ge=0.0, le=1.0)] | None = None
    detail: ShortText = ""


class SpeakerConfigured(Body, frozen=True, kw_only=True):
    """What a technician set at a loudspeaker and a plan must know: told at a start after it changed."""

    KIND: ClassVar[str] = "speaker.configured"
    quiet_from: ClockText | None = None
    """When its quiet hours begin; None, as `quiet_until` then is: it keeps none."""
    quiet_until: ClockText | None = None
    volume_by_hour: Annotated[
        dict[ClockText, Annotated[float, Meta(ge=0.0, le=1.0)]], Meta(max_length=24)
    ] = msgspec.field(default_factory=dict)
    """Factors of its volume by time of day, each until the next."""
    ears: Annotated[list[ShortText], Meta(max_length=4)] = msgspec.field(default_factory=list)
    """What it hears itself with: `microphone`, `sense`."""
    self_test_day: Annotated[int, Meta(ge=0, le=28)] = 0
    """Day of the month on which it tries itself; 0: never."""
    voice: ShortText = ""
    """Engine, voice, speed and pause that it reads with, to be compared with the hub's; empty: not told."""
