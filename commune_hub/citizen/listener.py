"""The page's own listener: a thread with its own loop, so that no crowd of phones holds up the console."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from commune_hub.bounded_http import BoundedProtocol

LIFE_S = 30.0
"""A connection is cut after so long, whatever it is at: one page needs a second."""

ONE_ADDRESS_MAX = 60
"""Connections of one address at a time: a hall of phones may stand behind one."""

CONCURRENT_MAX = 200
"""Connections that are answered at a time; later ones hear 503."""

HEAD_MAX_BYTES = 16_384
START_WITHIN_S = 10.0
GOODBYE_S = 2

_quiet = logging.getLogger(f"{__name__}.strangers")
_quiet.setLevel(logging.CRITICAL)
"""What strangers send that is no HTTP is none of the log's business: it could be filled from the street."""


class PageProtocol(BoundedProtocol):
    """HTTP for phones: few connections for one address, none for long, nothing of them in any log."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.logger = _quiet
        self._life: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, for so long."""
        super().connection_made(transport)
        self._life = self.loop.call_later(LIFE_S, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection at once."""
        super().connection_lost(exc)
        if self._life is not None:
            self._life.cancel()

    def one_address_max(self) -> int:
        """Return how many connections one address may hold."""
        return ONE_ADDRESS_MAX


class PageListener:
    """Serves `app` on `listener`, a bound socket, between `start` and `stop`."""

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        self._listener = listener
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                http=PageProtocol,
                ws="none",
                lifespan="off",
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=CONCURRENT_MAX,
                timeout_keep_alive=1,
                timeout_graceful_shutdown=GOODBYE_S,
                h11_max_incomplete_event_size=HEAD_MAX_BYTES,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run, args=([listener],), name="citizen-page", daemon=True
        )

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    def start(self) -> None:
        """Serve; returns when it does."""
        self._thread.start()
        until_s = time.monotonic() + START_WITHIN_S
        while not self._server.started and self._thread.is_alive() and time.monotonic() < until_s:
            self._thread.join(0.01)

    def stop(self) -> None:
        """Stop serving, and free the port."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(START_WITHIN_S)
        self._listener.close()
