"""Bulletins as they go in and out of the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from commune_hub.api.shapes import Shape
from commune_hub.capabilities.bulletins import STATES, Bulletin
from commune_hub.errors import InvalidError
from commune_hub.store import Row
from commune_hub.times import local_time, local_time_if, to_ms
from commune_hub.timetable.plan import Clash, Sounding
from commune_hub.timetable.rules import RULE_MAX, TIMES_MAX, Rule, make_rule
from commune_hub.writing.bulletin_draft import PLACES_MAX, TEXT_MAX, TITLE_MAX, Draft, How
from wire.intents import Live, Relay, Sound

Priority = Literal["emergency", "urgent", "ordinary", "music"]
WhenCut = Literal["resume", "restart", "drop"]


class RuleIn(Shape):
    """Days as an iCalendar RRULE, local times of day, first and last day."""

    days: str = Field(max_length=RULE_MAX, examples=["FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"])
    times: list[str] = Field(max_length=TIMES_MAX * 2, examples=[["05:30", "17:00"]])
    first: date
    last: date

    def rule(self) -> Rule:
        """Return it checked; raises InvalidError."""
        return make_rule(self.days, self.times, self.first, self.last)


class RelayIn(Shape):
    """A stream to relay: where it is, how long it is relayed, how far behind it sounds."""

    url: str = Field(max_length=400, pattern=r"^https?://[!-~]{1,390}$")
    lasts_s: int = Field(ge=1, le=4 * 3_600)
    delay_s: float = Field(default=5.0, ge=0.2, le=60.0)


class LiveIn(Shape):
    """A window to speak in live: how long it is open, how far behind the speaker it sounds."""

    lasts_s: int = Field(ge=10, le=2 * 3_600)
    delay_s: float = Field(default=3.0, ge=1.0, le=30.0)


class BulletinIn(Shape):
    """A bulletin to write. `at` and `repeat` null: as soon as it is approved."""

    title: str = Field(min_length=1, max_length=TITLE_MAX)
    text: str = Field(min_length=1, max_length=TEXT_MAX)
    places: list[str] = Field(min_length=1, max_length=PLACES_MAX)
    at: AwareDatetime | None = None
    repeat: RuleIn | None = None
    emergency: bool = False
    """Short for `priority` “emergency”."""
    priority: Priority = "ordinary"
    chime: bool = True
    repeats: int = Field(default=1, ge=1, le=5)
    volume: float = Field(default=0.8, ge=0.0, le=1.0)
    when_cut: WhenCut = "drop"
    sound: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    """Hash of a sound that was brought before (`POST /sounds`)."""
    relay: RelayIn | None = None
    live: LiveIn | None = None

    def draft(self, find_sound: Callable[[str], Sound], check: Callable[[Draft], None]) -> Draft:
        """Return it for the capability, which checks it; raises InvalidError for what makes no draft.

        `find_sound` raises MissingError. `check` raises InvalidError for what the capability would not take;
        it is only asked where something else is wrong, so that one answer names every mistake.
        """
        mistakes = []
        if self.emergency and self.priority not in {"ordinary", "emergency"}:
            mistakes.append("priority: mâu thuẫn với emergency, hãy bỏ một trong hai (contradicts it)")
        rule = None
        try:
            rule = None if self.repeat is None else self.repeat.rule()
        except InvalidError as error:
            mistakes += [f"repeat: {line}" for line in str(error).splitlines()]
        made = self._draft(rule, find_sound)
        if not mistakes:
            return made
        try:
            check(made)
        except InvalidError as error:
            mistakes.append(str(error))
        raise InvalidError("\n".join(mistakes))

    def _draft(self, rule: Rule | None, find_sound: Callable[[str], Sound]) -> Draft:
        relay, live = self.relay, self.live
        how = How(
            priority="emergency" if self.emergency else self.priority,
            rule=rule,
            chime=self.chime,
            repeats=self.repeats,
            volume=self.volume,
            when_cut=self.when_cut,
            sound=None if self.sound is None else find_sound(self.sound),
            relay=None
            if relay is None
            else Relay(
                url=relay.url, lasts_ms=relay.lasts_s * 1000, delay_ms=max(200, round(relay.delay_s * 1000))
            ),
            live=None
            if live is None
            else Live(lasts_ms=live.lasts_s * 1000, delay_ms=round(live.delay_s * 1000)),
        )
        at_ms = None if self.at is None else to_ms(self.at)
        return Draft(self.title, self.text, tuple(self.places), at_ms, how)


class PlaybackOut(BaseModel):
    """What one loudspeaker made of one sounding of a bulletin."""

    device: str
    outcome: str
    reason: str
    due_at: datetime | None
    started_at: datetime | None
    duration_ms: int | None
    completeness: float | None
    level_dbfs: float | None
    verdict: str | None
    fault: str | None
    sure: float | None
    underruns: int | None


class BulletinOut(BaseModel):
    """A bulletin and how far it has come."""

    id: str
    title: str
    text: str
    places: list[str]
    at: datetime | None
    repeat: str | None
    """The rule in words."""
    emergency: bool
    priority: Priority
    chime: bool
    repeats: int
    volume: float
    when_cut: WhenCut
    sound: str | None
    relay: RelayIn | None
    live: LiveIn | None
    """What sounds in place of the text; null: none of them."""
    version: str
    """Names what would sound; to be sent with the approval."""
    state: str
    state_name: str
    written_by: str
    approved_by: str | None
    playbacks: list[PlaybackOut]


class SoundOut(BaseModel):
    """A sound that is kept; its hash is what a bulletin names."""

    sha256: str
    duration_ms: int
    size_bytes: int


class SoundingOut(BaseModel):
    """A line of the plan."""

    bulletin: str
    title: str
    at: datetime
    duration_ms: int
    places: list[str]
    priority: str
    approved: bool


class ClashOut(BaseModel):
    """Two lines of the plan that would run into each other."""

    first: str
    second: str
    at: datetime
    places: list[str]


class PlanOut(BaseModel):
    """All that will sound, in order, with what is wrong about it."""

    soundings: list[SoundingOut]
    clashes: list[ClashOut]
    quiet: list[SoundingOut]
    """What loudspeakers will refuse, since it lies in their quiet hours; `places` are those that do."""
    faint: list[SoundingOut]
    """What nobody will hear at `places`: their volume at that hour is as good as nothing."""


def bulletin_out(bulletin: Bulletin, playbacks: list[Row]) -> BulletinOut:
    """Return a bulletin for the API."""
    how = bulletin.how
    return BulletinOut(
        id=bulletin.id,
        title=bulletin.title,
        text=bulletin.text,
        places=list(bulletin.places),
        at=local_time_if(bulletin.at_ms),
        repeat=None if how.rule is None else how.rule.in_words(),
        emergency=bulletin.emergency,
        priority=how.priority,
        chime=how.chime,
        repeats=how.repeats,
        volume=how.volume,
        when_cut=how.when_cut,
        sound=None if how.sound is None else how.sound.sha256,
        relay=None if how.relay is None else _relay_out(how.relay),
        live=None if how.live is None else _live_out(how.live),
        version=bulletin.version,
        state=bulletin.state,
        state_name=STATES[bulletin.state],
        written_by=bulletin.written_by,
        approved_by=bulletin.approved_by,
        playbacks=[
            PlaybackOut(
                device=row["device"],
                outcome=row["outcome"],
                reason=row["reason"],
                due_at=local_time_if(row["due_at_ms"]),
                started_at=local_time_if(row["started_at_ms"]),
                duration_ms=row["duration_ms"],
                completeness=row["completeness"],
                level_dbfs=row["level_dbfs"],
                verdict=row["verdict"],
                fault=row["fault"],
                sure=row["sure"],
                underruns=row["underruns"],
            )
            for row in playbacks
        ],
    )


def _relay_out(relay: Relay) -> RelayIn:
    return RelayIn(url=relay.url, lasts_s=round(relay.lasts_ms / 1000), delay_s=relay.delay_ms / 1000)


def _live_out(live: Live) -> LiveIn:
    return LiveIn(lasts_s=round(live.lasts_ms / 1000), delay_s=live.delay_ms / 1000)


def sounding_out(sounding: Sounding) -> SoundingOut:
    """Return a line of the plan for the API."""
    return SoundingOut(
        bulletin=sounding.bulletin,
        title=sounding.title,
        at=local_time(sounding.at_ms),
        duration_ms=sounding.duration_ms,
        places=list(sounding.places),
        priority=sounding.priority,
        approved=sounding.approved,
    )


def clash_out(clash: Clash) -> ClashOut:
    """Return a clash for the API."""
    return ClashOut(
        first=clash.first.bulletin,
        second=clash.second.bulletin,
        at=local_time(clash.second.at_ms),
        places=list(clash.places),
    )
