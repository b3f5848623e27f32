"""Bulletins: write, hand in, approve, withdraw, hear."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from commune_hub.api.served import Asked, Served, SignedIn
from commune_hub.api.shapes import BulletinIn, BulletinOut, bulletin_out
from commune_hub.capabilities.bulletins import Bulletin
from commune_hub.preview import hear

routes = APIRouter(prefix="/bulletins", tags=["bulletins"])
Id = Annotated[str, Path(max_length=60)]


@routes.get("")
def bulletins(asked: Asked, _member: SignedIn) -> list[BulletinOut]:
    """The newest bulletins, and what each loudspeaker made of them."""
    return [_out(asked, bulletin) for bulletin in asked.capabilities.bulletins.latest()]


@routes.post("", status_code=201)
def write(asked: Asked, member: SignedIn, sent: BulletinIn) -> BulletinOut:
    """Write a draft."""
    places = asked.capabilities.speaker_places()
    return _out(asked, asked.capabilities.bulletins.write(sent.draft(), member, places))


@routes.put("/{bulletin}")
def rewrite(asked: Asked, member: SignedIn, bulletin: Id, sent: BulletinIn) -> BulletinOut:
    """Change a draft."""
    places = asked.capabilities.speaker_places()
    return _out(asked, asked.capabilities.bulletins.rewrite(bulletin, sent.draft(), member, places))


@routes.post("/{bulletin}/submit")
def submit(asked: Asked, member: SignedIn, bulletin: Id) -> BulletinOut:
    """Hand a draft in for approval."""
    return _out(asked, asked.capabilities.bulletins.submit(bulletin, member))


@routes.post("/{bulletin}/approve")
def approve(asked: Asked, member: SignedIn, bulletin: Id) -> BulletinOut:
    """Let it sound; not for its author."""
    approved = asked.capabilities.bulletins.approve(bulletin, member)
    asked.changed()
    return _out(asked, approved)


@routes.post("/{bulletin}/withdraw")
def withdraw(asked: Asked, member: SignedIn, bulletin: Id) -> BulletinOut:
    """Take it back, also while it sounds."""
    withdrawn = asked.capabilities.bulletins.withdraw(bulletin, member)
    asked.changed()
    return _out(asked, withdrawn)


@routes.get("/{bulletin}/sound", response_class=Response)
def sound(asked: Asked, _member: SignedIn, bulletin: Id) -> Response:
    """Hear it as the loudspeakers will sound it (WAV)."""
    text = asked.capabilities.bulletins.get(bulletin).text
    return Response(hear(asked.capabilities.config.root, text), media_type="audio/wav")


def _out(asked: Served, bulletin: Bulletin) -> BulletinOut:
    return bulletin_out(bulletin, asked.capabilities.bulletins.playbacks(bulletin.id))
