"""What stands before the page's routes: bounds on what a stranger sends, and the headers of every answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from commune_hub.citizen.forms import BODY_MAX_BYTES
from commune_hub.citizen.paper import HEADERS
from commune_hub.intake.crowd import Crowd
from commune_hub.times import NowMs

ASKED_PER_S = 20.0
"""By one address in the long run: a whole hall behind one Wi-Fi box, each phone every 20 s."""
ASKED_AT_ONCE = 100.0

ALL_PER_S = 100.0
"""By all addresses together: what a small hub answers beside its own work."""
ALL_AT_ONCE = 300.0

PATH_MAX = 200
HEADERS_MAX_BYTES = 8_192
HEADERS_MAX = 60
"""More than any phone's browser sends."""

BODY_WITHIN_S = 5.0

log = logging.getLogger(__name__)


class RefusedError(Exception):
    """The request is answered by this status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Guard:
    """An ASGI application around another; `plain(status)` makes the answer to what is refused."""

    def __init__(self, app: ASGIApp, plain: Callable[[int], Response], now_ms: NowMs) -> None:
        self._app = app
        self._plain = plain
        self._now_ms = now_ms
        self._crowd = Crowd((ASKED_PER_S, ASKED_AT_ONCE), (ALL_PER_S, ALL_AT_ONCE))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, whatever happens inside."""
        if scope["type"] != "http":
            return

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", []), *own]}
            await send(message)

        try:
            self._check(scope)
            await self._app(scope, _once(await _read_body(scope, receive)), headed)
        except RefusedError as error:
            await self._plain(error.status)(scope, receive, headed)
        except Exception:
            # The application has answered already. What was asked for stays out of the log.
            log.exception("lỗi ở trang người dân (error on the citizens' page)")

    def _check(self, scope: Scope) -> None:
        if self._crowd.is_too_much(scope, self._now_ms()):
            raise RefusedError(429)
        headers = scope["headers"]
        sizes = sum(len(name) + len(value) for name, value in headers)
        if len(headers) > HEADERS_MAX or sizes > HEADERS_MAX_BYTES:
            raise RefusedError(431)
        if len(scope.get("raw_path") or scope["path"]) > PATH_MAX:
            raise RefusedError(404)


async def _read_body(scope: Scope, receive: Receive) -> bytes:
    """Return the body of a form, all of it in a moment; of other requests, nothing is read."""
    if scope["method"] != "POST":
        return b""
    length: bytes = dict(scope["headers"]).get(b"content-length", b"0")
    if not length.isdigit() or len(length) > 9 or int(length) > BODY_MAX_BYTES:
        raise RefusedError(413)
    body: bytes = b""
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            while True:
                message = await receive()
                body += message.get("body", b"")
                if len(body) > BODY_MAX_BYTES:
                    raise RefusedError(413)
                if not message.get("more_body", False):
                    return body
    except TimeoutError:
        raise RefusedError(408) from None


def _once(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
