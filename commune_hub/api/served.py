"""What every route is given: the capabilities, and the member who asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from commune_hub.capabilities.staff import Member
from commune_hub.errors import SignInError
from commune_hub.hub import Capabilities


@dataclass(frozen=True)
class Served:
    """The capabilities, and what to call after a change that a node's document may tell of."""

    capabilities: Capabilities
    changed: Callable[[], None]


_bearer = HTTPBearer(auto_error=False, description="Token từ POST /api/v1/session")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def _served(request: Request) -> Served:
    served: Served = request.app.state.served
    return served


Asked = Annotated[Served, Depends(_served)]


def token_of(credentials: Credentials) -> str:
    """Return the token that the request carries; raises SignInError without one."""
    if credentials is None:
        raise SignInError("Cần đăng nhập. (Sign in: POST /api/v1/session.)")
    return credentials.credentials


Token = Annotated[str, Depends(token_of)]


def _member(asked: Asked, token: Token) -> Member:
    member = asked.capabilities.staff.by_token(token)
    if member is None:
        raise SignInError("Phiên đã hết; hãy đăng nhập lại. (The session is over; sign in again.)")
    return member


SignedIn = Annotated[Member, Depends(_member)]
"""Whoever holds the token."""
