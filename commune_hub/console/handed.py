"""What pages hand out addresses for: a clip that was opened, a sound that was rendered."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")

KEPT_MAX = 200
"""Most things that are kept at hand; the oldest go first."""


class HandedOut(Generic[T]):
    """Things under addresses nobody can guess, each for the one session that it was handed to.

    key = handed.put(token, path)
    handed.get(token, key)      # the path; None for any other session
    """

    def __init__(self, kept_max: int = KEPT_MAX) -> None:
        self._kept_max = kept_max
        self._lock = threading.Lock()
        self._things: OrderedDict[str, tuple[str, T]] = OrderedDict()

    def put(self, token: str, thing: T) -> str:
        """Keep `thing` for the session of `token`; return its key."""
        key = secrets.token_urlsafe(16)
        with self._lock:
            self._things[key] = (token, thing)
            while len(self._things) > self._kept_max:
                self._things.popitem(last=False)
        return key

    def get(self, token: str, key: str) -> T | None:
        """Return what `key` stands for, if it was handed to this session."""
        with self._lock:
            held = self._things.get(key)
        if held is None or not secrets.compare_digest(held[0], token):
            return None
        return held[1]
