"""Ports on 127.0.0.1 for servers that begin to listen only later."""

from __future__ import annotations

import contextlib
import secrets
import socket

PORTS = range(26_000, 32_000)
"""Below those that Linux gives to outgoing connections (32,768 and up, ip_local_port_range): one of these
would otherwise take a port between the choice and the listening."""

TRIES = 1_000


def free_ports(count: int) -> list[int]:
    """Return ports that nobody uses now; raises OSError when none can be found."""
    with contextlib.ExitStack() as held:
        found: list[int] = []
        for _ in range(TRIES):
            if len(found) == count:
                return found
            port = secrets.choice(PORTS)
            taking = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                taking.bind(("127.0.0.1", port))
                found.append(port)
    raise OSError(f"{count} free ports from {PORTS.start} to {PORTS.stop} were not found")
