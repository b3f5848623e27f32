"""Sign in and out."""

from __future__ import annotations

from fastapi import APIRouter, Request

from commune_hub.api.served import Asked, Token
from commune_hub.api.shapes import Session, SignIn

routes = APIRouter(tags=["session"])


@routes.get("/health")
def health() -> dict[str, str]:
    """Tell that the hub is up."""
    return {"status": "ok"}


@routes.post("/session")
def sign_in(asked: Asked, sent: SignIn, request: Request) -> Session:
    """Open a session of twelve hours."""
    source = request.client.host if request.client else ""
    token, member = asked.capabilities.staff.sign_in(sent.account, sent.password, source)
    return Session(token=token, account=member.account, name=member.name, roles=sorted(member.roles))


@routes.delete("/session", status_code=204)
def sign_out(asked: Asked, token: Token) -> None:
    """End the session."""
    asked.capabilities.staff.sign_out(token)
