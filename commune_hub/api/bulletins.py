"""Bulletins: write, hand in, approve, withdraw, hear; their sounds; the plan of what will sound."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from commune_hub.api.bulletin_shapes import (
    BulletinIn,
    BulletinOut,
    PlanOut,
    SoundOut,
    bulletin_out,
    clash_out,
    sounding_out,
)
from commune_hub.api.served import Asked, Served, SignedIn
from commune_hub.api.shapes import Approval
from commune_hub.capabilities.bulletins import Bulletin
from commune_hub.errors import InvalidError
from commune_hub.sounds.decode import FILE_MAX_BYTES
from commune_hub.times import now_ms
from commune_hub.writing.bulletin_draft import Draft, as_seen, check
from commune_hub.writing.bulletin_preview import hear_bulletin

routes = APIRouter(tags=["bulletins"])
Id = Annotated[str, Path(max_length=60)]


@routes.get("/bulletins")
def bulletins(asked: Asked, _member: SignedIn) -> list[BulletinOut]:
    """The newest bulletins, and what each loudspeaker made of them."""
    return [_out(asked, bulletin) for bulletin in asked.capabilities.bulletins.latest()]


@routes.post("/bulletins", status_code=201)
def write(asked: Asked, member: SignedIn, sent: BulletinIn) -> BulletinOut:
    """Write a draft."""
    places = asked.capabilities.speaker_places()
    draft = _draft(asked, sent, places)
    return _out(asked, asked.capabilities.bulletins.write(draft, member, places))


@routes.put("/bulletins/{bulletin}")
def rewrite(asked: Asked, member: SignedIn, bulletin: Id, sent: BulletinIn) -> BulletinOut:
    """Change a draft."""
    places = asked.capabilities.speaker_places()
    draft = _draft(asked, sent, places)
    return _out(asked, asked.capabilities.bulletins.rewrite(bulletin, draft, member, places))


@routes.post("/bulletins/{bulletin}/submit")
def submit(asked: Asked, member: SignedIn, bulletin: Id) -> BulletinOut:
    """Hand a draft in for approval."""
    return _out(asked, asked.capabilities.bulletins.submit(bulletin, member))


@routes.post("/bulletins/{bulletin}/approve")
def approve(asked: Asked, member: SignedIn, bulletin: Id, sent: Approval) -> BulletinOut:
    """Let it sound; not for its author. 409 when it is another than the one that was read."""
    approved = asked.capabilities.bulletins.approve(bulletin, member, sent.version)
    asked.changed()
    return _out(asked, approved)


@routes.post("/bulletins/{bulletin}/withdraw")
def withdraw(asked: Asked, member: SignedIn, bulletin: Id) -> BulletinOut:
    """Take it back, also while it sounds."""
    withdrawn = asked.capabilities.bulletins.withdraw(bulletin, member)
    asked.changed()
    return _out(asked, withdrawn)


@routes.get("/bulletins/{bulletin}/sound", response_class=Response)
def sound(asked: Asked, _member: SignedIn, bulletin: Id) -> Response:
    """Hear it as the loudspeakers will sound it (WAV)."""
    found = asked.capabilities.bulletins.get(bulletin)
    return Response(hear_bulletin(asked.capabilities, found.text, found.how), media_type="audio/wav")


@routes.post("/sounds", status_code=201)
async def bring(asked: Asked, member: SignedIn, request: Request) -> SoundOut:
    """Bring a sound file as the body (WAV, MP3, OGG, M4A): it is levelled and kept for a bulletin."""
    member.require("editor")
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > FILE_MAX_BYTES:
            raise InvalidError(f"tệp âm thanh: quá {FILE_MAX_BYTES >> 20} MB (the file is too large)")
    kept = await run_in_threadpool(
        asked.capabilities.sounds.keep, bytes(content), asked.capabilities.bulletins.sounds_used()
    )
    return SoundOut(sha256=kept.sha256, duration_ms=kept.duration_ms, size_bytes=kept.size_bytes)


@routes.get("/plan")
def plan(asked: Asked, _member: SignedIn, days: Annotated[int, Query(ge=1, le=31)] = 7) -> PlanOut:
    """All that will sound in the next days, with clashes and what falls into quiet hours."""
    found = asked.capabilities.plan(days)
    return PlanOut(
        soundings=[sounding_out(each) for each in found.soundings],
        clashes=[clash_out(each) for each in found.clashes],
        quiet=[sounding_out(each) for each in found.hushed],
        faint=[sounding_out(each) for each in found.faint],
    )


def _draft(asked: Served, sent: BulletinIn, places: Collection[str]) -> Draft:
    """Return what was sent, for the capability to check; raises InvalidError for what makes no draft."""
    return sent.draft(asked.capabilities.sounds.get, lambda draft: check(as_seen(draft), places, now_ms()))


def _out(asked: Served, bulletin: Bulletin) -> BulletinOut:
    return bulletin_out(bulletin, asked.capabilities.playbacks.of(bulletin.id))
