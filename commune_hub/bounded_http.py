"""The console's connections, bounded in number and in patience: a crowd must not take the hub's open files.

Each connection is an open file of the one process that also keeps the ledger.
"""

from __future__ import annotations

import asyncio
import resource

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.utils import get_remote_addr

CONNECTIONS_MAX = 500
"""Most connections at a time: every desk of an office, with all that a browser opens, many times over."""

ONE_ADDRESS_MAX = 120
"""Of which one address may hold so many: no single machine keeps the others out."""

REQUEST_WITHIN_S = 15.0
"""How long a connection may take to say what it wants, and within a request or its answer, be still."""

FILES_MAX = 16_384
"""Open files that the hub asks the system for: beyond what its three doors together may hold."""


class BoundedProtocol(H11Protocol):
    """HTTP for uvicorn; hangs up on whoever comes when it is full, and on whoever it waits for in vain."""

    _patience: asyncio.TimerHandle | None = None
    _received = 0
    """Bytes that came."""
    _drained = 0
    """Times that an answer could go on since much of it was read."""
    _seen: object = None
    """How far it was at the last look."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, if there is room for it and for more of its address."""
        if len(self.connections) >= CONNECTIONS_MAX or self._like(transport) >= self.one_address_max():
            self.transport = transport
            transport.abort()
            return
        super().connection_made(transport)
        self._patience = self.loop.call_later(REQUEST_WITHIN_S, self._look)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        self._received += len(data)
        super().data_received(data)

    def resume_writing(self) -> None:
        """Go on with an answer."""
        self._drained += 1
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection at once: a timer that runs on holds all that belongs to it."""
        super().connection_lost(exc)
        if self._patience is not None:
            self._patience.cancel()

    def one_address_max(self) -> int:
        """Return how many connections one address may hold."""
        return ONE_ADDRESS_MAX

    def _like(self, transport: asyncio.Transport) -> int:
        """Count the connections from the address of this one; web sockets are among them."""
        host = (get_remote_addr(transport) or ("",))[0]
        return sum((getattr(each, "client", None) or ("",))[0] == host for each in self.connections)

    def _look(self) -> None:
        """Hang up if it is the other side's turn and nothing has moved since the last look.

        What became a web socket meanwhile is another protocol's and no longer among the connections.
        """
        if self not in self.connections:
            return
        seen = None if self.cycle is None else self._waits_for()
        if self.cycle is None or (seen is not None and seen == self._seen):
            self.transport.abort()
            return
        self._seen = seen
        self._patience = self.loop.call_later(REQUEST_WITHIN_S, self._look)

    def _waits_for(self) -> object:
        """Return how far it is where it waits for the other side; None while it is the hub's turn."""
        if self.cycle.response_complete:
            return self.cycle  # bytes of a request that is not whole do not count: they may drip for ever
        unread = self.transport.get_write_buffer_size()
        return (self._received, self._drained, unread) if unread or self.cycle.more_body else None


def ask_for_files() -> None:
    """Raise this process's limit of open files to FILES_MAX, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_MAX if hard == resource.RLIM_INFINITY else min(FILES_MAX, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
