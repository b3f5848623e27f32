"""The console's connections, bounded in number and in patience: a crowd must not take the hub's open files.

Each connection is an open file of the one process that also keeps the ledger.
"""

from __future__ import annotations

import asyncio
import resource

from uvicorn.protocols.http.h11_impl import H11Protocol

CONNECTIONS_MAX = 500
"""Most connections at a time: every desk of an office, with all that a browser opens, many times over."""

REQUEST_WITHIN_S = 15.0
"""How long a connection may take to say what it wants."""

FILES_MAX = 16_384
"""Open files that the hub asks the system for: beyond what its three doors together may hold."""


class BoundedProtocol(H11Protocol):
    """HTTP for uvicorn; hangs up on whoever comes when it is full, and on whoever asks for nothing."""

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, if there is room."""
        if len(self.connections) >= CONNECTIONS_MAX:
            self.transport = transport
            transport.abort()
            return
        super().connection_made(transport)
        self._patience = self.loop.call_later(REQUEST_WITHIN_S, self._expect_request)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection at once: a timer that runs on holds all that belongs to it."""
        super().connection_lost(exc)
        if self._patience is not None:
            self._patience.cancel()

    def _expect_request(self) -> None:
        """What became a web socket meanwhile is another protocol's and no longer among the connections."""
        if self in self.connections and self.cycle is None:
            self.transport.abort()


def ask_for_files() -> None:
    """Raise this process's limit of open files to FILES_MAX, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_MAX if hard == resource.RLIM_INFINITY else min(FILES_MAX, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
