"""Whose clock is wrong: stamps that lie ahead of their own arrival tell of it. See docs/time.md.

A fact cannot arrive before it happened. Where a clock that calls itself synchronised stamps facts ahead of
the hub's time, one of the two is wrong: the device's, or the hub's. Several devices do not err together: then
it is the hub's. A stamp that lies behind its arrival says nothing, since facts may have waited for a link.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

from msgspec import Struct

from wire.facts import Moment

AHEAD_MS = 5_000
"""So far ahead of its arrival a stamp contradicts the hub's clock. Two synchronised clocks differ by 1 s at
most (twice true_time.SYNC_MS), and the way only takes time; a usual crystal (50 ppm) strays so far in 28
hours without a time server."""

LIVE_MS = 5_000
"""A fact stamped at most so long before it arrived was not waiting: it says that both clocks agree."""

HOLDS_MS = 15 * 60_000
"""What a device said of the clocks holds so long: each device tells how it feels every minute."""

SEVERAL = 2
"""So many devices ahead, at the least, speak against the hub's clock; one alone against its own."""

DEVICES_MAX = 1_000
"""Most devices remembered, the latest heard."""


class Word(Struct, frozen=True, gc=False):
    """What the newest telling fact of a device says: its stamp lay `ahead_ms` ahead of its arrival."""

    boot: str
    mono_ms: int
    received_ms: int
    ahead_ms: int

    @property
    def contradicts(self) -> bool:
        """Whether its clock and the hub's cannot both be right."""
        return self.ahead_ms > AHEAD_MS


class Doubts(Struct, frozen=True):
    """Clocks that seem wrong now."""

    hub_behind_ms: int | None = None
    """The hub's own is behind by at least so much; None: nothing speaks against it."""
    devices: Mapping[str, int] = {}
    """Devices whose clock is ahead of the hub's by so much; none where it is the hub's that is behind."""


def heed(known: Word | None, moment: Moment, received_ms: int) -> Word | None:
    """Return what is known of a device once a fact of it arrived at `received_ms`; None: still nothing.

    Facts say nothing that may have waited, that are older than what is known, or whose clock did not know.
    """
    ahead_ms = moment.at_ms - received_ms
    if not moment.synced or ahead_ms < -LIVE_MS:
        return known
    if known is not None and known.boot == moment.boot and moment.mono_ms < known.mono_ms:
        return known
    return Word(moment.boot, moment.mono_ms, received_ms, ahead_ms)


def judge(words: Mapping[str, Word], now_ms: int) -> Doubts:
    """Return whose clocks seem wrong at `now_ms`, by what each device said of late.

    Against the hub speak several devices, if they are more than those that agree with it. It is behind by
    what at least two of them say: one may be wrong by itself.
    """
    fresh = {device: word for device, word in words.items() if abs(now_ms - word.received_ms) <= HOLDS_MS}
    ahead = {device: word.ahead_ms for device, word in fresh.items() if word.contradicts}
    if len(ahead) < SEVERAL or len(ahead) <= len(fresh) - len(ahead):
        return Doubts(devices=ahead)
    return Doubts(hub_behind_ms=sorted(ahead.values())[-SEVERAL])


class ClockWatch:
    """Remember the last word of each device; for any thread. Costs the same for a batch of any length.

    watch.hear("loa-1", batch.facts[-1].moment, now_ms)
    watch.doubts(now_ms)
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._words: dict[str, Word] = {}

    def hear(self, device: str, moment: Moment, received_ms: int) -> None:
        """Take the stamp of the newest fact of a batch, and when it arrived by the hub's clock."""
        with self._lock:
            known = self._words.get(device)
            word = heed(known, moment, received_ms)
            if word is None or word is known:
                return
            self._words.pop(device, None)  # so that the first is who was silent longest
            self._words[device] = word
            if len(self._words) > DEVICES_MAX:
                del self._words[next(iter(self._words))]

    def doubts(self, now_ms: int) -> Doubts:
        """Return whose clocks seem wrong now."""
        with self._lock:
            words = dict(self._words)
        return judge(words, now_ms)
