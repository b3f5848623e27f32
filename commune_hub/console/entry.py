"""From the sign-in page to the first page, under another cookie than before.

Whoever planted a cookie in the browser, or saw it before somebody signed in, must not be signed in with him.
A page cannot change its cookie, only an answer to a request can: so the page sends the browser here twice,
first for a new name, then to be let in under it.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass

WITHIN_S = 30.0
"""How long a browser may take to come."""

WAITING_MAX = 100
"""Most browsers on their way in; beyond it the oldest are forgotten and sign in again."""


@dataclass(frozen=True)
class _Waiting:
    token: str
    browser: str
    renamed: bool
    until_s: float


@dataclass(frozen=True)
class Step:
    """What to do with a browser: give it the name `rename` and send it on with `key`, or let `token` in."""

    rename: str = ""
    key: str = ""
    token: str = ""


class Entry:
    """Who has just signed in and is on his way to his first page. Time is handed in, in monotonic seconds."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Waiting] = {}

    def begin(self, token: str, browser: str, now_s: float) -> str:
        """Return a key that leads in `browser`, once."""
        return self._wait(_Waiting(token, browser, False, now_s + WITHIN_S))

    def come(self, key: str, browser: str, now_s: float) -> Step | None:
        """Return what to do with a browser that comes with `key`; None: it is not its, or too late."""
        found = self._waiting.pop(key, None)
        if found is None or found.browser != browser or now_s > found.until_s:
            return None
        if found.renamed:
            return Step(token=found.token)
        fresh = str(uuid.uuid4())
        return Step(fresh, self._wait(_Waiting(found.token, fresh, True, found.until_s)))

    def _wait(self, waiting: _Waiting) -> str:
        key = secrets.token_urlsafe(32)
        self._waiting[key] = waiting
        while len(self._waiting) > WAITING_MAX:
            del self._waiting[next(iter(self._waiting))]
        return key
