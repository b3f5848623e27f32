"""What every answer and every socket of the console passes.

A page's socket speaks only for the browser that loaded the page, and only while that page's session lasts.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from nicegui import Client, app
from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from commune_hub.capabilities.staff import Member, Staff
from commune_hub.errors import MissingError
from commune_hub.intake.crowd import Crowd

SOCKET_PATH = "/_nicegui_ws/"

NO_PAGES = ("/_nicegui", "/console/", "/files/", "/media/", "/favicon")
"""What these addresses begin is no page: it costs no memory once it was answered."""

PAGES_PER_S = 5.0
PAGES_AT_ONCE = 100.0
"""By one address. A page takes 100 kB for the minute in which its browser may come for it."""

ALL_PAGES_PER_S = 20.0
ALL_PAGES_AT_ONCE = 300.0
"""By all together: 150 MB at the worst."""

TOKEN_KEY = "token"  # noqa: S105 - a key, not a token
"""Where a page's own storage says which session it was built for; pages for everybody have none."""

HEADERS = {
    "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
}
"""The browser itself refuses what does not come from the hub. NiceGUI builds its templates in the page,
hence 'unsafe-eval'."""

REFUSED = {"client_id": "refused", "implicit_handshake": "true"}
"""A handshake that fails in the way that makes the browser load its page anew, and so come to sign in."""


class Gate:
    """ASGI middleware; it stands inside the session middleware, whose cookie it relies on."""

    def __init__(self, app: ASGIApp, staff: Staff) -> None:
        self._app = app
        self._staff = staff
        self._crowd = Crowd((PAGES_PER_S, PAGES_AT_ONCE), (ALL_PAGES_PER_S, ALL_PAGES_AT_ONCE))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on: sockets after a check, answers with the headers."""
        if scope["type"] == "http" and not scope["path"].startswith(NO_PAGES) and self._are_too_many(scope):
            told = {"detail": "Mở trang quá nhanh; hãy đợi vài giây. (Too many pages; wait a moment.)"}
            await JSONResponse(told, 429)(scope, receive, _with_headers(send))
            return
        is_socket = scope["type"] in {"http", "websocket"} and scope["path"].startswith(SOCKET_PATH)
        if is_socket and not await self._may_talk(scope):
            scope = {**scope, "query_string": _refused(scope["query_string"])}
        await self._app(scope, receive, _with_headers(send) if scope["type"] == "http" else send)

    def _are_too_many(self, scope: Scope) -> bool:
        return self._crowd.is_too_much(scope, time.monotonic_ns() // 1_000_000)

    async def _may_talk(self, scope: Scope) -> bool:
        if not same_origin(scope):
            return False
        client = Client.instances.get(_query(scope["query_string"]).get("client_id", ""))
        if client is None or client.request.session.get("id") != scope["session"].get("id"):
            return False
        token = client.storage.get(TOKEN_KEY)
        return token is None or await asyncio.to_thread(self._staff.by_token, token) is not None


def same_origin(scope: Scope) -> bool:
    """Another site's page may not talk through this browser's cookie. Programs send no origin."""
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1")
    return not origin or urlsplit(origin).netloc == headers.get(b"host", b"").decode("latin-1")


def token_of_browser() -> str:
    """Return the session token that the hub keeps for the browser that asks; empty without one."""
    return str(app.storage.user.get(TOKEN_KEY, ""))


def session_of_browser(staff: Staff) -> tuple[str, Member]:
    """Return the session of the browser that asks and who is signed in; raises MissingError."""
    token = token_of_browser()
    member = staff.by_token(token)
    if member is None:
        raise MissingError("Phiên đã hết; hãy đăng nhập lại. (The session is over.)")
    return token, member


def _query(query_string: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query_string.decode("latin-1")).items()}


def _refused(query_string: bytes) -> bytes:
    return urlencode({**_query(query_string), **REFUSED}).encode()


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: Any = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
