"""Whether a client that calls itself connected still is: it must hear an answer from the broker now and then.

The network thread of an MQTT client can end (an exception in a callback, an error of its library) while
`is_connected()` goes on saying yes: then nothing comes in any more, and nobody is told.
"""

from __future__ import annotations

BEAT_EVERY_MS = 10_000
"""How often the broker is asked for an answer: a QoS 1 message, whose acknowledgement is the answer."""

DEAD_AFTER_MS = 45_000
"""So long without any answer, and the client is built anew. A broker under its heaviest load answers within
seconds (bench/thousand.py)."""


class Pulse:
    """Decides when to ask, and when a client is given up. Times are milliseconds of a monotonic clock.

    pulse = Pulse(now_ms)
    if pulse.due(now_ms): publish …, and when it is acknowledged: pulse.heard(now_ms)
    if pulse.stopped(now_ms): build the client anew, and make a new Pulse
    """

    def __init__(self, now_ms: int) -> None:
        self._heard_ms = now_ms
        self._due_ms = now_ms + BEAT_EVERY_MS

    def due(self, now_ms: int) -> bool:
        """Tell whether the broker is to be asked now; asks for the next one from then on."""
        if now_ms < self._due_ms:
            return False
        self._due_ms = now_ms + BEAT_EVERY_MS
        return True

    def heard(self, now_ms: int) -> None:
        """The broker answered."""
        self._heard_ms = max(self._heard_ms, now_ms)

    def stopped(self, now_ms: int) -> bool:
        """Tell whether the broker has been silent for too long."""
        return now_ms - self._heard_ms > DEAD_AFTER_MS
