"""What sounded where, and was it heard: line by line, month by month, and the loudspeakers themselves."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel

from commune_hub.api.served import Asked, SignedIn
from commune_hub.capabilities.loudspeakers import SpeakerEvent
from commune_hub.proof.asking import Wanted, look_at, month_of
from commune_hub.proof.csv_text import csv_text
from commune_hub.proof.month import tallies
from commune_hub.proof.sheet import Line
from commune_hub.proof.words import advice_text, outcome_text
from commune_hub.times import local_day, local_time, local_time_if, now_ms
from commune_hub.timetable.coming import speakers_of

routes = APIRouter(tags=["proof"])
Day = Annotated[date | None, Query(description="YYYY-MM-DD; hôm nay khi bỏ trống (today)")]
Which = Annotated[str, Query(max_length=60)]


class SoundedOut(BaseModel):
    """One sounding that was asked of a loudspeaker, and what became of it."""

    sounding: str
    bulletin: str
    title: str
    device: str
    place: str
    due_at: datetime
    mark: str
    """`heard`, `unproven`, `weak`, `partly`, `unclear`, `broken_off`, `silent`, `refused`, `untold`, …"""
    outcome: str
    """The same in words."""
    advice: str
    """What seems broken and what to do; empty: nothing."""
    heard: bool | None
    started_at: datetime | None
    ended_at: datetime | None
    late_ms: int | None
    completeness: float | None
    level_dbfs: float | None
    verdict: str
    fault: str
    sure: float | None
    underruns: int | None
    cuts: int
    detail: str


class TallyOut(BaseModel):
    """What one loudspeaker made of a month."""

    device: str
    place: str
    asked: int
    whole: int
    listened: int
    heard: int
    silent: int
    untold: int
    refused: int
    late_ms: int | None
    share_whole: float | None
    share_heard: float | None


class EventOut(BaseModel):
    """Something that befell a loudspeaker: `stopped`, `released`, `tested`."""

    kind: str
    at: datetime
    until: datetime | None
    by: str
    verdict: str
    fault: str
    level_dbfs: float | None
    detail: str


class LoudspeakerOut(BaseModel):
    """A loudspeaker, what it keeps by its own settings, and what befell it."""

    device: str
    place: str
    settings_told: bool
    """False: it has told nothing of its settings yet, and the usual ones are shown nowhere."""
    quiet_from: str | None
    quiet_until: str | None
    volume_by_hour: dict[str, float]
    ears: list[str]
    stopped: EventOut | None
    last_test: EventOut | None
    test_passed: bool | None


@routes.get("/playbacks")
def playbacks(
    asked: Asked,
    _member: SignedIn,
    first: Day = None,
    last: Day = None,
    where: Which = "",
    bulletin: Which = "",
) -> list[SoundedOut]:
    """What sounded where on some days (at most a month): each loudspeaker, whether it was heard."""
    return [_out(each) for each in look_at(asked.capabilities, _wanted(first, last, where, bulletin))]


@routes.get("/playbacks.csv", response_class=Response)
def playbacks_csv(
    asked: Asked,
    _member: SignedIn,
    first: Day = None,
    last: Day = None,
    where: Which = "",
    bulletin: Which = "",
) -> Response:
    """The same, for a spreadsheet."""
    wanted = _wanted(first, last, where, bulletin)
    content = csv_text(look_at(asked.capabilities, wanted), asked.capabilities.config.places())
    headers = {"content-disposition": f'attachment; filename="da-phat-{wanted.first}-{wanted.last}.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@routes.get("/playbacks/months/{month}")
def month(
    asked: Asked, _member: SignedIn, month: Annotated[str, Path(max_length=7, description="YYYY-MM")]
) -> list[TallyOut]:
    """A month's figures of each loudspeaker."""
    lines = look_at(asked.capabilities, Wanted(*month_of(month)))
    return [
        TallyOut(**asdict(each), share_whole=each.share_whole, share_heard=each.share_heard)
        for each in tallies(lines)
    ]


@routes.get("/loudspeakers")
def loudspeakers(asked: Asked, _member: SignedIn) -> list[LoudspeakerOut]:
    """Every loudspeaker: its own quiet hours and volume, whether it is stopped, its last self-test."""
    own = asked.capabilities.loudspeakers
    settings, stopped, tested = own.settings(), own.stopped(), own.tested()
    found = []
    for device, place in sorted(speakers_of(asked.capabilities.fleet.entries()).items()):
        told, test = settings.get(device), tested.get(device)
        found.append(
            LoudspeakerOut(
                device=device,
                place=place,
                settings_told=told is not None,
                quiet_from=told.quiet_from if told else None,
                quiet_until=told.quiet_until if told else None,
                volume_by_hour=told.volume_by_hour if told else {},
                ears=told.ears if told else [],
                stopped=_event_out(stopped.get(device)),
                last_test=_event_out(test),
                test_passed=None if test is None else test.passed,
            )
        )
    return found


def _wanted(first: date | None, last: date | None, where: str, bulletin: str) -> Wanted:
    begin = first or last or date.fromisoformat(local_day(now_ms()))
    return Wanted(begin, last or begin, where, bulletin)


def _out(line: Line) -> SoundedOut:
    asked = line.asked
    return SoundedOut(
        sounding=asked.sounding,
        bulletin=asked.bulletin,
        title=asked.title,
        device=asked.device,
        place=asked.place,
        due_at=local_time(asked.due_at_ms),
        mark=line.mark.value,
        outcome=outcome_text(line),
        advice=advice_text(line),
        heard=line.heard,
        started_at=local_time_if(line.started_at_ms),
        ended_at=local_time_if(line.ended_at_ms),
        late_ms=line.late_ms,
        completeness=line.completeness,
        level_dbfs=line.level_dbfs,
        verdict=line.verdict,
        fault=line.fault,
        sure=line.sure,
        underruns=line.underruns,
        cuts=line.cuts,
        detail=line.detail,
    )


def _event_out(event: SpeakerEvent | None) -> EventOut | None:
    if event is None:
        return None
    return EventOut(
        kind=event.kind,
        at=local_time(event.at_ms),
        until=local_time_if(event.until_ms),
        by=event.by,
        verdict=event.verdict,
        fault=event.fault,
        level_dbfs=event.level_dbfs,
        detail=event.detail,
    )
