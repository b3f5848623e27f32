"""A bucket of tokens for each device: one that floods is refused in time to keep the line free. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from wire.codec import WireError

MESSAGES_PER_S = 500.0
"""For a device in the long run: ten times what sixteen nodes send by the buttons, and enough for a backlog
in full batches as fast as the ledger takes it."""

MESSAGES_AT_ONCE = 1_000.0
"""After a pause: sixteen nodes that come back, each with all that it may send at once, several times over."""

PACED = "paced"
"""The reason that such refusals are counted under. Nothing is lost by one: facts stay in their outbox."""

DEVICES_MAX = 2_000
"""Most buckets kept; the fullest go first. More than a broker lets in."""


@dataclass
class _Bucket:
    tokens: float
    at_ms: int


class Buckets:
    """`check(device, now_ms)` for each message, before it is read."""

    def __init__(self, per_s: float = MESSAGES_PER_S, at_once: float = MESSAGES_AT_ONCE) -> None:
        self._per_ms = per_s / 1_000
        self._at_once = at_once
        self._buckets: dict[str, _Bucket] = {}

    def check(self, device: str, now_ms: int) -> None:
        """Take a token for a message of `device`; raises WireError `paced` when there is none."""
        bucket = self._buckets.get(device)
        if bucket is None:
            self._make_room()
            bucket = self._buckets[device] = _Bucket(self._at_once, now_ms)
        since_ms = max(0, now_ms - bucket.at_ms)
        bucket.tokens = min(self._at_once, bucket.tokens + since_ms * self._per_ms)
        bucket.at_ms = now_ms
        if bucket.tokens < 1:
            raise WireError(PACED, f"{device} sends more than {self._per_ms * 1_000:.0f} messages a second")
        bucket.tokens -= 1

    def __len__(self) -> int:
        """How many devices are remembered."""
        return len(self._buckets)

    def _make_room(self) -> None:
        if len(self._buckets) >= DEVICES_MAX:
            fullest = max(self._buckets, key=lambda device: self._buckets[device].tokens)
            del self._buckets[fullest]
