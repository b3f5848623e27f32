"""What the broker's own log tells of devices, that nobody else can tell."""

from __future__ import annotations

import re

CLIENTS_MAX = 4_000
"""Clients that are remembered: four times as many as the broker lets in at once."""

# Greedy: a client names itself as it likes, also like the end of such a line; the last end is the broker's.
_CAME = re.compile(r"New client connected from \S+ as (.*) \(p\d, c\d, k\d+, u'([^']*)'\)\.$")
_OVERSIZE = re.compile(r"Client (.*) disconnected due to oversize packet\.$")


class BrokerWords:
    """Whose packets were beyond the broker's limit: it hangs up before the hub gets to see any of it.

    device = words.oversize(line)       # None for any other line
    """

    def __init__(self) -> None:
        self._users: dict[str, str] = {}

    def oversize(self, line: str) -> str | None:
        """Hear a line; return the device, by its certificate, that was hung up on because of its size."""
        if came := _CAME.search(line):
            client, user = came.groups()
            self._users.pop(client, None)
            self._users[client] = user
            if len(self._users) > CLIENTS_MAX:
                del self._users[next(iter(self._users))]
            return None
        found = _OVERSIZE.search(line)
        return None if found is None else self._users.get(found[1])
